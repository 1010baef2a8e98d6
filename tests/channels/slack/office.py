"""A bot at work in Slack: the whole application, and a Slack of our own on the other side."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from bot.adapters.memory_store import MemoryStore
from bot.app import create_app
from bot.bootstrap import Bot, build
from bot.channels.chat.program import customer_id
from bot.domain.conversation import Author, Conversation, Message
from bot.ports import Storage
from bot.settings import Settings
from bot.slack import SlackParts
from bot.slack_settings import Slack
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage
from tests.services.test_handoff import somebody
from tests.slack_server import (
    ANN,
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    TEAM,
    Json,
    SlackServer,
    request_of,
    slack_server,
)
from tests.web import call

QUESTION = "How many columns can a board have?"


@dataclass
class SlackOffice:
    slack: SlackServer
    bot: Bot
    http: httpx.AsyncClient

    @property
    def parts(self) -> SlackParts:
        parts = self.bot.chats["slack"]
        assert isinstance(parts, SlackParts)
        return parts

    @property
    def store(self) -> Storage:
        return self.bot.store

    async def post(self, body: Json, **headers: str) -> httpx.Response:
        """As Slack posts it."""
        content, own = request_of(body)
        return await self.http.post("/slack/events", content=content, headers={**own, **headers})

    async def take(self, *bodies: Json) -> None:
        """Posted one after another, then worked off with all that follows from it."""
        for body in bodies:
            assert (await self.post(body)).status_code == 200
        await self.work()

    async def work(self) -> None:
        """Events and turns to their ends, and one attempt at everything that is due."""
        while await self.parts.worker.work_off():
            await self.bot.turns.close()
        await self.bot.turns.close()
        while await self.bot.hand_over.outbox.deliver_due():
            pass

    async def conversations(self, user: str = ANN, team: str = TEAM) -> list[Conversation]:
        """The oldest first."""
        found = await self.store.conversations_of(customer_id("slack", team, user), 1000)
        return sorted(found, key=lambda one: one.created_at)

    async def said(self, user: str = ANN, team: str = TEAM) -> list[Message]:
        """In all of their conversations."""
        found = await self.conversations(user, team)
        return [one for each in found for one in await self.store.messages(each.id)]

    async def asked(self, user: str = ANN) -> list[str]:
        return [one.text for one in await self.said(user) if one.author is Author.CUSTOMER]

    async def answered(self, user: str = ANN) -> list[str]:
        return [one.text for one in await self.said(user) if one.author is Author.BOT]

    async def count_handled(self, user: str = ANN) -> Counter[str]:
        """How often each text was heard and each was answered."""
        said = await self.said(user)
        return Counter(f"{one.author.value}: {one.text}" for one in said)


def settings_of(socket: bool = False, http: bool = True, **slack: Any) -> Settings:
    return Settings(
        slack=Slack(
            bot_token=SecretStr(BOT_TOKEN),
            signing_secret=SecretStr(SIGNING_SECRET if http else ""),
            app_token=SecretStr(APP_TOKEN if socket else ""),
            **slack,
        )
    )


def open_bot(
    settings: Settings,
    slack: SlackServer | str,
    store: Storage | None = None,
    **parts: Any,
) -> Bot:
    clock = {"clock": parts["clock"]} if "clock" in parts else {}
    return build(
        settings,
        store=store or MemoryStore(**clock),
        retriever=parts.pop("retriever", None) or ScriptedRetriever(passage(COLUMNS)),
        staffed=somebody,
        slack_url=slack if isinstance(slack, str) else slack.url,
        **parts,
    )


@asynccontextmanager
async def slack_office(
    settings: Settings | None = None,
    store: Storage | None = None,
    slack: SlackServer | None = None,
    running: bool = False,
    **parts: Any,
) -> AsyncIterator[SlackOffice]:
    """`running`: with everything that runs beside requests; otherwise `work` does it."""
    async with AsyncExitStack() as stack:
        slack = slack or await stack.enter_async_context(slack_server())
        bot = open_bot(settings or settings_of(), slack, store, **parts)
        app = create_app(bot)
        if running:
            await stack.enter_async_context(app.router.lifespan_context(app))
        http = await stack.enter_async_context(call(app))
        office = SlackOffice(slack, bot, http)
        if not running:
            bot.hand_over.outbox.connect("slack", office.parts.courier)
        try:
            yield office
        finally:
            if not running:
                await bot.turns.close()
                await office.parts.close()


async def eventually(condition: Callable[[], Any]) -> None:
    """For what other tasks do meanwhile."""
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        await asyncio.sleep(0.01)
