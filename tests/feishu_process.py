"""A process of its own over the long connection: `python -m tests.feishu_process DATABASE URL`."""

import asyncio
import sys

from bot.adapters.sql_store import SqlStore
from tests.channels.chat.office import build_bot
from tests.channels.feishu.office import settings_of
from tests.chat_process import run_hanging


async def main(database: str, feishu: str) -> None:
    store = await SqlStore.open(database)
    await run_hanging(build_bot(settings_of(feishu, posted=False), store))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
