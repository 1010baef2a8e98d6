"""The long connection of Feishu, in the frames that its package reads."""

import asyncio
import base64
import json
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

Json = dict[str, Any]

CONTROL, DATA = 0, 1
SERVICE = 7


class LongConnections:
    """Sends what is due to whoever is connected, and again to the next where nobody confirmed."""

    def __init__(self) -> None:
        self.connected = 0  # connections so far
        self.pings = 0
        self.answers: dict[str, list[Json]] = {}  # acknowledgements, by the frame's id
        self.pieces = 1  # that an event comes in
        self.closed = asyncio.Event()  # one of them, from the other side
        self._waiting: dict[str, bytes] = {}
        self._open: list[web.WebSocketResponse] = []
        self._requests: list[web.Request] = []
        self._news = asyncio.Condition()
        self._numbers = count(1)

    async def push(self, body: Json) -> str:
        """Send it, and let it be sent again to others; its frame's id."""
        id = f"frame-{next(self._numbers)}"
        self._waiting[id] = json.dumps(body).encode()
        for socket in list(self._open):
            await self._send(socket, id)
        return id

    async def push_again(self) -> None:
        """Whatever nobody took."""
        for id in list(self._waiting):
            for socket in list(self._open):
                await self._send(socket, id)

    async def all_acknowledged(self) -> None:
        async with self._news:
            await self._news.wait_for(lambda: not self._waiting)

    async def has_connected(self, times: int = 1) -> None:
        async with self._news:
            await self._news.wait_for(lambda: self.connected >= times)

    async def answered(self, id: str) -> Json:
        """The last acknowledgement of a frame."""
        async with self._news:
            await self._news.wait_for(lambda: self.answers.get(id))
        return self.answers[id][-1]

    def cut(self) -> None:
        """Every connection ends without a word."""
        for request in self._requests:
            if request.transport is not None:
                request.transport.abort()
        self._requests.clear()
        self._open.clear()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._open.append(socket)
        self._requests.append(request)
        async with self._news:
            self.connected += 1
            self._news.notify_all()
        for id in list(self._waiting):
            await self._send(socket, id)
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await self._hear(socket, message.data)
        if socket in self._open:
            self._open.remove(socket)
            self._requests.remove(request)
        self.closed.set()
        return socket

    async def _send(self, socket: web.WebSocketResponse, id: str) -> None:
        payload = self._waiting.get(id, b"")
        size = -(-len(payload) // self.pieces)
        for seq in range(self.pieces):
            frame = _frame(DATA, {"type": "event", "message_id": id, "trace_id": id})
            frame.headers.add(key="sum", value=str(self.pieces))
            frame.headers.add(key="seq", value=str(seq))
            frame.payload = payload[seq * size : (seq + 1) * size]
            try:
                await socket.send_bytes(frame.SerializeToString())
            except (ConnectionError, RuntimeError):
                return

    async def _hear(self, socket: web.WebSocketResponse, data: bytes) -> None:
        frame = _frame(CONTROL, {})
        frame.ParseFromString(data)
        told = {one.key: one.value for one in frame.headers}
        if frame.method == CONTROL:
            self.pings += 1
            pong = _frame(CONTROL, {"type": "pong"})
            await socket.send_bytes(pong.SerializeToString())
            return
        answer = json.loads(frame.payload)
        if answer.get("data"):
            answer["data"] = json.loads(base64.b64decode(answer["data"]))
        async with self._news:
            self.answers.setdefault(told["message_id"], []).append(answer)
            if answer["code"] == 200:
                self._waiting.pop(told["message_id"], None)
            self._news.notify_all()


def _frame(method: int, headers: dict[str, str]) -> Any:
    from lark_oapi.ws.pb.pbbp2_pb2 import Frame

    frame = Frame(SeqID=1, LogID=1, service=SERVICE, method=method)
    for key, value in headers.items():
        frame.headers.add(key=key, value=value)
    return frame
