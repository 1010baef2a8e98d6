"""The long connection of Feishu, in the frames that its package reads."""

import asyncio
import base64
import json
from typing import Any

from aiohttp import web

from tests.chat_stand_in import Connections, Json

CONTROL, DATA = 0, 1
SERVICE = 7


class LongConnections(Connections[bytes]):
    def __init__(self) -> None:
        super().__init__()
        self.pings = 0
        self.silent = 0  # so many of the first are open, and nothing comes
        self.ping_s: float = 120
        self.pieces = 1  # that an event comes in
        self.closed = asyncio.Event()  # one of them, from the other side

    async def push(self, body: Json) -> str:
        """Its frame's id."""
        return await self._push(f"frame-{next(self._numbers)}", json.dumps(body).encode())

    async def serve(self, request: web.Request) -> web.StreamResponse:
        socket = await super().serve(request)
        self.closed.set()
        return socket

    async def send(self, socket: web.WebSocketResponse, id: str, frame: bytes) -> None:
        size = -(-len(frame) // self.pieces)
        for seq in range(self.pieces):
            piece = _frame(DATA, {"type": "event", "message_id": id, "trace_id": id})
            piece.headers.add(key="sum", value=str(self.pieces))
            piece.headers.add(key="seq", value=str(seq))
            piece.payload = frame[seq * size : (seq + 1) * size]
            await socket.send_bytes(piece.SerializeToString())

    async def hear(self, socket: web.WebSocketResponse, data: Any) -> None:
        frame = _frame(CONTROL, {})
        frame.ParseFromString(data)
        told = {one.key: one.value for one in frame.headers}
        if frame.method == CONTROL:
            self.pings += 1
            if self.connected <= self.silent:
                return
            pong = _frame(CONTROL, {"type": "pong"})
            await socket.send_bytes(pong.SerializeToString())
            return
        answer = json.loads(frame.payload)
        if answer.get("data"):
            answer["data"] = json.loads(base64.b64decode(answer["data"]))
        await self._confirm(told["message_id"], answer, is_taken=answer["code"] == 200)

    async def _catch_up(self, socket: web.WebSocketResponse) -> None:
        if self.connected > self.silent:
            await super()._catch_up(socket)


def _frame(method: int, headers: dict[str, str]) -> Any:
    from lark_oapi.ws.pb.pbbp2_pb2 import Frame

    frame = Frame(SeqID=1, LogID=1, service=SERVICE, method=method)
    for key, value in headers.items():
        frame.headers.add(key=key, value=value)
    return frame
