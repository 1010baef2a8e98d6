"""What stand-ins of chat programs have in common: a port, and the connections that bots open."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, Generic, TypeVar

from aiohttp import WSMsgType, web

Json = dict[str, Any]
Frame = TypeVar("Frame")


@asynccontextmanager
async def listen(app: web.Application) -> AsyncIterator[str]:
    """On a port of its own; gives its address."""
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Connections(ABC, Generic[Frame]):
    """Send what is due to whoever is connected, and again to the next where nobody confirmed."""

    def __init__(self) -> None:
        self.connected = 0  # connections so far
        self.answers: dict[str, list[Json]] = {}  # acknowledgements, by the frame's id
        self._waiting: dict[str, Frame] = {}
        self._open: dict[web.WebSocketResponse, web.Request] = {}
        self._news = asyncio.Condition()
        self._numbers = count(1)

    @abstractmethod
    async def send(self, socket: web.WebSocketResponse, id: str, frame: Frame) -> None: ...

    @abstractmethod
    async def hear(self, socket: web.WebSocketResponse, data: Any) -> None: ...

    async def welcome(self, socket: web.WebSocketResponse) -> None:
        """Before anything else is sent."""

    async def push_again(self) -> None:
        """What nobody has confirmed."""
        for id in list(self._waiting):
            await self._send_to_all(id)

    async def has_connected(self, times: int = 1) -> None:
        """And still is."""
        async with self._news:
            await self._news.wait_for(lambda: self.connected >= times and bool(self._open))

    async def all_acknowledged(self) -> None:
        async with self._news:
            await self._news.wait_for(lambda: not self._waiting)

    async def answered(self, id: str) -> Json:
        """The last acknowledgement of a frame."""
        async with self._news:
            await self._news.wait_for(lambda: id in self.answers)
        return self.answers[id][-1]

    def cut(self) -> None:
        """Every connection ends without a word."""
        for request in self._open.values():
            if request.transport is not None:
                request.transport.abort()
        self._open.clear()

    async def close(self) -> None:
        for socket in list(self._open):
            await socket.close()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self.welcome(socket)
        self._open[socket] = request
        async with self._news:
            self.connected += 1
            self._news.notify_all()
        try:
            await self._catch_up(socket)
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await self.hear(socket, message.data)
        finally:
            self._open.pop(socket, None)
        return socket

    async def _push(self, id: str, frame: Frame) -> str:
        """Send it, and let it be sent again to others."""
        self._waiting[id] = frame
        await self._send_to_all(id)
        return id

    async def _confirm(self, id: str, answer: Json, *, is_taken: bool = True) -> None:
        async with self._news:
            self.answers.setdefault(id, []).append(answer)
            if is_taken:
                self._waiting.pop(id, None)
            self._news.notify_all()

    async def _catch_up(self, socket: web.WebSocketResponse) -> None:
        for id in list(self._waiting):
            await self._send(socket, id)

    async def _send_to_all(self, id: str) -> None:
        for socket in list(self._open):
            await self._send(socket, id)

    async def _send(self, socket: web.WebSocketResponse, id: str) -> None:
        if id in self._waiting:
            with suppress(ConnectionError, RuntimeError):  # the next one gets it
                await self.send(socket, id, self._waiting[id])
