"""DingTalk's stream mode: frames to whoever is connected, and again until somebody confirms."""

import json
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from tests.chat_stand_in import Connections, Json

MESSAGE = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"
TOPICS = {("CALLBACK", MESSAGE), ("CALLBACK", CARD)}


class StreamMode(Connections[Json]):
    def __init__(self) -> None:
        super().__init__()
        self._tickets: set[str] = set()

    def ticket(self, topics: Iterable[tuple[str, str]]) -> str:
        """Good for one connection; nothing is opened for less than is needed."""
        assert set(topics) == TOPICS
        ticket = f"ticket+{next(self._numbers)}"
        self._tickets.add(ticket)
        return ticket

    async def push(self, data: Json) -> str:
        """The id of its frame."""
        id = f"frame_{next(self._numbers)}"
        topic = CARD if data.get("type") == "actionCallback" else MESSAGE
        return await self._push(id, _frame("CALLBACK", topic, id, data))

    async def ask_to_leave(self) -> None:
        await self._tell_system("disconnect", {"reason": "persistence timeout"})

    async def ping(self) -> str:
        return await self._tell_system("ping", {"opaque": "1"})

    async def tell(self, frame: str) -> None:
        """Whatever it says."""
        for socket in list(self._open):
            await socket.send_str(frame)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.remove(ticket)
        return await super().serve(request)

    async def send(self, socket: web.WebSocketResponse, id: str, frame: Json) -> None:
        await socket.send_json(frame)

    async def hear(self, socket: web.WebSocketResponse, data: Any) -> None:
        answer = json.loads(data)
        id = answer.get("headers", {}).get("messageId", "")
        await self._confirm(id, answer, is_taken=answer.get("code") == 200)

    async def _tell_system(self, topic: str, data: Json) -> str:
        id = f"system_{next(self._numbers)}"
        await self.tell(json.dumps(_frame("SYSTEM", topic, id, data)))
        return id


def _frame(kind: str, topic: str, id: str, data: Json) -> Json:
    headers = {"topic": topic, "messageId": id, "contentType": "application/json"}
    return {"specVersion": "1.0", "type": kind, "headers": headers, "data": json.dumps(data)}
