"""A process of its own in stream mode: `python -m tests.dingtalk_process DATABASE DINGTALK_URL`."""

import asyncio
import sys

from bot.adapters.sql_store import SqlStore
from tests.channels.dingtalk.office import open_bot, settings_of
from tests.chat_process import run_hanging


async def main(database: str, dingtalk: str) -> None:
    store = await SqlStore.open(database)
    await run_hanging(open_bot(settings_of(http=False), dingtalk, store))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
