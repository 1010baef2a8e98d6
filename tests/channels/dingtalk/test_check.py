"""What is missing is named, with the way out; nothing is posted by asking."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.channels.chat.rooms import Rooms
from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
from bot.channels.dingtalk.check import DingTalkAccess, DingTalkInspector
from tests.dingtalk_server import (
    CHANGE,
    CLIENT_ID,
    CLIENT_SECRET,
    CORP,
    GROUP,
    ROBOTS,
    STREAM,
    TO_ONE,
    TRIAGE,
    UNKNOWN,
    USER,
    DingTalkServer,
    dingtalk_server,
)

ACCESS = DingTalkAccess(
    client_id=CLIENT_ID,
    client_secret=CLIENT_SECRET,
    corp_id=CORP,
    rooms=Rooms(TRIAGE, auto=(GROUP,)),
)


@pytest.fixture
async def dingtalk() -> AsyncIterator[DingTalkServer]:
    async with dingtalk_server() as server:
        yield server


async def look(url: str, access: DingTalkAccess = ACCESS) -> tuple[list[str], list[str]]:
    """What is good, and what is not with its way out."""
    calls = DingTalkCalls(Credentials(access.client_id, access.client_secret), url)
    try:
        found = await DingTalkInspector(access, calls).check()
    finally:
        await calls.close()
    wrong = [f"{one.what}: {one.way_out}" for one in found if not one.is_good]
    return [one.what for one in found if one.is_good], wrong


async def test_nothing_is_missing_and_nothing_is_posted(dingtalk: DingTalkServer) -> None:
    good, wrong = await look(dingtalk.url)
    assert wrong == []
    assert any("Stream mode" in one for one in good)
    assert len([one for one in good if one.startswith("permission")]) == 4
    assert dingtalk.cards == {}
    assert dingtalk.messages == []


@pytest.mark.parametrize(
    ("permission", "said"),
    [
        ("Card.Instance.Write", "互动卡片实例写权限"),
        ("Card.Streaming.Write", "AI卡片流式更新权限"),
        ("qyapi_robot_sendmsg", "企业内机器人发送消息权限"),
        ("qyapi_get_member", "成员信息读权限"),
    ],
)
async def test_a_missing_permission_is_named_with_what_it_is_for(
    dingtalk: DingTalkServer, permission: str, said: str
) -> None:
    dingtalk.lacking.add(permission)
    _, wrong = await look(dingtalk.url)
    (missing,) = wrong
    assert permission in missing
    assert said in missing
    assert "publish a version" in missing


async def test_wrong_credentials_are_said_first(dingtalk: DingTalkServer) -> None:
    good, wrong = await look(dingtalk.url, replace(ACCESS, client_secret="another"))
    assert good == []
    (said,) = wrong
    assert "dingtalk.client_secret" in said


async def test_without_an_app_it_says_where_to_begin(dingtalk: DingTalkServer) -> None:
    for half in (DingTalkAccess(), DingTalkAccess("id"), DingTalkAccess(client_secret="s")):
        _, wrong = await look(dingtalk.url, half)
        (said,) = wrong
        assert "set dingtalk.client_id and dingtalk.client_secret" in said
    assert dingtalk.calls == []


async def test_stream_mode_that_is_not_switched_on_is_said(dingtalk: DingTalkServer) -> None:
    dingtalk.fail("/v1.0/gateway/connections/open", UNKNOWN)
    _, wrong = await look(dingtalk.url)
    assert any("Stream mode" in one for one in wrong)


async def test_a_group_without_the_robot_is_named(dingtalk: DingTalkServer) -> None:
    dingtalk.robots[TRIAGE] = []
    _, wrong = await look(dingtalk.url, replace(ACCESS, rooms=Rooms(TRIAGE, auto=("cidNowhere",))))
    assert len(wrong) == 2
    assert "群设置" in wrong[0]
    assert "openConversationId" in wrong[1]


async def test_groups_that_may_not_be_looked_at_are_not_called_missing(
    dingtalk: DingTalkServer,
) -> None:
    dingtalk.lacking.add("qyapi_chat_manage")
    good, wrong = await look(dingtalk.url)
    assert wrong == []
    assert any("钉钉群基础信息管理权限" in one for one in good)


async def test_what_is_not_there_to_be_asked_is_not_called_missing(
    dingtalk: DingTalkServer,
) -> None:
    for path in (CHANGE, STREAM, TO_ONE, USER, ROBOTS, ROBOTS):
        dingtalk.fail(path, UNKNOWN)
    good, wrong = await look(dingtalk.url)
    assert wrong == []
    assert len([one for one in good if "not looked at" in one]) == 6


@pytest.mark.parametrize(("site", "wrong"), [("https://help.example.com", 0), ("", 1)])
async def test_in_http_mode_clicks_need_an_address(
    dingtalk: DingTalkServer, site: str, wrong: int
) -> None:
    _, said = await look(dingtalk.url, replace(ACCESS, http=True, site=site))
    assert len(said) == wrong
    assert all("web.site" in one for one in said)


async def test_a_company_that_is_not_named_is_mentioned(dingtalk: DingTalkServer) -> None:
    good, wrong = await look(dingtalk.url, replace(ACCESS, corp_id=""))
    assert wrong == []
    assert any("dingtalk.corp_id" in one for one in good)


async def test_out_of_reach_it_says_so() -> None:
    _, (said,) = await look("http://127.0.0.1:1")
    assert "is it reached from here" in said
