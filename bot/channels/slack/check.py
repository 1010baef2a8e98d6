"""What is set up at Slack and works: each finding with the way out. Posts and changes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.manifest import EVENTS, SCOPES
from bot.domain.desk_news import Finding

API_URL = "https://slack.com/api/"
APPS_PAGE = "https://api.slack.com/apps"
REINSTALL = "add it under OAuth & Permissions, and reinstall the app"
_TOKEN_ERRORS = {
    "invalid_auth": "it is no token of Slack, or one that was revoked",
    "not_authed": "it is no token of Slack",
    "token_revoked": "it was revoked: reinstall the app",
    "token_expired": "it has expired: switch token rotation off, or reinstall the app",
    "account_inactive": "the app was removed from the workspace: install it again",
    "not_allowed_token_type": "it is a token of another kind: bot tokens begin with xoxb-, app "
    "tokens with xapp-",
    "missing_scope": "it has no scope connections:write",
}


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """What the settings say, as far as it is looked at."""

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    triage_channel: str = ""
    auto_channels: tuple[str, ...] = ()
    internal_channels: tuple[str, ...] = ()
    several: bool = False  # workspaces, each with a token in the database


class SlackInspector:
    name = "slack"

    def __init__(self, access: SlackAccess, config_token: str = "", url: str = API_URL) -> None:
        """`config_token`: an app configuration token, by which the app's events can be read."""
        self._access = access
        self._config_token = config_token
        self._url = url

    async def check(self) -> Sequence[Finding]:
        access = self._access
        findings = [*_ways_in(access)]
        if access.app_token:
            findings.append(await self._app_token())
        if access.bot_token:
            findings += await self._bot(self._client(access.bot_token))
        elif access.several:
            findings += _of_several(access)
        else:
            findings.append(Finding("the bot has a token", "set slack.bot_token (xoxb-…)"))
        return findings

    def _client(self, token: str) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=self._url)

    async def _app_token(self) -> Finding:
        what = "the app token opens connections (Socket Mode)"
        _, error = await _ask(self._client(self._access.app_token), "apps.connections.open")
        return Finding(what, _way_out(error, "slack.app_token") if error else "")

    async def _bot(self, client: AsyncWebClient) -> Sequence[Finding]:
        answer, error = await _ask(client, "auth.test")
        if answer is None:
            return [Finding("the bot token is valid", _way_out(error, "slack.bot_token"))]
        granted = _scopes(answer.headers)
        findings = [
            Finding(f"the bot is @{answer['user']} of {answer['team']}"),
            *_missing("scope", SCOPES, granted, REINSTALL),
        ]
        findings += await self._events(client, answer["bot_id"])
        findings += await self._channels(client)
        return findings

    async def _events(self, client: AsyncWebClient, bot_id: str) -> Sequence[Finding]:
        if not self._config_token:
            return [
                Finding(
                    f"events were not looked at: that takes an app configuration token ({APPS_PAGE}"
                    ") in SLACK_CONFIG_TOKEN; or compare with `firstline slack manifest`"
                )
            ]
        bot, error = await _ask(client, "bots.info", bot=bot_id)
        if bot is None:
            return [Finding("the app is known", f"Slack says {error}")]
        configured = self._client(self._config_token)
        answer, error = await _ask(configured, "apps.manifest.export", app_id=bot["bot"]["app_id"])
        if answer is None:
            way_out = f"Slack says {error}; make a new token at {APPS_PAGE}, they last 12 hours"
            return [Finding("the app's manifest can be read", way_out)]
        return _of_manifest(answer["manifest"], socket=bool(self._access.app_token))

    async def _channels(self, client: AsyncWebClient) -> Sequence[Finding]:
        access = self._access
        findings = []
        asked = {
            "triage": [access.triage_channel.rpartition("/")[2]] if access.triage_channel else [],
            "auto-answer": access.auto_channels,
            "internal": access.internal_channels,
        }
        for use, channels in asked.items():
            for channel in channels:
                findings.append(await _channel(client, use, channel))
        if not access.triage_channel:
            findings.append(
                Finding("no triage channel is set: tickets are worked on in the inbox (/inbox)")
            )
        return findings


async def _channel(client: AsyncWebClient, use: str, channel: str) -> Finding:
    answer, error = await _ask(client, "conversations.info", channel=channel)
    if answer is None:
        way_out = {
            "channel_not_found": "there is no such channel, or it is private and the app is not in "
            "it: give the id (C…) from the channel's details, and /invite the app",
            "missing_scope": f"scope channels:read or groups:read is missing: {REINSTALL}",
        }.get(error, f"Slack says {error}")
        return Finding(f"the {use} channel {channel} is there", way_out)
    found = answer["channel"]
    what = f"the {use} channel #{found.get('name', channel)} can be used"
    if found.get("is_archived"):
        return Finding(what, "it is archived: unarchive it, or choose another")
    if not found.get("is_member"):
        return Finding(what, "the app is not in it: type /invite @Firstline there")
    if use != "auto-answer" and (found.get("is_ext_shared") or found.get("is_pending_ext_shared")):
        return Finding(what, "it is shared with another company, who would read what is internal")
    return Finding(what)


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


def _of_several(access: SlackAccess) -> Iterator[Finding]:
    yield Finding(
        "tokens and scopes were not looked at: each workspace that installs the app grants its own"
    )
    if access.triage_channel:
        named = "/" in access.triage_channel
        way_out = "" if named else "write its workspace before it, as T…/C…"
        yield Finding("the triage channel names its workspace", way_out)


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


def _scopes(headers: Mapping[str, str]) -> frozenset[str]:
    named = {name.lower(): value for name, value in headers.items()}
    return frozenset(filter(None, named.get("x-oauth-scopes", "").replace(" ", "").split(",")))


def _way_out(error: str, setting: str) -> str:
    return f"{_TOKEN_ERRORS.get(error, f'Slack says {error}')}; see {setting}"


async def _ask(client: AsyncWebClient, method: str, **arguments: Any) -> tuple[Any, str]:
    """The answer, or None and why not."""
    try:
        return await client.api_call(method, params=arguments), ""
    except SlackClientError as error:
        response = getattr(error, "response", None)
        return None, str(response.get("error", error)) if response is not None else str(error)
    except (ClientError, OSError, TimeoutError) as error:
        return None, f"nothing ({type(error).__name__}); is it reached from here?"
