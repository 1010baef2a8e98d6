"""What Slack says is put as what to do about it."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.inquiry import ask, of_channel, scopes_of, why_no_token


@pytest.mark.parametrize("name", ["x-oauth-scopes", "X-OAuth-Scopes"])
def test_scopes_are_those_of_the_headers(name: str) -> None:
    assert scopes_of({name: "chat:write, im:history,"}) == {"chat:write", "im:history"}
    assert scopes_of({}) == frozenset()


def test_what_is_not_known_is_told_as_slack_says_it() -> None:
    assert "reinstall" in why_no_token("token_revoked")
    assert why_no_token("something_new") == "Slack says something_new"


@pytest.mark.parametrize(
    ("use", "state", "is_good"),
    [
        ("triage", {"is_member": True}, True),
        ("triage", {}, False),
        ("triage", {"is_member": True, "is_archived": True}, False),
        ("internal", {"is_member": True, "is_ext_shared": True}, False),
        ("auto-answer", {"is_member": True, "is_ext_shared": True}, True),
    ],
)
def test_a_channel_has_to_be_of_use(use: str, state: dict[str, bool], is_good: bool) -> None:
    answer = {"channel": {"name": "support", **state}}
    assert of_channel(use, "C1", answer, "").is_good is is_good


def test_a_channel_that_is_not_there_has_a_way_out() -> None:
    assert "/invite" in of_channel("triage", "C1", None, "channel_not_found").way_out
    assert "groups:read" in of_channel("triage", "C1", None, "missing_scope").way_out


async def test_out_of_reach_is_no_answer() -> None:
    client = AsyncWebClient(token="xoxb-1", base_url="http://127.0.0.1:1/")
    answer, why = await ask(client, "auth.test")
    assert answer is None
    assert "is it reached from here" in why
