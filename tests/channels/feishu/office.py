"""A bot at work in Feishu: the whole application, and a Feishu of our own on the other side."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
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
from bot.feishu import FeishuParts
from bot.feishu_settings import Feishu
from bot.ports import Storage
from bot.settings import Settings
from tests.feishu_server import (
    ANN,
    APP_ID,
    APP_SECRET,
    ENCRYPT_KEY,
    TEAM,
    VERIFICATION_TOKEN,
    FeishuServer,
    Json,
    feishu_server,
    request_of,
)
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage
from tests.services.test_handoff import somebody
from tests.web import call

QUESTION = "How many columns can a board have?"


@dataclass
class FeishuOffice:
    feishu: FeishuServer
    bot: Bot
    http: httpx.AsyncClient

    @property
    def parts(self) -> FeishuParts:
        parts = self.bot.chats["feishu"]
        assert isinstance(parts, FeishuParts)
        return parts

    @property
    def store(self) -> Storage:
        return self.bot.store

    async def post(self, body: Json, **headers: str) -> httpx.Response:
        """As Feishu posts it."""
        content, own = request_of(body, ENCRYPT_KEY)
        return await self.http.post("/feishu/events", content=content, headers={**own, **headers})

    async def take(self, *bodies: Json) -> list[Json]:
        """Posted one after another, then worked off with all that follows from it; what each was
        answered with."""
        answers = []
        for body in bodies:
            answer = await self.post(body)
            assert answer.status_code == 200, answer.text
            answers.append(answer.json())
        await self.work()
        return answers

    async def work(self) -> None:
        """Events and turns to their ends, and one attempt at everything that is due."""
        while await self.parts.worker.work_off():
            await self.bot.turns.close()
        await self.bot.turns.close()
        while await self.bot.hand_over.outbox.deliver_due():
            pass

    async def conversations(self, user: str = ANN) -> list[Conversation]:
        """The oldest first."""
        found = await self.store.conversations_of(customer_id("feishu", TEAM, user), 1000)
        return sorted(found, key=lambda one: one.created_at)

    async def said(self, user: str = ANN) -> list[Message]:
        """In all of their conversations."""
        found = await self.conversations(user)
        return [one for each in found for one in await self.store.messages(each.id)]

    async def asked(self, user: str = ANN) -> list[str]:
        return [one.text for one in await self.said(user) if one.author is Author.CUSTOMER]

    async def count_handled(self, user: str = ANN) -> Counter[str]:
        """How often each text was heard and each was answered."""
        return Counter(f"{one.author.value}: {one.text}" for one in await self.said(user))


def settings_of(feishu: FeishuServer | str, posted: bool = True, **more: Any) -> Settings:
    token, key = (VERIFICATION_TOKEN, ENCRYPT_KEY) if posted else ("", "")
    domain = feishu if isinstance(feishu, str) else feishu.url
    return Settings(
        feishu=Feishu(
            app_id=APP_ID,
            app_secret=SecretStr(APP_SECRET),
            domain=domain,
            verification_token=SecretStr(token),
            encrypt_key=SecretStr(key),
            **more,
        )
    )


def open_bot(settings: Settings, store: Storage | None = None, **parts: Any) -> Bot:
    clock = {"clock": parts["clock"]} if "clock" in parts else {}
    retriever = parts.pop("retriever", None) or ScriptedRetriever(passage(COLUMNS))
    store = store or MemoryStore(**clock)
    return build(settings, store=store, retriever=retriever, staffed=somebody, **parts)


@asynccontextmanager
async def feishu_office(
    feishu: FeishuServer | None = None,
    settings: Settings | None = None,
    store: Storage | None = None,
    running: bool = False,
    **parts: Any,
) -> AsyncIterator[FeishuOffice]:
    """`running`: with everything that runs beside requests; otherwise `work` does it."""
    async with AsyncExitStack() as stack:
        feishu = feishu or await stack.enter_async_context(feishu_server())
        bot = open_bot(settings or settings_of(feishu), store, **parts)
        app = create_app(bot)
        if running:
            await stack.enter_async_context(app.router.lifespan_context(app))
        http = await stack.enter_async_context(call(app))
        office = FeishuOffice(feishu, bot, http)
        if not running:
            bot.hand_over.outbox.connect("feishu", office.parts.courier)
        try:
            yield office
        finally:
            if not running:
                await bot.turns.close()
                await office.parts.close()
            assert not feishu.wrong, feishu.wrong


async def eventually(condition: Any) -> None:
    """For what other tasks do meanwhile."""
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        await asyncio.sleep(0.01)
