"""In HTTP mode DingTalk is told where clicks are posted, until it knows."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
from bot.channels.dingtalk.route import REGISTER, CardRoute
from bot.channels.dingtalk.webhook import Signatures
from tests.channels.chat.office import QUESTION
from tests.channels.dingtalk.office import dingtalk_office, settings_of
from tests.dingtalk_server import (
    BROKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    RESET,
    DingTalkServer,
    dingtalk_server,
    refused,
)
from tests.web import until

SITE = "https://help.example.com"


@pytest.fixture
async def dingtalk() -> AsyncIterator[DingTalkServer]:
    async with dingtalk_server() as server:
        yield server


async def register(dingtalk: DingTalkServer) -> None:
    calls = DingTalkCalls(Credentials(CLIENT_ID, CLIENT_SECRET), dingtalk.url)
    try:
        await asyncio.wait_for(CardRoute(calls, f"{SITE}/", "s", 0.001).run(), 10)
    finally:
        await calls.close()


async def test_it_is_told_until_it_knows(dingtalk: DingTalkServer) -> None:
    dingtalk.fail(REGISTER, BROKEN, RESET)
    await register(dingtalk)
    assert dingtalk.routes["firstline"]["callbackUrl"] == f"{SITE}/dingtalk/cards"
    assert dingtalk.routes["firstline"]["apiSecret"] == "s"
    assert len(dingtalk.called(REGISTER)) == 3


async def test_refused_it_is_left(
    dingtalk: DingTalkServer, caplog: pytest.LogCaptureFixture
) -> None:
    dingtalk.fail(REGISTER, refused("param.error"))
    await register(dingtalk)
    assert "buttons in DingTalk do nothing" in caplog.text


async def test_the_application_tells_it_and_takes_clicks(dingtalk: DingTalkServer) -> None:
    settings = settings_of(site=SITE)
    async with dingtalk_office(settings, dingtalk=dingtalk, running=True) as office:
        await until(lambda: "firstline" in dingtalk.routes)
        secret = Signatures(CLIENT_SECRET).cards_secret
        assert dingtalk.routes["firstline"]["apiSecret"] == secret
        assert (await office.post(dingtalk.say(QUESTION))).status_code == 200
        await until(lambda: any(one.is_finished for one in dingtalk.posted("manager01")))
        (card,) = dingtalk.posted("manager01")
        route = {"callbackType": "HTTP", "callbackRouteKey": "firstline"}
        assert card.callback == route
