"""A bot at work in a chat program: the whole application, asked and looked at from outside."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx

from bot.adapters.memory_store import MemoryStore
from bot.app import create_app
from bot.bootstrap import Bot, build
from bot.channels.chat.program import customer_id
from bot.domain.conversation import Author, Conversation, Message
from bot.ports import Storage
from bot.settings import Settings
from bot.wiring.chat_parts import ChatParts
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage
from tests.services.test_handoff import somebody
from tests.web import call

Json = dict[str, Any]

QUESTION = "How many columns can a board have?"
CHINESE_QUESTION, CHINESE_ANSWER = "一个看板最多可以有多少列？", "一个看板最多 24 列。"


@dataclass
class ChatOffice(ABC):
    channel: ClassVar[str]
    team: ClassVar[str]  # people are of it unless another is named
    ann: ClassVar[str]  # who asks unless somebody else is named

    bot: Bot
    http: httpx.AsyncClient

    @property
    def parts(self) -> ChatParts:
        return self.bot.chats[self.channel]

    @property
    def store(self) -> Storage:
        return self.bot.store

    @property
    def retriever(self) -> ScriptedRetriever:
        assert isinstance(self.bot.retriever, ScriptedRetriever)
        return self.bot.retriever

    @abstractmethod
    async def post(self, body: Json, **headers: str) -> httpx.Response:
        """As the program posts it."""

    async def take(self, *bodies: Json) -> list[httpx.Response]:
        """Posted one after another, then worked off with all that follows from it; what each was
        answered with."""
        answers = [await self.post(body) for body in bodies]
        assert [one.status_code for one in answers] == [200] * len(bodies)
        await self.work()
        return answers

    async def work(self) -> None:
        """Events and turns to their ends, and one attempt at everything that is due."""
        while await self.parts.worker.work_off():
            await self.bot.turns.close()
        await self.bot.turns.close()
        while await self.bot.hand_over.outbox.deliver_due():
            pass

    async def conversations(self, user: str = "", team: str = "") -> list[Conversation]:
        """The oldest first."""
        customer = customer_id(self.channel, team or self.team, user or self.ann)
        found = await self.store.conversations_of(customer, 1000)
        return sorted(found, key=lambda one: one.created_at)

    async def said(self, user: str = "", team: str = "") -> list[Message]:
        """In all of their conversations."""
        found = await self.conversations(user, team)
        return [one for each in found for one in await self.store.messages(each.id)]

    async def asked(self, user: str = "") -> list[str]:
        return [one.text for one in await self.said(user) if one.author is Author.CUSTOMER]

    async def answered(self, user: str = "") -> list[str]:
        return [one.text for one in await self.said(user) if one.author is Author.BOT]

    async def count_handled(self, user: str = "") -> Counter[str]:
        """How often each text was heard and each was answered."""
        return Counter(f"{one.author.value}: {one.text}" for one in await self.said(user))


def build_bot(settings: Settings, store: Storage | None = None, **parts: Any) -> Bot:
    clock = {"clock": parts["clock"]} if "clock" in parts else {}
    return build(
        settings,
        store=store or MemoryStore(**clock),
        retriever=parts.pop("retriever", None) or ScriptedRetriever(passage(COLUMNS)),
        staffed=somebody,
        **parts,
    )


@asynccontextmanager
async def at_work(bot: Bot, channel: str, running: bool) -> AsyncIterator[httpx.AsyncClient]:
    """Requests to the whole application. `running`: with everything that runs beside requests;
    otherwise an office's `work` does it."""
    app, parts = create_app(bot), bot.chats[channel]
    async with AsyncExitStack() as stack:
        if running:
            await stack.enter_async_context(app.router.lifespan_context(app))
        http = await stack.enter_async_context(call(app))
        if not running:
            bot.hand_over.outbox.connect(channel, parts.courier)
        try:
            yield http
        finally:
            if not running:
                await bot.turns.close()
                await parts.close()


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """At work until it is left."""
    running = asyncio.create_task(work)
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def eventually(condition: Callable[[], Any]) -> None:
    """For what other tasks do meanwhile."""
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        await asyncio.sleep(0.01)
