"""A server of its own process: `python -m tests.feishu_process DATABASE FEISHU_URL`.

Its turns never end, so that everything it acknowledged is unfinished when it is killed. It is
reached by the long connection alone.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

from bot.adapters.sql_store import SqlStore, upgrade
from bot.app import create_app
from bot.domain.conversation import Message
from bot.domain.reply import ReplyEvent, Stage, StageStarted
from tests.channels.feishu.office import open_bot, settings_of
from tests.web import serve


async def hang(message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
    yield StageStarted(Stage.UNDERSTAND)
    await asyncio.Event().wait()


async def main(database: str, feishu: str) -> None:
    await upgrade(database)
    bot = open_bot(settings_of(feishu, posted=False), await SqlStore.open(database))
    bot.dialogue.respond = hang  # type: ignore[method-assign]
    async with serve(create_app(bot)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
