"""A bot in a process of its own, that is killed: for who starts it, and what runs in it.

Its turns never end, so that everything it acknowledged is unfinished when it is killed.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.app import create_app
from bot.bootstrap import Bot
from bot.domain.conversation import Message
from bot.domain.reply import ReplyEvent, Stage, StageStarted
from bot.server import run_app

ROOT = Path(__file__).parents[1]


class ChatProcess:
    """As who started it knows it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> str:
        """The next one that it prints."""
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def leave(self) -> None:
        """As it is asked to when another release is started."""
        await self._end(signal.SIGTERM)
        assert self._process.returncode == 0

    async def _end(self, how: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(how)
        await self._process.communicate()


@asynccontextmanager
async def chat_process(module: str, *arguments: str) -> AsyncIterator[ChatProcess]:
    """Killed at the latest when it is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    started = ChatProcess(process)
    try:
        yield started
    finally:
        await started.kill()


def hang_turns(bot: Bot) -> None:
    bot.dialogue.respond = _hang  # type: ignore[method-assign]


async def run_hanging(bot: Bot) -> None:
    """Without a port: it is reached by the connection that it opens itself."""
    hang_turns(bot)
    await run_app(create_app(bot), asyncio.Event())


async def _hang(message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
    yield StageStarted(Stage.UNDERSTAND)
    await asyncio.Event().wait()
