"""A bot at work in DingTalk: the whole application, and a DingTalk of our own on the other side."""

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
from bot.channels.dingtalk import CARDS_PATH, CHANNEL, MESSAGES_PATH
from bot.channels.dingtalk.webhook import Signatures
from bot.chat import ChatParts
from bot.dingtalk_settings import DingTalk
from bot.domain.conversation import Author, Conversation, Message
from bot.ports import Storage
from bot.settings import Settings, Web
from tests.dingtalk_server import (
    ANN,
    CLIENT_ID,
    CLIENT_SECRET,
    CORP,
    Card,
    DingTalkServer,
    Json,
    dingtalk_server,
    signed,
    signed_click,
)
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage
from tests.services.test_handoff import somebody
from tests.web import call

QUESTION = "How many columns can a board have?"


@dataclass
class DingTalkOffice:
    dingtalk: DingTalkServer
    bot: Bot
    http: httpx.AsyncClient

    @property
    def parts(self) -> ChatParts:
        return self.bot.chats[CHANNEL]

    @property
    def store(self) -> Storage:
        return self.bot.store

    async def post(self, data: Json, **headers: str) -> httpx.Response:
        """As DingTalk posts it, in HTTP mode."""
        if data.get("type") == "actionCallback":
            own = signed_click(Signatures(CLIENT_SECRET).cards_secret)
            return await self.http.post(CARDS_PATH, json=data, headers={**own, **headers})
        return await self.http.post(MESSAGES_PATH, json=data, headers={**signed(), **headers})

    async def take(self, *said: Json) -> None:
        """Posted one after another, then worked off with all that follows from it."""
        for data in said:
            assert (await self.post(data)).status_code == 200
        await self.work()

    async def work(self) -> None:
        """Events and turns to their ends, and one attempt at everything that is due."""
        while await self.parts.worker.work_off():
            await self.bot.turns.close()
        await self.bot.turns.close()
        while await self.bot.hand_over.outbox.deliver_due():
            pass

    async def ask(self, text: str, chat: str | None = None, user: str = ANN) -> Card:
        """The card that it is answered with."""
        place = chat or user
        known = {card.track for card in self.dingtalk.posted(place)}
        await self.take(self.dingtalk.say(text, user, chat))
        (card,) = [one for one in self.dingtalk.posted(place) if one.track not in known]
        return card

    async def conversations(self, user: str = ANN) -> list[Conversation]:
        """The oldest first."""
        found = await self.store.conversations_of(customer_id(CHANNEL, CORP, user), 1000)
        return sorted(found, key=lambda one: one.created_at)

    async def said(self, user: str = ANN) -> list[Message]:
        """In all of their conversations."""
        found = await self.conversations(user)
        return [one for each in found for one in await self.store.messages(each.id)]

    async def asked(self, user: str = ANN) -> list[str]:
        return [one.text for one in await self.said(user) if one.author is Author.CUSTOMER]

    async def count_handled(self, user: str = ANN) -> Counter[str]:
        """How often each text was heard and each was answered."""
        said = await self.said(user)
        return Counter(f"{one.author.value}: {one.text}" for one in said)


def settings_of(http: bool = True, site: str = "", **dingtalk: Any) -> Settings:
    given = {"client_id": CLIENT_ID, "client_secret": SecretStr(CLIENT_SECRET), **dingtalk}
    return Settings(web=Web(site=site), dingtalk=DingTalk(http=http, **given))


def open_bot(
    settings: Settings,
    dingtalk: DingTalkServer | str,
    store: Storage | None = None,
    **parts: Any,
) -> Bot:
    clock = {"clock": parts["clock"]} if "clock" in parts else {}
    return build(
        settings,
        store=store or MemoryStore(**clock),
        retriever=parts.pop("retriever", None) or ScriptedRetriever(passage(COLUMNS)),
        staffed=somebody,
        dingtalk_url=dingtalk if isinstance(dingtalk, str) else dingtalk.url,
        **parts,
    )


@asynccontextmanager
async def dingtalk_office(
    settings: Settings | None = None,
    store: Storage | None = None,
    dingtalk: DingTalkServer | None = None,
    running: bool = False,
    **parts: Any,
) -> AsyncIterator[DingTalkOffice]:
    """`running`: with everything that runs beside requests; otherwise `work` does it."""
    async with AsyncExitStack() as stack:
        server = dingtalk or await stack.enter_async_context(dingtalk_server())
        bot = open_bot(settings or settings_of(), server, store, **parts)
        app = create_app(bot)
        if running:
            await stack.enter_async_context(app.router.lifespan_context(app))
        http = await stack.enter_async_context(call(app))
        office = DingTalkOffice(server, bot, http)
        if not running:
            bot.hand_over.outbox.connect(CHANNEL, office.parts.courier)
        try:
            yield office
        finally:
            if not running:
                await bot.turns.close()
                await office.parts.close()
