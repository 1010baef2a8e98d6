"""A server of its own process: `python -m tests.slack_process DATABASE SLACK_URL [TRIAGE]`.

With a triage channel it works as any does. Without one its turns never end, so that everything it
acknowledged is unfinished when it is killed. Prints its address once it listens.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from bot.adapters.sql_store import SqlStore, upgrade
from bot.app import create_app
from bot.domain.conversation import Message
from bot.domain.reply import ReplyEvent, Stage, StageStarted
from tests.channels.slack.office import open_bot, settings_of
from tests.slack_server import Json, request_of
from tests.web import serve

ROOT = Path(__file__).parents[1]


class SlackProcess:
    """As who started it knows it."""

    def __init__(self, process: asyncio.subprocess.Process, http: httpx.AsyncClient) -> None:
        self._process = process
        self._http = http

    async def post(self, body: Json) -> None:
        content, headers = request_of(body)
        answer = await self._http.post("/slack/events", content=content, headers=headers)
        assert answer.status_code == 200

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        await self._process.communicate()


@asynccontextmanager
async def slack_process(database: str, slack: str, *triage: str) -> AsyncIterator[SlackProcess]:
    """Killed at the latest when it is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.slack_process", database, slack, *triage),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=address, timeout=60) as http:
        started = SlackProcess(process, http)
        try:
            yield started
        finally:
            await started.kill()


async def hang(message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
    yield StageStarted(Stage.UNDERSTAND)
    await asyncio.Event().wait()


async def main(database: str, slack: str, triage: str = "") -> None:
    await upgrade(database)
    settings = settings_of(triage_channel=triage)
    bot = open_bot(settings, slack, await SqlStore.open(database))
    if not triage:
        bot.dialogue.respond = hang  # type: ignore[method-assign]
    async with serve(create_app(bot)) as address:
        print(address, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
