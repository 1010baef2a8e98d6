"""The way to the Web API: tokens, waits, refusals, and what nobody knows the outcome of."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.slack.calls import OneToken, SlackCalls
from bot.channels.slack.refusals import SlackOutcomeUnknown, SlackRefused, SlackUnavailable
from tests.slack_server import (
    BOT_TOKEN,
    BROKEN,
    CHANNEL,
    HANG,
    RESET,
    RESET_AFTER,
    SlackServer,
    rate_limited,
    refused,
    slack_server,
)

POST = "chat.postMessage"
TEAM = "T1"


class Watch:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as server:
        yield server


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def calls(slack: SlackServer, watch: Watch) -> AsyncIterator[SlackCalls]:
    made = SlackCalls(OneToken(BOT_TOKEN), slack.url, clock=watch)
    yield made
    await made.close()


async def test_a_call_is_made_with_the_token_of_the_workspace(
    slack: SlackServer, calls: SlackCalls
) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "中文 & more"}}]
    answer = await calls.call(
        TEAM, POST, channel=CHANNEL, text="x", blocks=blocks, unfurl_links=False, thread_ts=None
    )
    assert answer["ts"] == slack.posted()[0]["ts"]
    call = slack.calls[0]
    assert (call.team, call.token) == (TEAM, BOT_TOKEN)
    assert call.arguments == {
        "channel": CHANNEL,
        "text": "x",
        "blocks": blocks,
        "unfurl_links": False,
    }


async def test_a_method_rests_in_the_channel_where_slack_asked_for_it(
    slack: SlackServer, calls: SlackCalls, watch: Watch
) -> None:
    slack.workspace.add_channel("C2", "other")
    slack.fail(POST, rate_limited(30))
    for expected in (30.0, 30.0):
        with pytest.raises(SlackUnavailable) as caught:
            await calls.call(TEAM, POST, channel=CHANNEL, text="x")
        assert caught.value.retry_after_s == expected
    assert len(slack.called(POST)) == 1
    await calls.call(TEAM, POST, channel="C2", text="elsewhere")
    await calls.call(TEAM, "auth.test")
    watch.time += 30
    await calls.call(TEAM, POST, channel=CHANNEL, text="x")
    assert len(slack.posted()) == 1


@pytest.mark.parametrize(
    ("code", "word"),
    [("token_revoked", "install"), ("is_archived", "unarchive"), ("not_in_channel", "invite")],
)
async def test_a_refusal_says_the_way_out(
    slack: SlackServer, calls: SlackCalls, code: str, word: str
) -> None:
    slack.fail(POST, refused(code))
    with pytest.raises(SlackRefused, match=word) as caught:
        await calls.call(TEAM, POST, channel=CHANNEL, text="x")
    assert caught.value.code == code


async def test_a_missing_scope_is_named(slack: SlackServer, calls: SlackCalls) -> None:
    slack.fail("users.info", refused("missing_scope", needed="users:read"))
    with pytest.raises(SlackRefused, match="users:read"):
        await calls.call(TEAM, "users.info", user="U1")


@pytest.mark.parametrize("failure", [RESET, RESET_AFTER, BROKEN, refused("internal_error")])
async def test_what_may_have_been_done_is_said_to_be_so_and_is_not_done_again(
    slack: SlackServer, calls: SlackCalls, failure: object
) -> None:
    slack.fail(POST, failure)  # type: ignore[arg-type]
    with pytest.raises(SlackOutcomeUnknown):
        await calls.call(TEAM, POST, channel=CHANNEL, text="x")
    assert len(slack.called(POST)) == 1


async def test_no_answer_in_time_may_have_been_done(slack: SlackServer) -> None:
    slack.fail(POST, HANG)
    calls = SlackCalls(OneToken(BOT_TOKEN), slack.url, timeout_s=0.05)
    with pytest.raises(SlackOutcomeUnknown):
        await calls.call(TEAM, POST, channel=CHANNEL, text="x")
    await calls.close()


async def test_a_server_out_of_reach_did_nothing() -> None:
    calls = SlackCalls(OneToken(BOT_TOKEN), "http://127.0.0.1:9/api/")
    with pytest.raises(SlackUnavailable) as caught:
        await calls.call(TEAM, POST, channel=CHANNEL, text="x")
    assert not isinstance(caught.value, SlackOutcomeUnknown)
    await calls.close()


async def test_nothing_is_called_once_it_is_closed(slack: SlackServer) -> None:
    calls = SlackCalls(OneToken(BOT_TOKEN), slack.url)
    await calls.call(TEAM, "auth.test")
    await calls.close()
    with pytest.raises(SlackUnavailable):
        await calls.call(TEAM, "auth.test")
    assert len(slack.called("auth.test")) == 1
