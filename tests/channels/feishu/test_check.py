"""What is missing at Feishu is said with its way out, whatever Feishu answers."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.channels.chat.rooms import Rooms
from bot.channels.feishu.calls import App, FeishuCalls
from bot.channels.feishu.check import FeishuAccess, FeishuInspector
from tests.feishu_server import (
    APP_ID,
    APP_SECRET,
    BOT,
    ENCRYPT_KEY,
    GROUP,
    VERIFICATION_TOKEN,
    FeishuServer,
    feishu_server,
)

OWN = "application:application:self_manage"
GIVEN = (APP_ID, APP_SECRET, VERIFICATION_TOKEN, ENCRYPT_KEY)
ACCESS = FeishuAccess(*GIVEN, Rooms(GROUP, internal=("oc_team",)))


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with feishu_server() as server:
        server.scopes.add(OWN)
        server.add_chat("oc_team", "team")
        yield server


async def check(
    feishu: FeishuServer, access: FeishuAccess = ACCESS, secret: str = APP_SECRET
) -> list[str]:
    """The ways out."""
    calls = FeishuCalls(App(APP_ID, secret, feishu.url))
    found = await FeishuInspector(access, calls).check()
    await calls.close()
    return [f"{one.what}: {one.way_out}" for one in found if not one.is_good]


async def test_where_all_is_set_up_nothing_is_missing(feishu: FeishuServer) -> None:
    assert await check(feishu) == []
    kinds = {call.kind for call in feishu.calls}
    assert kinds == {"token", "bot", "scopes", "application", "chat"}


async def test_without_an_app_it_says_where_to_begin(feishu: FeishuServer) -> None:
    for half in (FeishuAccess(), FeishuAccess(APP_ID), FeishuAccess(app_secret=APP_SECRET)):
        [missing] = await check(feishu, half)
        assert "set feishu.app_id and feishu.app_secret" in missing
    assert not feishu.calls


async def test_a_wrong_secret_is_all_that_is_said(feishu: FeishuServer) -> None:
    [missing] = await check(feishu, secret="another")
    assert "feishu.app_secret" in missing
    assert "another" not in missing


async def test_a_server_that_is_none(feishu: FeishuServer) -> None:
    feishu.unknown = lambda kind: True
    [missing] = await check(feishu)
    assert "app id and secret" in missing


@pytest.mark.parametrize(
    ("scope", "why"),
    [
        ("im:message:send_as_bot", "nothing can be answered"),
        ("cardkit:card:write", "as they come"),
        ("contact:contact.base:readonly", "an id alone"),
        ("contact:user.base:readonly", "no names"),
        ("im:message.group_msg", "triage"),
    ],
)
async def test_a_permission_that_is_missing(feishu: FeishuServer, scope: str, why: str) -> None:
    feishu.scopes.discard(scope)
    [missing] = await check(feishu)
    assert scope in missing
    assert why in missing
    assert "publish" in missing


async def test_a_wider_permission_is_as_good(feishu: FeishuServer) -> None:
    feishu.scopes -= {"im:message:send_as_bot", "im:message:readonly", "im:message:update"}
    feishu.scopes.add("im:message")
    assert await check(feishu) == []


@pytest.mark.parametrize(
    ("scope", "instead"),
    [
        ("im:message:readonly", "im:message.history:readonly"),
        ("im:chat:readonly", "im:chat:read"),
        ("contact:contact.base:readonly", "contact:contact:readonly_as_app"),
    ],
)
async def test_another_permission_for_the_same_call(
    feishu: FeishuServer, scope: str, instead: str
) -> None:
    inspected = FeishuAccess(*GIVEN)
    feishu.scopes = {*feishu.scopes, instead} - {scope}
    assert await check(feishu, inspected) == []


async def test_the_bot_is_off(feishu: FeishuServer) -> None:
    feishu.bot_is_on = False
    [missing] = await check(feishu)
    assert "ability Bot" in missing


async def test_events_and_callbacks(feishu: FeishuServer) -> None:
    feishu.subscribed.remove("im.message.receive_v1")
    feishu.callbacks.clear()
    feishu.way = "websocket"
    missing = await check(feishu)
    assert [one.split(":")[0] for one in missing] == [
        "event im.message.receive_v1",
        "callback card.action.trigger",
        "events come the way that is set here",
        "callbacks come the way that is set here",
    ]


async def test_another_key_or_token(feishu: FeishuServer) -> None:
    missing = await check(feishu, replace(ACCESS, encrypt_key="x", verification_token="y"))
    assert [one.split(" ")[0] for one in missing] == [
        "feishu.encrypt_key",
        "feishu.verification_token",
    ]
    assert ENCRYPT_KEY not in str(missing)


async def test_what_may_not_be_asked_is_no_fault(feishu: FeishuServer) -> None:
    feishu.scopes.discard(OWN)
    assert await check(feishu) == []


async def test_groups(feishu: FeishuServer) -> None:
    feishu.chats[GROUP].members.discard(BOT)
    feishu.chats["oc_team"].external = True
    missing = await check(feishu)
    assert "add the bot to the group" in missing[0]
    assert "another company" in missing[1]
    [gone] = await check(feishu, replace(ACCESS, rooms=Rooms("oc_none")))
    assert "oc_none" in gone
