"""What is missing at Slack is said with its way out, whatever Slack answers."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import web

from bot.channels.chat.rooms import Rooms
from bot.channels.slack.check import SlackAccess, SlackInspector
from bot.channels.slack.manifest import SCOPES, build_manifest
from tests.chat_stand_in import listen

ACCESS = SlackAccess(
    bot_token="xoxb-1",
    app_token="xapp-1",
    signing_secret="secret",
    rooms=Rooms("C1", auto=("C2",), internal=("C3",)),
)
MEMBER = {"ok": True, "channel": {"name": "support", "is_member": True}}


class Workspace:
    """Answers what it is told to."""

    def __init__(self) -> None:
        self.scopes = set(SCOPES)
        self.url = ""
        self.asked: list[str] = []
        self.answers: dict[str, Mapping[str, Any]] = {
            "auth.test": {"ok": True, "user": "firstline", "team": "Harbour", "bot_id": "B1"},
            "apps.connections.open": {"ok": True, "url": "wss://"},
            "bots.info": {"ok": True, "bot": {"app_id": "A1"}},
            "apps.manifest.export": {"ok": True, "manifest": build_manifest()},
            "conversations.info": MEMBER,
        }

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.asked.append(method)
        headers = {"X-OAuth-Scopes": ",".join(sorted(self.scopes))}
        return web.json_response(self.answers[method], headers=headers)

    async def check(self, access: SlackAccess = ACCESS, *, with_events: bool = True) -> list[str]:
        """The ways out."""
        found = await SlackInspector(access, "xoxe-1" if with_events else "", self.url).check()
        return [f"{one.what}: {one.way_out}" for one in found if not one.is_good]


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    place = Workspace()
    app = web.Application()
    app.router.add_post("/{method}", place.answer)
    async with listen(app) as address:
        place.url = f"{address}/"
        yield place


async def test_nothing_is_missing(workspace: Workspace) -> None:
    assert await workspace.check() == []
    assert not any(method.startswith("chat.") for method in workspace.asked)


async def test_a_missing_scope_is_named_with_what_it_is_for(workspace: Workspace) -> None:
    workspace.scopes.discard("im:history")
    (missing,) = await workspace.check()
    assert "im:history" in missing
    assert "direct messages are not heard" in missing
    assert "reinstall" in missing


async def test_a_missing_event_is_named(workspace: Workspace) -> None:
    manifest = build_manifest()
    manifest["settings"]["event_subscriptions"]["bot_events"].remove("message.im")
    manifest["settings"]["socket_mode_enabled"] = False
    manifest["features"]["app_home"]["home_tab_enabled"] = False
    workspace.answers["apps.manifest.export"] = {"ok": True, "manifest": manifest}
    found = await workspace.check()
    assert [one.partition(":")[0] for one in found] == [
        "event message.im",
        "the Home tab is on",
        "Socket Mode is on",
    ]


async def test_events_that_cannot_be_seen_are_not_called_missing(workspace: Workspace) -> None:
    assert await workspace.check(with_events=False) == []
    assert "apps.manifest.export" not in workspace.asked


@pytest.mark.parametrize(
    ("method", "error", "said"),
    [
        ("auth.test", "invalid_auth", "slack.bot_token"),
        ("auth.test", "token_revoked", "reinstall the app"),
        ("auth.test", "account_inactive", "install it again"),
        ("auth.test", "something_new", "Slack says something_new"),
        ("apps.connections.open", "not_allowed_token_type", "xapp-"),
        ("apps.connections.open", "missing_scope", "connections:write"),
        ("apps.manifest.export", "token_expired", "12 hours"),
        ("bots.info", "missing_scope", "missing_scope"),
        ("conversations.info", "channel_not_found", "/invite"),
        ("conversations.info", "missing_scope", "groups:read"),
    ],
)
async def test_what_slack_refuses_has_a_way_out(
    workspace: Workspace, method: str, error: str, said: str
) -> None:
    workspace.answers[method] = {"ok": False, "error": error}
    found = await workspace.check()
    assert found
    assert all(said in one for one in found)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"is_member": False}, "/invite"),
        ({"is_member": True, "is_archived": True}, "archived"),
        ({"is_member": True, "is_ext_shared": True}, "another company"),
    ],
)
async def test_channels_have_to_be_of_use(
    workspace: Workspace, state: Mapping[str, bool], said: str
) -> None:
    workspace.answers["conversations.info"] = {"ok": True, "channel": {"name": "x", **state}}
    found = await workspace.check()
    shared = "is_ext_shared" in state
    assert len(found) == (2 if shared else 3)  # anybody may be answered what is public
    assert all(said in one for one in found)


async def test_nothing_set_up_says_what_to_set(workspace: Workspace) -> None:
    found = await workspace.check(SlackAccess())
    assert len(found) == 2
    assert "slack.app_token" in found[0]
    assert "slack.bot_token" in found[1]
    assert workspace.asked == []


async def test_out_of_reach_it_says_so() -> None:
    found = await SlackInspector(ACCESS, "", "http://127.0.0.1:1/").check()
    wrong = [one.way_out for one in found if not one.is_good]
    assert len(wrong) == 2
    assert all("is it reached from here" in one for one in wrong)


class Installed:
    """One workspace, with its token."""

    async def installed(self) -> list[str]:
        return ["T1"]

    async def token(self, team: str) -> str:
        return f"xoxb-{team}"


async def test_of_several_workspaces_each_is_looked_into_and_the_app_once(
    workspace: Workspace,
) -> None:
    access = SlackAccess(signing_secret="s", rooms=Rooms("T1/C1", auto=("C2",)))
    inspector = SlackInspector(access, "xoxe-1", workspace.url, Installed())
    findings = await inspector.check()
    told = [one.what for one in findings]
    assert f"the bot is @firstline of Harbour (T1), with all {len(SCOPES)} scopes" in told
    assert "the triage channel #support can be used" in told
    assert [one.what for one in findings if not one.is_good] == ["events have an address"]
    methods = ["auth.test", *["conversations.info"] * 2, "bots.info", "apps.manifest.export"]
    assert workspace.asked == methods
