"""Calls as the app, and what refusals mean."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.channels.chat.program import OutcomeUnknown, PostGone
from bot.channels.feishu.calls import App, FeishuCalls, path
from bot.channels.feishu.refusals import FeishuRefused
from bot.domain.outbox import DeskUnavailable
from tests.feishu_server import (
    ANN,
    APP_ID,
    APP_SECRET,
    BROKEN,
    HANG,
    RESET_AFTER,
    FeishuServer,
    feishu_server,
    rate_limited,
    refused,
)


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with feishu_server() as server:
        yield server


@asynccontextmanager
async def made(app: App, **more: Any) -> AsyncIterator[FeishuCalls]:
    calls = FeishuCalls(app, **more)
    yield calls
    await calls.close()


@pytest.fixture
async def calls(feishu: FeishuServer) -> AsyncIterator[FeishuCalls]:
    async with made(App(APP_ID, APP_SECRET, feishu.url), timeout_s=5) as calls:
        yield calls


async def ask(calls: FeishuCalls) -> object:
    return await calls.call("GET", path("contact/v3/users", ANN), user_id_type="open_id")


async def test_one_token_serves_many_calls(feishu: FeishuServer, calls: FeishuCalls) -> None:
    told = await calls.call("GET", path("contact/v3/users", ANN), user_id_type="open_id")
    assert told["user"]["name"] == "Ann Lee"
    assert (await calls.call("GET", "bot/v3/info"))["bot"]["app_name"] == "Firstline"
    assert len(feishu.called("token")) == 1


async def test_a_token_that_was_revoked_is_asked_for_anew(
    feishu: FeishuServer, calls: FeishuCalls
) -> None:
    await ask(calls)
    feishu.revoke_token()
    await ask(calls)
    assert len(feishu.called("token")) == 2


async def test_a_token_is_asked_for_anew_before_it_ends(feishu: FeishuServer) -> None:
    now = [0.0]
    async with made(App(APP_ID, APP_SECRET, feishu.url), clock=lambda: now[0]) as calls:
        await ask(calls)
        now[0] = 6599.0
        await ask(calls)
        assert len(feishu.called("token")) == 1
        now[0] = 6600.0
        await ask(calls)
    assert len(feishu.called("token")) == 2


@pytest.mark.parametrize(("id", "secret"), [("cli_other", APP_SECRET), (APP_ID, "wrong")])
async def test_an_app_that_is_none_is_refused_with_the_way_out(
    feishu: FeishuServer, id: str, secret: str
) -> None:
    async with made(App(id, secret, feishu.url)) as calls:
        with pytest.raises(FeishuRefused, match=r"feishu\.app_(id|secret)"):
            await ask(calls)


async def test_what_is_busy_is_tried_later(feishu: FeishuServer, calls: FeishuCalls) -> None:
    feishu.fail("user", rate_limited(7), refused(230020))
    with pytest.raises(DeskUnavailable) as met:
        await ask(calls)
    assert met.value.retry_after_s == 7
    assert not isinstance(met.value, OutcomeUnknown)
    with pytest.raises(DeskUnavailable) as met:
        await ask(calls)
    assert met.value.retry_after_s == 1


@pytest.mark.parametrize("failure", [BROKEN, RESET_AFTER, refused(230049)])
async def test_of_a_lost_answer_nobody_knows_whether_it_was_done(
    feishu: FeishuServer, calls: FeishuCalls, failure: object
) -> None:
    feishu.fail("user", failure)  # type: ignore[arg-type]
    with pytest.raises(OutcomeUnknown):
        await ask(calls)


async def test_nobody_waits_for_ever(feishu: FeishuServer) -> None:
    feishu.fail("token", HANG)
    async with made(App(APP_ID, APP_SECRET, feishu.url), timeout_s=0.2) as calls:
        with pytest.raises(OutcomeUnknown):
            await ask(calls)


async def test_what_cannot_be_reached_was_not_done() -> None:
    async with made(App(APP_ID, APP_SECRET, "http://127.0.0.1:1")) as calls:
        with pytest.raises(DeskUnavailable) as met:
            await ask(calls)
    assert not isinstance(met.value, OutcomeUnknown)


async def test_what_is_gone_and_what_is_refused(feishu: FeishuServer, calls: FeishuCalls) -> None:
    with pytest.raises(PostGone):
        await calls.call("DELETE", path("im/v1/messages", "om_none"))
    feishu.scopes.discard("contact:contact.base:readonly")
    with pytest.raises(FeishuRefused, match="firstline feishu check"):
        await ask(calls)


async def test_a_closed_one_leaves_everything_to_the_next_process(calls: FeishuCalls) -> None:
    await calls.close()
    with pytest.raises(DeskUnavailable):
        await ask(calls)


def test_ids_are_quoted() -> None:
    assert path("im/v1/messages", "om/../x y", "reply") == "im/v1/messages/om%2F..%2Fx%20y/reply"
