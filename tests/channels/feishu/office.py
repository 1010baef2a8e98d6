"""A bot at work in Feishu: the whole application, and a Feishu of our own on the other side."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from bot.ports import Storage
from bot.sections.feishu import Feishu
from bot.settings import Settings
from tests.channels.chat.office import ChatOffice, at_work, build_bot
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


@dataclass
class FeishuOffice(ChatOffice):
    channel = "feishu"
    team = TEAM
    ann = ANN

    feishu: FeishuServer

    async def post(self, body: Json, **headers: str) -> httpx.Response:
        content, own = request_of(body, ENCRYPT_KEY)
        return await self.http.post("/feishu/events", content=content, headers={**own, **headers})

    async def press(self, body: Json) -> Json:
        """What a click or a form was answered with, once all that follows from it is done."""
        (answer,) = await self.take(body)
        shown: Json = answer.json()
        return shown


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
        stack.callback(_assert_nothing_was_wrong, feishu)
        bot = build_bot(settings or settings_of(feishu), store, **parts)
        http = await stack.enter_async_context(at_work(bot, FeishuOffice.channel, running))
        yield FeishuOffice(bot, http, feishu)


def _assert_nothing_was_wrong(feishu: FeishuServer) -> None:
    assert not feishu.wrong, feishu.wrong
