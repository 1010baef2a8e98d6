"""What is set up at Slack and works: each finding with the way out. Posts and changes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.chat.rooms import Rooms
from bot.channels.slack.calls import API_URL
from bot.channels.slack.inquiry import REINSTALL, ask, of_channel, scopes_of, why_no_token
from bot.channels.slack.manifest import EVENTS, SCOPES
from bot.channels.slack.workspace_check import WorkspaceInspector, Workspaces
from bot.domain.desk_news import Finding

APPS_PAGE = "https://api.slack.com/apps"


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """What the settings say, as far as it is looked at."""

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    rooms: Rooms = field(default_factory=Rooms)


class SlackInspector:
    name = "slack"

    def __init__(
        self,
        access: SlackAccess,
        config_token: str = "",
        url: str = API_URL,
        workspaces: Workspaces | None = None,
    ) -> None:
        """`config_token`: an app configuration token, by which the app's events can be read.
        `workspaces`: where several install the app, each with a token of its own."""
        self._access = access
        self._config_token = config_token
        self._url = url
        self._workspaces = workspaces

    async def check(self) -> Sequence[Finding]:
        access = self._access
        findings = [*_ways_in(access)]
        if access.app_token:
            findings.append(await self._app_token())
        if access.bot_token:
            findings += await self._bot(self._client(access.bot_token))
        elif self._workspaces is not None:
            findings += await self._several(self._workspaces)
        else:
            findings.append(Finding("the bot has a token", "set slack.bot_token (xoxb-…)"))
        return findings

    def _client(self, token: str) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=self._url)

    async def _app_token(self) -> Finding:
        what = "the app token opens connections (Socket Mode)"
        _, error = await ask(self._client(self._access.app_token), "apps.connections.open")
        return Finding(
            what, f"{why_no_token(error)}; see slack.app_token (xapp-…)" if error else ""
        )

    async def _bot(self, client: AsyncWebClient) -> Sequence[Finding]:
        answer, error = await ask(client, "auth.test")
        if answer is None:
            way_out = f"{why_no_token(error)}; see slack.bot_token (xoxb-…)"
            return [Finding("the bot token is valid", way_out)]
        granted = scopes_of(answer.headers)
        findings = [
            Finding(f"the bot is @{answer['user']} of {answer['team']}"),
            *_missing("scope", SCOPES, granted, REINSTALL),
        ]
        findings += await self._events(client, answer["bot_id"])
        findings += await self._channels(client)
        return findings

    async def _several(self, workspaces: Workspaces) -> Sequence[Finding]:
        inspector = WorkspaceInspector(workspaces, self._client, self._access.rooms.by_use)
        findings = [*await inspector.check()]
        for opened in inspector.opened[:1]:  # events are the app's, wherever it is
            findings += await self._events(opened.client, opened.bot_id)
        return [*findings, *_triage(self._access)]

    async def _events(self, client: AsyncWebClient, bot_id: str) -> Sequence[Finding]:
        if not self._config_token:
            return [
                Finding(
                    f"events were not looked at: that takes an app configuration token ({APPS_PAGE}"
                    ") in SLACK_CONFIG_TOKEN; or compare with `firstline slack manifest`"
                )
            ]
        bot, error = await ask(client, "bots.info", bot=bot_id)
        if bot is None:
            return [Finding("the app is known", f"Slack says {error}")]
        configured = self._client(self._config_token)
        answer, error = await ask(configured, "apps.manifest.export", app_id=bot["bot"]["app_id"])
        if answer is None:
            way_out = f"Slack says {error}; make a new token at {APPS_PAGE}, they last 12 hours"
            return [Finding("the app's manifest can be read", way_out)]
        return _of_manifest(answer["manifest"], socket=bool(self._access.app_token))

    async def _channels(self, client: AsyncWebClient) -> Sequence[Finding]:
        findings = []
        for use, channels in self._access.rooms.by_use.items():
            for named in channels:
                channel = named.rpartition("/")[2] if use == "triage" else named
                answer, error = await ask(client, "conversations.info", channel=channel)
                findings.append(of_channel(use, channel, answer, error))
        return [*findings, *_triage(self._access)]


def _triage(access: SlackAccess) -> Iterator[Finding]:
    if not access.rooms.triage:
        yield Finding("no triage channel is set: tickets are worked on in the inbox (/inbox)")


def _ways_in(access: SlackAccess) -> Iterator[Finding]:
    if access.app_token:
        yield Finding("events come by Socket Mode (firstline slack, or firstline serve)")
    if access.signing_secret:
        yield Finding("events are taken at /slack/events (firstline serve)")
    if not (access.app_token or access.signing_secret):
        yield Finding(
            "events come in",
            "set slack.app_token (xapp-…) for Socket Mode, or slack.signing_secret for HTTP",
        )


def _of_manifest(manifest: Mapping[str, Any], *, socket: bool) -> Sequence[Finding]:
    settings = manifest.get("settings", {})
    features = manifest.get("features", {})
    events = settings.get("event_subscriptions", {}).get("bot_events", [])
    findings = [
        *_missing("event", EVENTS, events, "add it under Event Subscriptions"),
        _switch("interactivity is on", settings.get("interactivity", {}).get("is_enabled")),
        _switch("the Home tab is on", features.get("app_home", {}).get("home_tab_enabled")),
    ]
    if socket:
        findings.append(_switch("Socket Mode is on", settings.get("socket_mode_enabled")))
    elif not settings.get("event_subscriptions", {}).get("request_url"):
        findings.append(Finding("events have an address", "set it under Event Subscriptions"))
    return findings


def _switch(what: str, is_on: object) -> Finding:
    return Finding(what, "" if is_on else f"switch it on at {APPS_PAGE}")


def _missing(
    kind: str, wanted: Mapping[str, str], given: Collection[str], way_out: str
) -> Sequence[Finding]:
    lacking = [name for name in wanted if name not in given]
    if not lacking:
        return [Finding(f"all {len(wanted)} {kind}s are there")]
    return [Finding(f"{kind} {name}", f"{wanted[name]}: {way_out}") for name in lacking]
