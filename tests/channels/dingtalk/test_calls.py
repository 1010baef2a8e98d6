"""Calls go by a token that is renewed once, not faster than DingTalk takes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.channels.chat.program import OutcomeUnknown
from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
from bot.channels.dingtalk.refusals import DingTalkDoubtful, DingTalkRefused, DingTalkUnavailable
from tests.dingtalk_server import (
    BROKEN,
    BUSY,
    CLIENT_ID,
    CLIENT_SECRET,
    GROUP,
    HANG_AFTER,
    RESET,
    ROBOTS,
    SESSION,
    UNKNOWN,
    USER,
    DingTalkServer,
    Failure,
    dingtalk_server,
)

TOKEN = "/v1.0/oauth2/accessToken"
ASKED = ("POST", ROBOTS, {"openConversationId": GROUP})


class Calls(DingTalkCalls):
    now = 0.0


@pytest.fixture
async def dingtalk() -> AsyncIterator[DingTalkServer]:
    async with dingtalk_server() as server:
        yield server


@asynccontextmanager
async def opened(
    url: str, secret: str = CLIENT_SECRET, timeout_s: float = 5.0
) -> AsyncIterator[Calls]:
    calls = Calls(Credentials(CLIENT_ID, secret), url, timeout_s, lambda: calls.now)
    try:
        yield calls
    finally:
        await calls.close()


@pytest.fixture
async def calls(dingtalk: DingTalkServer) -> AsyncIterator[Calls]:
    async with opened(dingtalk.url) as calls:
        yield calls


async def test_one_token_for_all_calls(dingtalk: DingTalkServer, calls: Calls) -> None:
    await asyncio.gather(*(calls.call(*ASKED) for _ in range(5)))
    assert dingtalk.tokens_given == 1
    calls.now = 7200
    await calls.call(*ASKED)
    assert dingtalk.tokens_given == 2


async def test_a_stale_token_is_renewed_once(dingtalk: DingTalkServer, calls: Calls) -> None:
    await calls.call(*ASKED)
    dingtalk.token = "token-2"
    await calls.call(*ASKED)
    dingtalk.token = "token-3"
    await calls.call_former(USER, {"userid": "manager01"})
    assert dingtalk.tokens_given == 3


async def test_a_token_that_is_never_taken_is_a_refusal(
    dingtalk: DingTalkServer, calls: Calls
) -> None:
    await calls.call(*ASKED)
    dingtalk.fail(ROBOTS, *[Failure("InvalidAuthentication", 401)] * 2)
    with pytest.raises(DingTalkRefused, match="InvalidAuthentication"):
        await calls.call(*ASKED)


async def test_wrong_credentials_say_the_way_out(dingtalk: DingTalkServer) -> None:
    async with opened(dingtalk.url, "another") as calls:
        with pytest.raises(DingTalkRefused, match=r"dingtalk\.client_secret"):
            await calls.call(*ASKED)
    assert [one.path for one in dingtalk.calls] == [TOKEN]


async def test_an_answer_without_a_token_is_put_off(dingtalk: DingTalkServer, calls: Calls) -> None:
    dingtalk.fail(TOKEN, Failure(status=200, text="<html>"))
    with pytest.raises(DingTalkUnavailable, match="without an access token"):
        await calls.call(*ASKED)
    await calls.call(*ASKED)


async def test_a_busy_path_is_left_alone_and_the_others_are_not(
    dingtalk: DingTalkServer, calls: Calls
) -> None:
    dingtalk.fail(ROBOTS, BUSY)
    for _ in range(3):
        with pytest.raises(DingTalkUnavailable) as put_off:
            await calls.call(*ASKED)
        assert put_off.value.retry_after_s
    assert len(dingtalk.called(ROBOTS)) == 1
    await calls.call_former(USER, {"userid": "manager01"})
    calls.now = 1.5
    await calls.call(*ASKED)


async def test_what_may_have_been_done_is_doubtful(dingtalk: DingTalkServer) -> None:
    async with opened(dingtalk.url, timeout_s=0.3) as calls:
        for failure in (RESET, BROKEN, HANG_AFTER):
            dingtalk.fail(ROBOTS, failure)
            with pytest.raises(DingTalkDoubtful):
                await calls.call(*ASKED)
    dingtalk.release()


async def test_what_did_not_reach_dingtalk_is_not_doubtful() -> None:
    async with opened("http://127.0.0.1:1") as calls:
        with pytest.raises(DingTalkUnavailable, match="out of reach") as away:
            await calls.call(*ASKED)
    assert not isinstance(away.value, OutcomeUnknown)


async def test_an_answer_that_is_no_json_is_a_refusal(
    dingtalk: DingTalkServer, calls: Calls
) -> None:
    dingtalk.fail(ROBOTS, UNKNOWN)
    with pytest.raises(DingTalkRefused) as refused:
        await calls.call(*ASKED)
    assert refused.value.code == "404"


async def test_the_directory_says_no_in_its_own_way(dingtalk: DingTalkServer, calls: Calls) -> None:
    with pytest.raises(DingTalkRefused) as nobody:
        await calls.call_former(USER, {"userid": "nobody"})
    assert nobody.value.code == "60121"
    dingtalk.lacking.add("qyapi_get_member")
    with pytest.raises(DingTalkRefused, match="成员信息读权限"):
        await calls.call_former(USER, {"userid": "manager01"})
    dingtalk.fail(USER, UNKNOWN)
    with pytest.raises(DingTalkRefused):
        await calls.call_former(USER, {"userid": "manager01"})


async def test_answers_by_their_own_address_need_no_token(
    dingtalk: DingTalkServer, calls: Calls
) -> None:
    said = {"msgtype": "markdown", "markdown": {"title": "t", "text": "Hello"}}
    await calls.answer(f"{dingtalk.url}{SESSION}?session=x", said)
    assert dingtalk.tokens_given == 0
    assert dingtalk.messages[0]["text"] == "Hello"
    dingtalk.fail(SESSION, UNKNOWN)
    with pytest.raises(DingTalkRefused):
        await calls.answer(f"{dingtalk.url}{SESSION}", said)


async def test_after_its_end_the_next_process_does_it(
    dingtalk: DingTalkServer, calls: Calls
) -> None:
    await calls.close()
    with pytest.raises(DingTalkUnavailable, match="next process"):
        await calls.call(*ASKED)
    assert dingtalk.calls == []
