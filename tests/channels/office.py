"""An inbox with people in it, and a browser for each of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.app import create_app
from bot.domain.agent import Agent, Role
from bot.services.staff import Staff
from tests.fakes import FakeBot, FakeCodes, FakePasswords

ORIGIN = "http://localhost"
PASSWORD = "correct horse battery"


@dataclass
class Clock:
    time: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **step: int) -> None:
        self.time += timedelta(**step)


@dataclass
class Browser:
    """Somebody's browser on a page of the inbox."""

    client: httpx.AsyncClient
    csrf: str = ""
    me: dict[str, Any] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {"Origin": str(self.client.base_url), "X-CSRF-Token": self.csrf}

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(f"/inbox{path}")

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self.client.post(f"/inbox{path}", json=body or {}, headers=self.headers)

    async def sign_in(
        self, email: str, password: str = PASSWORD, code: str | None = None
    ) -> httpx.Response:
        body = {"email": email, "password": password, "code": code}
        response = await self.post("/api/sign-in", body)
        if response.is_success:
            self.me = response.json()
            self.csrf = self.me["csrf"]
        return response


class Office:
    def __init__(self, bot: FakeBot | None = None) -> None:
        self.clock = Clock()
        self.agents = MemoryAgents(clock=self.clock)
        self.audit = self.agents.audit
        self.passwords, self.codes = FakePasswords(), FakeCodes()
        self.staff = Staff.of(self.agents, self.audit, self.passwords, self.codes, self.clock)
        self.bot = bot or FakeBot(store=MemoryStore())
        self.bot.employ(self.staff)
        self.app: FastAPI = create_app(self.bot)

    async def add(self, email: str, role: Role = Role.AGENT, **fields: Any) -> Agent:
        agent = replace(Agent(email, email.partition("@")[0].title(), role=role), **fields)
        return (await self.staff.administration.add(agent, PASSWORD)).agent

    @asynccontextmanager
    async def browser(
        self, email: str | None = None, origin: str = ORIGIN
    ) -> AsyncIterator[Browser]:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=origin) as client:
            browser = Browser(client)
            if email is not None:
                assert (await browser.sign_in(email)).status_code == 200
            yield browser

    def code_of(self, secret: str) -> str:
        """What an app that knows the secret shows now."""
        return f"{secret} {int(self.clock().timestamp() // 60) % 60}"

    def actions(self) -> list[str]:
        return [entry.event.action for entry in self.audit.log]


def slug(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    kind: str = response.json()["type"]
    return kind.removeprefix("/problems/")
