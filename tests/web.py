"""An application under test: called directly, or served on a port of its own."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp


async def until(condition: Callable[[], bool]) -> None:
    while True:
        if condition():
            return
        await asyncio.sleep(0.005)


def call(app: FastAPI) -> httpx.AsyncClient:
    """Requests without a network; responses arrive whole."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@asynccontextmanager
async def serve(
    app: ASGIApp,
    lifespan: Literal["on", "off"] = "on",
    http: type[asyncio.Protocol] | Literal["auto"] = "auto",
) -> AsyncIterator[str]:
    """The application behind a real server; gives its address."""
    config = uvicorn.Config(
        app, http=http, log_config=None, lifespan=lifespan, ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # `_serve` leaves the process's signal handlers alone, which `serve` would replace.
        serving = asyncio.create_task(server._serve([listener]))
        await until(lambda: server.started or serving.done())
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@dataclass(frozen=True)
class Event:
    id: str
    name: str
    data: Any


async def read_events(response: httpx.Response) -> AsyncIterator[Event | str]:
    """Events, and comments and times to reconnect as plain strings, as they arrive."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line.startswith((":", "retry:")):
            yield line
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Event(fields.get("id", ""), fields["event"], json.loads(fields["data"]))
            fields = {}


async def read_messages(response: httpx.Response) -> AsyncIterator[Event]:
    """Of a conversation's events only the messages."""
    async for event in read_events(response):
        if isinstance(event, Event) and event.name == "message":
            yield event


def parse_events(text: str) -> list[Event]:
    blocks = [block for block in text.split("\n\n") if block and not block.startswith(":")]
    parsed = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]
    return [Event(p.get("id", ""), p["event"], json.loads(p["data"])) for p in parsed]


@dataclass(frozen=True)
class Visitor:
    """A customer with a conversation of their own."""

    client: httpx.AsyncClient
    conversation: str
    token: str

    @classmethod
    async def arrive(cls, client: httpx.AsyncClient, **body: Any) -> "Visitor":
        created = (await client.post("/v1/conversations", json=body)).json()
        return cls(client, created["conversation"], created["token"])

    @property
    def url(self) -> str:
        return f"/v1/conversations/{self.conversation}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def ask(self, text: str, key: str = "k", **headers: str) -> httpx.Response:
        return await self.client.post(
            f"{self.url}/messages",
            json={"text": text, "client_message_id": key},
            headers=self.headers | {name.replace("_", "-"): v for name, v in headers.items()},
        )
