"""What the workspaces that installed the app let it do, each by the token it granted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.inquiry import ask, of_channel, scopes_of, why_no_token
from bot.channels.slack.manifest import INSTALL_PATH, SCOPES
from bot.domain.desk_news import Finding
from bot.domain.outbox import DeskRefused, DeskUnavailable

AGAIN = f"{INSTALL_PATH} installs the app there again"


class Workspaces(Protocol):
    async def installed(self) -> Sequence[str]: ...

    async def token(self, team: str) -> str:
        """Raises DeskRefused, and DeskUnavailable where it cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A workspace whose token works."""

    team: str
    client: AsyncWebClient
    bot_id: str


class WorkspaceInspector:
    def __init__(
        self,
        workspaces: Workspaces,
        client: Callable[[str], AsyncWebClient],
        rooms: Mapping[str, Sequence[str]],
    ) -> None:
        """`client`: by a token. `rooms`: channels of the settings, by what they are for."""
        self._workspaces = workspaces
        self._client = client
        self._rooms = rooms
        self.opened: list[Opened] = []

    async def check(self) -> Sequence[Finding]:
        """One of each workspace, then of each channel. Raises StoreError."""
        teams = await self._workspaces.installed()
        findings = [await self._workspace(team) for team in teams]
        if not teams:
            findings.append(Finding(f"no workspace has installed the app yet: {INSTALL_PATH} does"))
        for use, named in self._rooms.items():
            for one in named:
                team, _, channel = one.rpartition("/")
                triage = use == "triage"
                look = self._room_of(team, channel) if triage else self._room(use, team, channel)
                findings.append(await look)
        return findings

    async def _workspace(self, team: str) -> Finding:
        what = f"the token of the workspace {team} is valid"
        try:
            client = self._client(await self._workspaces.token(team))
        except (DeskRefused, DeskUnavailable) as unread:
            return Finding(what, str(unread))
        answer, error = await ask(client, "auth.test")
        if answer is None:
            return Finding(what, f"{why_no_token(error)}; {AGAIN}")
        self.opened.append(Opened(team, client, str(answer.get("bot_id") or "")))
        granted = scopes_of(answer.headers)
        lacking = [f"{name} ({told})" for name, told in SCOPES.items() if name not in granted]
        who = f"the bot is @{answer['user']} of {answer['team']} ({team})"
        what = f"{who}, with all {len(SCOPES)} scopes"
        return Finding(what, f"{', '.join(lacking)}: {AGAIN}, with them" if lacking else "")

    async def _room_of(self, team: str, channel: str) -> Finding:
        """That for tickets, which are worked on in one workspace."""
        if not team:
            what = "the triage channel names its workspace"
            return Finding(what, "write its workspace before it, as T…/C…")
        for one in self.opened:
            if one.team == team:
                answer, error = await ask(one.client, "conversations.info", channel=channel)
                return of_channel("triage", channel, answer, error)
        what = f"the triage channel {team}/{channel} is where the app is"
        return Finding(what, f"no token of {team} works: {AGAIN}, or choose another channel")

    async def _room(self, use: str, team: str, channel: str) -> Finding:
        """One that is told by its id alone, whichever workspace it is in."""
        if team:
            what = f"the {use} channel {channel} is told by its id"
            return Finding(what, f"leave its workspace out: {channel}")
        if not self.opened:
            return Finding(f"the {use} channel {channel} was not looked at: no token works")
        answer, error = await self._find(channel)
        return of_channel(use, channel, answer, error)

    async def _find(self, channel: str) -> tuple[Any, str]:
        """What is known of it where it is; else why it was not found."""
        errors = []
        for one in self.opened:
            answer, error = await ask(one.client, "conversations.info", channel=channel)
            if answer is not None:
                return answer, ""
            errors.append(error)
        return None, next((one for one in errors if one != "channel_not_found"), errors[0])
