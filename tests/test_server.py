"""The server as a process: what it does when it is asked to leave, and with those who stall."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from bot.server import PatientProtocol
from tests.web import Event, Visitor, read_events, serve, until

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
        return self.wait()

    def wait(self) -> int:
        _, rest = self.process.communicate(timeout=LONGEST_S)
        self.log += rest
        return self.process.returncode

    def connect(self) -> socket.socket:
        host, _, port = self.address.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)))


@pytest.fixture(params=[1, 2])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(tmp_path, request.param)
    yield server
    server.process.kill()
    server.process.communicate()


@pytest.mark.models
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_open_streams_do_not_hold_it_up(server: Server, number: signal.Signals) -> None:
    async with httpx.AsyncClient(base_url=server.address, timeout=LONGEST_S) as client:
        visitor = await Visitor.arrive(client)
        stream = client.stream("GET", f"{visitor.url}/events", headers=visitor.headers)
        async with stream as response:
            assert response.status_code == 200
            arriving = read_events(response)
            first = await anext(arriving)
            status = server.leave(number)
            rest = [event async for event in arriving]  # to its end
    assert status in (0, -number, 128 + number), server.log
    assert isinstance(first, Event)
    assert (first.name, first.data) == ("status", {"status": "pending"})
    assert rest[-1] == "retry: 1000"
    # It says so when it waited in vain and cut off what was left.
    assert "graceful shutdown exceeded" not in server.log
    assert "Traceback" not in server.log


@pytest.mark.models
async def test_a_leaving_server_says_so_and_lets_nobody_wait_for_events(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.address, timeout=LONGEST_S) as client:
        visitor = await Visitor.arrive(client)
        follow = client.stream("GET", f"{visitor.url}/events", headers=visitor.headers)
        async with follow as response:
            server.process.send_signal(signal.SIGTERM)
            _ = [event async for event in read_events(response)]  # it has heard the signal
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "leaving")
        late = await client.get(f"{visitor.url}/events", headers=visitor.headers)
        assert late.text == "retry: 1000\n\n"
    server.wait()
    assert "Traceback" not in server.log


@pytest.mark.models
async def test_a_second_signal_ends_it_at_once(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.address, timeout=LONGEST_S) as client:
        await client.get("/healthz")
    with server.connect() as unfinished:  # a request whose end never comes holds the server up
        unfinished.sendall(b"POST /v1/search HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        server.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(2)  # well beyond the notice, well within the grace
        assert server.process.poll() is None
        server.leave(signal.SIGINT)
    # It says so when the grace was over.
    assert "graceful shutdown exceeded" not in server.log


class ImpatientProtocol(PatientProtocol):
    patience_s = 0.2


LARGE_BYTES = 20 * 1024 * 1024  # more than sockets hold


class Flood:
    """An application that sends a stream without end to whoever reads."""

    def __init__(self) -> None:
        self.sent = 0
        self.ended = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.create_task(self._disconnect(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
            self.sent += 1
            await asyncio.sleep(0)
        self.ended = True

    async def _disconnect(self, receive: Receive) -> None:
        message: Any = {}
        while message.get("type") != "http.disconnect":
            message = await receive()


async def test_a_reader_who_takes_nothing_is_cut_off() -> None:
    flood = Flood()
    async with serve(flood, lifespan="off", http=ImpatientProtocol) as url:
        _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: flood.ended)
        writer.close()
    assert flood.sent > 0


async def test_a_reader_who_goes_on_reading_is_not() -> None:
    flood = Flood()
    async with serve(flood, lifespan="off", http=ImpatientProtocol) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        loop = asyncio.get_running_loop()
        until_s = loop.time() + 3 * ImpatientProtocol.patience_s
        while loop.time() < until_s:
            assert await reader.read(65536)
        assert not flood.ended
        writer.close()
        await until(lambda: flood.ended)


async def send_whole(scope: Scope, receive: Receive, send: Send) -> None:
    """A response that is one large piece, as an image is."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": bytes(LARGE_BYTES)})


async def test_a_slow_reader_gets_all_of_a_large_response() -> None:
    async with serve(send_whole, lifespan="off", http=ImpatientProtocol) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        taken_bytes = 0
        while part := await reader.read(LARGE_BYTES // 100):
            taken_bytes += len(part)
            await asyncio.sleep(ImpatientProtocol.patience_s / 25)
        assert taken_bytes > LARGE_BYTES
        writer.close()


# Proxies


async def statuses_behind(server: Server, forwarded: list[str]) -> list[int]:
    """Of searches that a proxy of this machine says it forwards for these addresses over TLS."""
    site = {"Host": "bot.example", "Origin": "https://bot.example", "X-Forwarded-Proto": "https"}
    async with httpx.AsyncClient(base_url=server.address, timeout=LONGEST_S) as client:
        return [
            (
                await client.post("/v1/conversations", headers=site | {"X-Forwarded-For": address})
            ).status_code
            for address in forwarded
        ]


@pytest.fixture
def start_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(**settings: str) -> Server:
        for name, value in settings.items():
            monkeypatch.setenv(f"FIRSTLINE_WEB__{name.upper()}", value)
        servers.append(Server(tmp_path, 1))
        return servers[-1]

    yield start
    for server in servers:
        server.process.kill()
        server.process.communicate()


@pytest.mark.models
async def test_a_trusted_proxy_is_believed(start_server: Callable[..., Server]) -> None:
    server = start_server(trusted_proxies="10.0.0.0/8,127.0.0.1", rate_limit="1")
    others = [f"198.51.100.{number}" for number in range(8)]
    assert await statuses_behind(server, others) == [201] * 8
    # What the client itself had written stands to the left of what the proxy adds.
    spoofed = [f"192.0.2.{number}, 203.0.113.9" for number in range(6)]
    assert await statuses_behind(server, spoofed) == [201] * 5 + [429]


@pytest.mark.models
@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8"])
async def test_who_is_no_trusted_proxy_is_not_believed(
    start_server: Callable[..., Server], trusted: str
) -> None:
    server = start_server(trusted_proxies=trusted, rate_limit="1")
    assert await statuses_behind(server, ["198.51.100.1"]) == [403]  # the scheme is not its own
    async with httpx.AsyncClient(base_url=server.address, timeout=LONGEST_S) as client:
        statuses = [
            (
                await client.post(
                    "/v1/conversations", headers={"X-Forwarded-For": f"198.51.100.{number}"}
                )
            ).status_code
            for number in range(6)
        ]
    assert statuses == [201] * 5 + [429]
