"""What is set up at Feishu and works: each finding with the way out. Posts and changes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.channels.chat.rooms import Rooms
from bot.channels.feishu import PATH
from bot.channels.feishu.calls import Calls, path
from bot.channels.feishu.events import CLICKED, EVENTS
from bot.channels.feishu.refusals import CONSOLE, FeishuRefused
from bot.domain.desk_news import Finding
from bot.domain.outbox import DeskRefused, DeskUnavailable

# What each permission is for; of several names in a row one is enough.
SCOPES: Mapping[tuple[str, ...], str] = {
    ("im:message.p2p_msg:readonly", "im:message.p2p_msg", "im:message"): "private messages are "
    "not heard",
    ("im:message.group_at_msg:readonly", "im:message.group_at_msg", "im:message.group_msg"): (
        "mentions in groups are not heard"
    ),
    ("im:message:send_as_bot", "im:message"): "nothing can be answered",
    ("im:message:readonly", "im:message", "im:message.history:readonly"): "a message that is "
    "quoted is not read",
    ("im:message:update", "im:message"): "cards stay as they were posted",
    ("im:chat:readonly", "im:chat", "im:chat:read"): "private chats and groups are not told apart "
    "by their cards",
    ("cardkit:card:write",): "answers are not written as they come",
    (
        "contact:contact.base:readonly",
        "contact:contact:readonly",
        "contact:contact:readonly_as_app",
        "contact:contact:access_as_app",
    ): "people are known by an id alone",
    ("contact:user.base:readonly", "contact:contact:readonly_as_app"): "people have no names",
    ("contact:user.email:readonly",): "agents of the inbox are not known by their mail address",
}
HEARING = ("im:message.group_msg",)  # all of a group, without a mention
DONE = ("im:message.reactions:write_only", "im:message.reactions:write", "im:message")
OWN_APP = "application:application:self_manage"
_ADD = f"add it under Permissions in {CONSOLE}, and publish a version"
_WEBHOOK, _CONNECTION = "webhook", "websocket"


@dataclass(frozen=True, slots=True)
class FeishuAccess:
    """What the settings say, as far as it is looked at."""

    app_id: str = ""
    app_secret: str = ""
    verification_token: str = ""
    encrypt_key: str = ""
    rooms: Rooms = field(default_factory=Rooms)

    @property
    def is_posted_to(self) -> bool:
        return bool(self.verification_token or self.encrypt_key)


class FeishuInspector:
    name = "feishu"

    def __init__(self, access: FeishuAccess, calls: Calls) -> None:
        self._access = access
        self._calls = calls

    async def check(self) -> Sequence[Finding]:
        access = self._access
        if not (access.app_id and access.app_secret):
            return [Finding("there is an app", "set feishu.app_id and feishu.app_secret")]
        findings = [_way_in(access)]
        told, why = await self._ask("bot/v3/info")
        if told is None and "11205" not in why:
            return [*findings, Finding("app id and secret are taken", why)]
        findings += [Finding("app id and secret are taken"), _bot(told)]
        findings += await self._scopes()
        findings += await self._app()
        findings += await self._chats()
        return findings

    async def _scopes(self) -> Sequence[Finding]:
        told, why = await self._ask("application/v6/scopes")
        if told is None:
            return [Finding("the permissions can be read", why)]
        granted = {
            one["scope_name"] for one in told.get("scopes") or () if one.get("grant_status") == 1
        }
        findings = [*_missing(granted)]
        if not granted.intersection(HEARING):
            hears_all = bool(self._access.rooms.triage or self._access.rooms.auto)
            what = f"permission {HEARING[0]}: in groups only mentions of the bot are heard"
            way_out = f"triage and auto-answer groups need it: {_ADD}" if hears_all else ""
            findings.append(Finding(what, way_out))
        return findings

    async def _app(self) -> Sequence[Finding]:
        """What it is subscribed to, as far as it may ask about itself."""
        call = path("application/v6/applications", self._access.app_id)
        told, _ = await self._ask(call, lang="zh_cn")
        if told is None:
            what = "events and callbacks were not looked at"
            return [Finding(f"{what}: that takes the permission {OWN_APP}")]
        app: Mapping[str, Any] = told.get("app") or {}
        event, callback = app.get("event") or {}, app.get("callback") or {}
        return [
            *_subscribed("event", EVENTS, event.get("subscribed_events") or ()),
            *_subscribed(
                "callback",
                {CLICKED: "buttons and forms do nothing"},
                callback.get("subscribed_callbacks") or (),
            ),
            *_ways(
                self._access,
                {
                    "events": event.get("subscription_type"),
                    "callbacks": callback.get("callback_type"),
                },
            ),
            *_encryption(self._access, app.get("encryption")),
        ]

    async def _chats(self) -> Sequence[Finding]:
        access = self._access
        asked = access.rooms.by_use
        findings = [await self._chat(use, chat) for use, chats in asked.items() for chat in chats]
        if not access.rooms.triage:
            findings.append(
                Finding("no triage group is set: tickets are worked on in the inbox (/inbox)")
            )
        return findings

    async def _chat(self, use: str, chat: str) -> Finding:
        told, why = await self._ask(path("im/v1/chats", chat))
        if told is None:
            return Finding(f"the {use} group {chat} can be used", why)
        what = f"the {use} group {told.get('name') or chat} can be used"
        if told.get("chat_status", "normal") != "normal":
            return Finding(what, "it was dissolved: choose another")
        if use != "auto-answer" and told.get("external"):
            return Finding(
                what, "it has members of another company, who would read what is internal"
            )
        return Finding(what)

    async def _ask(self, call: str, **query: str) -> tuple[Mapping[str, Any] | None, str]:
        """The answer, or None and why not."""
        try:
            return await self._calls.call("GET", call, None, **query), ""
        except FeishuRefused as error:
            return None, str(error)
        except (DeskUnavailable, DeskRefused) as error:
            return None, f"{error}; is it reached from here? (feishu.domain)"


def _way_in(access: FeishuAccess) -> Finding:
    if access.is_posted_to:
        return Finding(f"events are taken at {PATH} (firstline serve)")
    return Finding("events come by the long connection (firstline feishu, or firstline serve)")


def _bot(told: Mapping[str, Any] | None) -> Finding:
    bot = (told or {}).get("bot") or told or {}
    if not bot.get("open_id"):
        way_out = f"add the ability Bot in {CONSOLE}, and publish a version"
        return Finding("the app is a bot", way_out)
    return Finding(f"the bot is {bot.get('app_name', 'there')}")


def _missing(granted: Collection[str]) -> Iterator[Finding]:
    lacking = {names: why for names, why in SCOPES.items() if not set(names) & set(granted)}
    for names, why in lacking.items():
        yield Finding(f"permission {names[0]}", f"{why}: {_ADD}")
    if not lacking:
        yield Finding(f"all {len(SCOPES)} permissions are there")
    if not set(DONE) & set(granted):
        yield Finding(f"permission {DONE[0]} is not there: what agents typed gets no mark")


def _subscribed(kind: str, wanted: Mapping[str, str], given: Collection[str]) -> Iterator[Finding]:
    for name, why in wanted.items():
        way_out = f"{why}: subscribe to it under Events and Callbacks in {CONSOLE}, and publish"
        yield Finding(f"{kind} {name}", "" if name in given else way_out)


def _ways(access: FeishuAccess, given: Mapping[str, Any]) -> Iterator[Finding]:
    wanted = _WEBHOOK if access.is_posted_to else _CONNECTION
    for what, way in given.items():
        if way and way != wanted:
            yield Finding(
                f"{what} come the way that is set here",
                f"Feishu sends them by {way}: choose {wanted} under Events and Callbacks in "
                f"{CONSOLE}, or change feishu.verification_token and feishu.encrypt_key",
            )


def _encryption(access: FeishuAccess, told: Any) -> Iterator[Finding]:
    if not isinstance(told, Mapping) or not access.is_posted_to:
        return
    for name, setting in {
        "encryption_key": access.encrypt_key,
        "verification_token": access.verification_token,
    }.items():
        there = told.get(name)
        if there is not None and there != setting:
            mine = {"encryption_key": "encrypt_key"}.get(name, name)
            yield Finding(
                f"feishu.{mine} is the app's", f"copy it from Events and Callbacks in {CONSOLE}"
            )
