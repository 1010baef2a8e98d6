"""A server of its own process: `python -m tests.slack_process DATABASE SLACK_URL [TRIAGE]`.

With a triage channel it works as any does; without one its turns never end. Prints its address once
it listens.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from bot.adapters.sql_store import SqlStore
from bot.app import create_app
from tests.channels.slack.office import open_bot, settings_of
from tests.chat_process import ChatProcess, chat_process, hang_turns
from tests.slack_server import Json, request_of
from tests.web import serve


class SlackProcess:
    """As who started it knows it."""

    def __init__(self, process: ChatProcess, http: httpx.AsyncClient) -> None:
        self._http = http
        self.kill, self.leave = process.kill, process.leave

    async def post(self, body: Json) -> None:
        content, headers = request_of(body)
        answer = await self._http.post("/slack/events", content=content, headers=headers)
        assert answer.status_code == 200


@asynccontextmanager
async def slack_process(database: str, slack: str, *triage: str) -> AsyncIterator[SlackProcess]:
    """Killed at the latest when it is left."""
    async with chat_process("tests.slack_process", database, slack, *triage) as process:
        address = await process.line()
        async with httpx.AsyncClient(base_url=address, timeout=60) as http:
            yield SlackProcess(process, http)


async def main(database: str, slack: str, triage: str = "") -> None:
    settings = settings_of(triage_channel=triage)
    bot = open_bot(settings, slack, await SqlStore.open(database))
    if not triage:
        hang_turns(bot)
    async with serve(create_app(bot)) as address:
        is_left = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, is_left.set)
        print(address, flush=True)
        await is_left.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
