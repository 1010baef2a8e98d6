"""The HTTP API as a program speaks it, cheap enough to share the cores with the server."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

HOST = "127.0.0.1"


class RequestRefused(Exception):
    """The server answered with a problem."""


class Visitor:
    """One connection, kept alive, and the conversation of the moment."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._conversation = ""
        self._token = ""
        self._asked = 0

    async def start_conversation(self) -> None:
        answer = await self._post("/v1/conversations", {})
        self._conversation, self._token = answer["conversation"], answer["token"]

    async def ask(self, text: str) -> dict[str, Any]:
        """The reply object of a stored turn."""
        self._asked += 1
        body = {"text": text, "client_message_id": str(self._asked)}
        return await self._post(f"/v1/conversations/{self._conversation}/messages", body)

    async def _post(self, path: str, body: Mapping[str, str]) -> dict[str, Any]:
        data = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        self._writer.write(head.encode() + data)
        status, content = await self._response()
        answer: dict[str, Any] = json.loads(content)
        if status >= 400:
            raise RequestRefused(f"{path}: {status} {answer.get('title', '')}")
        return answer

    async def _response(self) -> tuple[int, bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines)
        content = await self._reader.readexactly(int(fields["content-length"]))
        return int(first.split()[1]), content


@asynccontextmanager
async def visit(port: int) -> AsyncIterator[Visitor]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield Visitor(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()
