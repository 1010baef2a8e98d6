"""DingTalk's stream mode: frames to whoever is connected, and again until somebody confirms."""

import asyncio
import json
from collections.abc import Iterable
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]

MESSAGE = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"
TOPICS = {("CALLBACK", MESSAGE), ("CALLBACK", CARD)}


class StreamMode:
    def __init__(self) -> None:
        self.connected = 0  # connections so far
        self.acknowledged: list[str] = []  # message ids
        self.refused: list[Json] = []  # acknowledgements that are none
        self._tickets: set[str] = set()
        self._waiting: dict[str, Json] = {}
        self._open: list[web.WebSocketResponse] = []
        self._requests: list[web.Request] = []
        self._news = asyncio.Condition()
        self._numbers = count(1)

    def ticket(self, topics: Iterable[tuple[str, str]]) -> str:
        """Good for one connection; nothing is opened for less than is needed."""
        assert set(topics) == TOPICS
        ticket = f"ticket+{next(self._numbers)}"
        self._tickets.add(ticket)
        return ticket

    async def push(self, data: Json) -> str:
        """Send it, and let it be sent again to others; the id of its frame."""
        id = f"frame_{next(self._numbers)}"
        topic = CARD if data.get("type") == "actionCallback" else MESSAGE
        headers = {"topic": topic, "messageId": id, "contentType": "application/json"}
        frame = {"specVersion": "1.0", "type": "CALLBACK", "headers": headers}
        self._waiting[id] = {**frame, "data": json.dumps(data)}
        for socket in list(self._open):
            await self._send(socket, id)
        return id

    async def push_again(self) -> None:
        """What nobody has confirmed."""
        for id in list(self._waiting):
            for socket in list(self._open):
                await self._send(socket, id)

    async def all_acknowledged(self) -> None:
        async with self._news:
            await self._news.wait_for(lambda: not self._waiting)

    async def has_connected(self, times: int = 1) -> None:
        async with self._news:
            await self._news.wait_for(lambda: self.connected >= times and bool(self._open))

    def cut(self) -> None:
        """Every connection ends without a word."""
        self._open.clear()
        for request in self._requests:
            if request.transport is not None:
                request.transport.abort()

    async def ask_to_leave(self) -> None:
        await self._tell_system("disconnect", {"reason": "persistence timeout"})

    async def ping(self) -> str:
        return await self._tell_system("ping", {"opaque": "1"})

    async def tell(self, frame: str) -> None:
        """Whatever it says."""
        for socket in list(self._open):
            await socket.send_str(frame)

    async def close(self) -> None:
        for socket in list(self._open):
            await socket.close()

    async def serve(self, request: web.Request) -> web.WebSocketResponse | web.Response:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.append(socket)
        self._requests.append(request)
        async with self._news:
            self.connected += 1
            self._news.notify_all()
        try:
            for id in list(self._waiting):
                await self._send(socket, id)
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._confirm(json.loads(frame.data))
        finally:
            if socket in self._open:
                self._open.remove(socket)
            self._requests.remove(request)
        return socket

    async def _tell_system(self, topic: str, data: Json) -> str:
        id = f"system_{next(self._numbers)}"
        headers = {"topic": topic, "messageId": id, "contentType": "application/json"}
        frame = {"specVersion": "1.0", "type": "SYSTEM", "headers": headers}
        for socket in list(self._open):
            await socket.send_json({**frame, "data": json.dumps(data)})
        return id

    async def _send(self, socket: web.WebSocketResponse, id: str) -> None:
        if id in self._waiting:
            try:
                await socket.send_json(self._waiting[id])
            except ConnectionError:
                return  # the next one gets it

    async def _confirm(self, answer: Json) -> None:
        id = answer.get("headers", {}).get("messageId", "")
        if answer.get("code") != 200:
            self.refused.append(answer)
            return
        self._waiting.pop(id, None)
        self.acknowledged.append(id)
        async with self._news:
            self._news.notify_all()
