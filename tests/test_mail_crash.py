"""A process is killed at any step between a mail and its answer; the next one goes on."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.channels.mail_office import asks
from tests.mail_server import ImapBox, SmtpSink, imap_server, smtp_sink

QUESTION = "How many columns can a board have?"
PERSON = "I want to talk to a human"
FEWEST_STEPS = 20  # of the way of a mail to its answer; fewer were not all counted
MOST_STEPS = 200


@dataclass
class Sweep:
    """A program that is killed again and again, beside the two servers it speaks to."""

    process: asyncio.subprocess.Process
    box: ImapBox
    sink: SmtpSink
    pid: "asyncio.Future[int]"

    async def live(self, step: int) -> bool:
        """One process that dies at the step, or from outside, and one that finishes what it left;
        whether the first one died."""
        self.sink.mails.clear()
        self.pid = asyncio.get_running_loop().create_future()
        assert self.process.stdin is not None
        self.process.stdin.write(f"{step}\n".encode())
        self.pid.set_result(int(await self._line()))
        outcome = await self._line()
        return outcome == "died"

    def killing(self, step: str) -> Callable[[str], Awaitable[None]]:
        """How a server behaves to which it comes no further than to that step, once."""

        async def behave(said: str) -> None:
            if said.upper().startswith(step):
                self.box.behave = self.sink.behave = None
                os.kill(await self.pid, signal.SIGKILL)

        return behave

    async def _line(self) -> str:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        line = (await self.process.stdout.readline()).decode().strip()
        assert line, (await self.process.stderr.read()).decode()
        return line


@asynccontextmanager
async def sweeping(url: str, way: str, text: str) -> AsyncIterator[Sweep]:
    async with imap_server(ImapBox()) as box, smtp_sink(SmtpSink()) as sink:
        box.add(asks(text))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.mail_sweep"),
            *(url, way, text, str(box.port), str(sink.port)),
            cwd=Path(__file__).parents[1],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        yield Sweep(process, box, sink, asyncio.get_running_loop().create_future())
        assert process.stdin is not None
        process.stdin.close()
        _, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()


@pytest.mark.parametrize(
    ("way", "text", "mails", "stride"), [("imap", QUESTION, 1, 1), ("webhook", PERSON, 2, 2)]
)
async def test_whenever_it_dies_there_is_one_conversation_and_one_answer(
    database: str, way: str, text: str, mails: int, stride: int
) -> None:
    doubled = []
    async with sweeping(database, way, text) as sweep:
        for step in range(1, MOST_STEPS, stride):
            has_died = await sweep.live(step)
            times = Counter(sweep.sink.ids)
            assert len(times) == mails, step
            assert max(times.values()) <= 2, step
            if max(times.values()) == 2:
                doubled.append(step)
            if not has_died:
                break
    assert step > FEWEST_STEPS
    # Only between a mail that left and the commit that says so.
    assert len(doubled) <= 4 * mails / stride, doubled


async def test_killed_while_the_mail_server_listens(database: str) -> None:
    """What was handed over is sent once more, as nobody can tell whether it was taken."""
    async with sweeping(database, "webhook", QUESTION) as sweep:
        for said, times in {"RCPT": 1, "TAKEN": 2}.items():
            sweep.sink.behave = sweep.killing(said)
            assert await sweep.live(0), said
            assert list(Counter(sweep.sink.ids).values()) == [times]


async def test_killed_while_the_mailbox_is_read(database: str) -> None:
    async with sweeping(database, "imap", QUESTION) as sweep:
        for command in ("LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE"):
            sweep.box.behave = sweep.killing(command)
            assert await sweep.live(0), command
            assert len(sweep.sink.ids) == 1
        assert not await sweep.live(0)
