"""What is answered by an address that came along goes to Slack, and to nobody else."""

import logging
from collections.abc import AsyncIterator

import pytest

from bot.channels.slack.calls import API_URL
from bot.channels.slack.refusals import SlackRefused
from bot.channels.slack.responses import Responses, is_of_slack
from tests.slack_server import TEAM, Json, SlackServer, slack_server


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with slack_server() as server:
        yield server


def address(server: SlackServer) -> str:
    return f"{server.url.removesuffix('api/')}response/{TEAM}"


def told(server: SlackServer) -> list[Json]:
    return server.workspace.responses


async def test_it_is_posted_where_the_web_api_is(server: SlackServer) -> None:
    responses = Responses(server.url)
    await responses.tell(address(server), "Hello")
    await responses.tell_everybody(address(server), "All", [])
    await responses.take_back(address(server))
    kinds = [one.get("response_type", "deleted") for one in told(server)]
    assert kinds == ["ephemeral", "in_channel", "deleted"]


async def test_elsewhere_it_is_refused_and_said_in_the_log(
    server: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for send in (
        Responses().tell(address(server), "Hello"),
        Responses().tell_everybody(address(server), "Hello", []),
        Responses().take_back(address(server)),
    ):
        with pytest.raises(SlackRefused):
            await send
    assert told(server) == []
    assert len([one for one in caplog.messages if "response_url" in one]) == 3
    assert server.url not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/actions/T1",
        "https://hooks.slack.com.evil.test/actions/T1",
        "https://hooks.slack.com@evil.test/actions/T1",
        "https://evil.test/https://hooks.slack.com/",
        "https://slack.com.evil.test/",
        "http://slack.com/",
        "//hooks.slack.com/actions",
        "http://[::1",
        "hooks.slack.com",
        "",
    ],
)
def test_what_only_looks_like_slack_is_not(url: str) -> None:
    assert not is_of_slack(url, API_URL)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/commands/T1/1",
        "https://hooks.slack-gov.com/app/T1/1",
        "https://slack.com/x",
    ],
)
def test_slack_s_own_hosts_are_posted_to(url: str) -> None:
    assert is_of_slack(url, API_URL)
