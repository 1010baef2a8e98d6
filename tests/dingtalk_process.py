"""A process of its own in stream mode: `python -m tests.dingtalk_process DATABASE DINGTALK_URL`.

Its turns never end, so that everything it acknowledged is unfinished when it is killed.
"""

import asyncio
import sys

from bot.adapters.sql_store import SqlStore, upgrade
from bot.app import create_app
from bot.server import run_app
from tests.channels.dingtalk.office import open_bot, settings_of
from tests.slack_process import hang


async def main(database: str, dingtalk: str) -> None:
    await upgrade(database)
    bot = open_bot(settings_of(http=False), dingtalk, await SqlStore.open(database))
    bot.dialogue.respond = hang  # type: ignore[method-assign]
    await run_app(create_app(bot), asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
