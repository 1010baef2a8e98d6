"""Desks elsewhere as a real HTTP server on this machine, which can behave as badly as they do.

A book keeps what a desk was told; the server stands in front of it and spoils requests on purpose.
"""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from tests.adapters.stores import Clock

LOGIN = b"<html><body><form>Sign in</form></body></html>"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def data(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    status: int
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None  # in place of the data
    content_type: str = "application/json"

    @property
    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.data is None else json.dumps(self.data).encode()


class Book(Protocol):
    """A desk without its network."""

    def answer(self, request: Request) -> Response: ...


@dataclass(frozen=True)
class Fault:
    """`answers` in place of the desk; `after`: the desk has done it all the same."""

    name: str
    answers: Response | None = None  # None: see `does`
    after: bool = False
    does: str = ""  # "reset", "hang", "drip"
    reads_too: bool = False  # requests that only look are spoiled as well


FAULTS = (
    Fault("created then connection reset", does="reset", after=True),
    Fault("created then 504", Response(504, raw=b"gateway time-out"), after=True),
    Fault("409 in progress", Response(409, {"error": "in progress"}), after=True),
    Fault("409 in progress, not done", Response(409, {"error": "in progress"})),
    Fault("422 for one field", Response(422, {"error": "RecordInvalid", "details": {"tier": []}})),
    Fault("401 all day", Response(401, {"error": "Couldn't authenticate you"}), reads_too=True),
    Fault("429 with Retry-After", Response(429, headers={"Retry-After": "120"}), reads_too=True),
    Fault("429 without", Response(429), reads_too=True),
    Fault("500", Response(500, {"error": "oops"}), reads_too=True),
    Fault("502 HTML", Response(502, raw=LOGIN, content_type="text/html"), reads_too=True),
    Fault("200 with a login page", Response(200, raw=LOGIN, content_type="text/html")),
    Fault("200 with a login page, done", Response(200, raw=LOGIN), after=True),
    Fault("301 to another host", Response(301, headers={"Location": "{elsewhere}"})),
    Fault("hang", does="hang", after=True),
    Fault("drip", does="drip", after=True),
    Fault("bad JSON", Response(201, raw=b'{"ticket": {"id": 1,'), after=True),
    Fault("wrong charset", Response(201, raw='{"x": "é"}'.encode("latin-1")), after=True),
    Fault("clock skew", Response(429, headers={"Retry-After": "{later}", "Date": "{skewed}"})),
)


class DeskServer:
    def __init__(self, book: Book, clock: Clock, elsewhere: str = "http://127.0.0.1:9/") -> None:
        self.book = book
        self.clock = clock
        self.elsewhere = elsewhere
        self.fault: Fault | None = None
        self.requests: list[Request] = []
        self.address = ""
        self._hanging: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        try:
            yield self.address
        finally:
            server.close()
            for task in self._hanging:
                task.cancel()
            await asyncio.gather(*self._hanging, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._hanging.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._respond(await _read(reader), writer)
        finally:
            self._hanging.discard(task)
            writer.close()

    async def _respond(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.requests.append(request)
        fault = self.fault
        if fault is None or not (request.writes or fault.reads_too):
            await _write(writer, self.book.answer(request))
            return
        if fault.after:
            self.book.answer(request)
        if fault.does == "reset":
            linger = struct.pack("ii", 1, 0)
            raw: socket.socket = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        elif fault.does:
            if fault.does == "hang":
                await asyncio.Event().wait()
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n")
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)
        elif fault.answers is not None:
            await _write(writer, self._filled(fault.answers))

    def _filled(self, response: Response) -> Response:
        """With the desk's own clock, which is a day ahead."""
        there = self.clock.time.replace(year=self.clock.time.year + 1)
        values = {
            "elsewhere": self.elsewhere,
            "skewed": format_datetime(there),
            "later": format_datetime(there.replace(minute=there.minute // 2 + 30)),
        }
        filled = {name: text.format(**values) for name, text in response.headers.items()}
        return Response(response.status, response.data, filled, response.raw, response.content_type)


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query)), headers, body)


async def _write(writer: asyncio.StreamWriter, response: Response) -> None:
    headers = {
        "Content-Type": response.content_type,
        "Content-Length": str(len(response.body)),
        "Connection": "close",
        **response.headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {response.status} X\r\n{head}\r\n".encode() + response.body)
    await writer.drain()
