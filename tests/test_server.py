"""The server as a process: what it does when it is asked to leave."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web import Event, Visitor, read_events

pytestmark = pytest.mark.models

REPOSITORY = Path(__file__).parents[1]
LISTENS = re.compile(r"listens on (http://\S+);")
LONGEST_S = 300.0  # for a machine with other work; the server itself would wait 20 s


class Server:
    """A `firstline serve` of its own, without an index; `log` is what it said so far."""

    def __init__(self, home: Path, workers: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve", "--port", "0", "--workers", str(workers)],
            cwd=REPOSITORY,
            env=os.environ | {"FIRSTLINE_HOME": str(home)},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log = ""
        while not LISTENS.search(self.log):
            assert self.process.stderr is not None
            line = self.process.stderr.readline()
            assert line, f"the server ended: {self.log}"
            self.log += line
        self.address = LISTENS.findall(self.log)[0]

    def leave(self, number: signal.Signals) -> int:
        """Ends it with a signal; gives its exit status, negative for that signal."""
        self.process.send_signal(number)
        _, rest = self.process.communicate(timeout=LONGEST_S)
        self.log += rest
        return self.process.returncode


@pytest.fixture(params=[1, 2])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(tmp_path, request.param)
    yield server
    server.process.kill()
    server.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_open_streams_do_not_hold_it_up(server: Server, number: signal.Signals) -> None:
    async with httpx.AsyncClient(base_url=server.address, timeout=LONGEST_S) as client:
        visitor = await Visitor.arrive(client)
        stream = client.stream("GET", f"{visitor.url}/events", headers=visitor.headers)
        async with stream as response:
            assert response.status_code == 200
            status = server.leave(number)
            events = [e async for e in read_events(response) if isinstance(e, Event)]  # to its end
    assert status in (0, -number, 128 + number), server.log
    assert events == []
    # It says so when it waited in vain and cut off what was left.
    assert "graceful shutdown exceeded" not in server.log
    assert "Traceback" not in server.log
