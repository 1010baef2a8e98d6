"""Each workspace that installed the app is looked into by its own token."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.manifest import SCOPES
from bot.channels.slack.workspace_check import WorkspaceInspector
from bot.domain.desk_news import Finding
from bot.domain.outbox import DeskRefused, DeskUnavailable
from tests.slack_server import SlackServer, Workspace, refused, slack_server

FIRST, SECOND = "T1", "T2"


@dataclass
class Installed:
    """Tokens by their workspaces; what cannot be read is an error."""

    server: SlackServer
    tokens: dict[str, str | Exception] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)  # whose token was used

    def __post_init__(self) -> None:
        self.server.add_workspace(Workspace(SECOND, "xoxb-2"))
        for team, workspace in self.server.workspaces.items():
            workspace.scopes = ",".join(SCOPES)
            self.tokens[team] = workspace.token

    async def installed(self) -> list[str]:
        return list(self.tokens)

    async def token(self, team: str) -> str:
        found = self.tokens[team]
        if isinstance(found, Exception):
            raise found
        return found

    async def check(self, **rooms: Sequence[str]) -> Sequence[Finding]:
        self.inspector = WorkspaceInspector(self, self._client, rooms)
        return await self.inspector.check()

    async def wrong(self, **rooms: Sequence[str]) -> list[str]:
        found = await self.check(**rooms)
        return [f"{one.what}: {one.way_out}" for one in found if not one.is_good]

    def _client(self, token: str) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=self.server.url)


@pytest.fixture
async def there() -> AsyncIterator[Installed]:
    async with slack_server() as server:
        yield Installed(server)


async def test_there_is_one_finding_for_each(there: Installed) -> None:
    found = await there.check()
    assert [one.what for one in found] == [
        f"the bot is @firstline of Example ({team}), with all {len(SCOPES)} scopes"
        for team in (FIRST, SECOND)
    ]
    assert all(one.is_good for one in found)
    assert {call.token for call in there.server.calls} == set(there.tokens.values())
    assert {call.method for call in there.server.calls} == {"auth.test"}


async def test_what_a_workspace_did_not_grant_is_named_once(there: Installed) -> None:
    granted = [name for name in SCOPES if name not in ("im:history", "commands")]
    there.server.workspaces[SECOND].scopes = ",".join(granted)
    (wrong,) = await there.wrong()
    assert f"({SECOND})" in wrong
    assert "im:history (direct messages are not heard)" in wrong
    assert "commands (" in wrong
    assert "/slack/install" in wrong


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("token_revoked", "revoked"),
        ("account_inactive", "removed from the workspace"),
        ("something_new", "Slack says something_new"),
    ],
)
async def test_a_token_of_no_use_is_told_of_its_workspace_alone(
    there: Installed, error: str, said: str
) -> None:
    there.server.fail("auth.test", refused(error))
    (wrong,) = await there.wrong()
    assert f"the workspace {FIRST}" in wrong
    assert said in wrong
    assert "/slack/install" in wrong
    assert [one.team for one in there.inspector.opened] == [SECOND]


@pytest.mark.parametrize("error", [DeskUnavailable("cannot be read"), DeskRefused("has none")])
async def test_a_token_that_cannot_be_opened_is_told(there: Installed, error: Exception) -> None:
    there.tokens[FIRST] = error
    (wrong,) = await there.wrong()
    assert wrong == f"the token of the workspace {FIRST} is valid: {error}"
    assert {call.team for call in there.server.calls} == {SECOND}


async def test_nobody_has_installed_it_yet(there: Installed) -> None:
    there.tokens.clear()
    (one,) = await there.check()
    assert one.is_good
    assert "/slack/install" in one.what


async def test_the_triage_channel_is_looked_for_in_its_workspace(there: Installed) -> None:
    there.server.workspaces[SECOND].add_channel("CTRIAGE", "triage")
    assert await there.wrong(triage=["T2/CTRIAGE"]) == []
    assert len(there.server.called("conversations.info")) == 1
    (elsewhere,) = await there.wrong(triage=["T1/CTRIAGE"])
    assert "there is no such channel" in elsewhere
    (nowhere,) = await there.wrong(triage=["T9/CTRIAGE"])
    assert "no token of T9 works" in nowhere
    (unnamed,) = await there.wrong(triage=["CTRIAGE"])
    assert "T…/C…" in unnamed


async def test_other_channels_are_in_whichever_workspace(there: Installed) -> None:
    there.server.workspaces[SECOND].add_channel("CTEAM", "team").members.clear()
    (absent,) = await there.wrong(internal=["CTEAM"])
    assert "the internal channel #team can be used: the app is not in it" in absent
    (unknown,) = await there.wrong(auto=["CNONE"])
    assert "there is no such channel" in unknown
    there.server.fail("conversations.info", refused("missing_scope"))
    (unseen,) = await there.wrong(auto=["CNONE"])
    assert "groups:read" in unseen
    (named,) = await there.wrong(auto=["T2/CTEAM"])
    assert "leave its workspace out: CTEAM" in named


async def test_without_any_token_channels_are_not_called_missing(there: Installed) -> None:
    there.tokens.clear()
    assert await there.wrong(internal=["CTEAM"]) == []
