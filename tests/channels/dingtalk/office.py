"""A bot at work in DingTalk: the whole application, and a DingTalk of our own on the other side."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from bot.bootstrap import Bot
from bot.channels.dingtalk import CARDS_PATH, CHANNEL, MESSAGES_PATH
from bot.channels.dingtalk.webhook import Signatures
from bot.ports import Storage
from bot.sections.dingtalk import DingTalk
from bot.settings import Settings, Web
from tests.channels.chat.office import ChatOffice, at_work, build_bot
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


@dataclass
class DingTalkOffice(ChatOffice):
    channel = CHANNEL
    team = CORP
    ann = ANN

    dingtalk: DingTalkServer

    async def post(self, body: Json, **headers: str) -> httpx.Response:
        """As DingTalk posts it, in HTTP mode."""
        if body.get("type") == "actionCallback":
            own = signed_click(Signatures(CLIENT_SECRET).cards_secret)
            return await self.http.post(CARDS_PATH, json=body, headers={**own, **headers})
        return await self.http.post(MESSAGES_PATH, json=body, headers={**signed(), **headers})

    async def ask(self, text: str, chat: str | None = None, user: str = ANN) -> Card:
        """The card that it is answered with."""
        place = chat or user
        known = {card.track for card in self.dingtalk.posted(place)}
        await self.take(self.dingtalk.say(text, user, chat))
        (card,) = [one for one in self.dingtalk.posted(place) if one.track not in known]
        return card


def settings_of(http: bool = True, site: str = "", **dingtalk: Any) -> Settings:
    given = {"client_id": CLIENT_ID, "client_secret": SecretStr(CLIENT_SECRET), **dingtalk}
    return Settings(web=Web(site=site), dingtalk=DingTalk(http=http, **given))


def open_bot(
    settings: Settings,
    dingtalk: DingTalkServer | str,
    store: Storage | None = None,
    **parts: Any,
) -> Bot:
    url = dingtalk if isinstance(dingtalk, str) else dingtalk.url
    return build_bot(settings, store, dingtalk_url=url, **parts)


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
        http = await stack.enter_async_context(at_work(bot, CHANNEL, running))
        yield DingTalkOffice(bot, http, server)
