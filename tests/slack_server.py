"""Slack as a real server on this machine: its Web API and Socket Mode, and how both misbehave.

Workspaces hold channels, threads and users. Everything that is called is kept in `calls`; `fail`
scripts what the next calls of a method meet.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.chat_stand_in import Connections, listen

Json = dict[str, Any]

SIGNING_SECRET = "5bd1a5b0c2f94f0b8f5d1c2e3a4b5c6d"
BOT_TOKEN = "xoxb-test"
APP_TOKEN = "xapp-test"
TEAM = "T1"
CHANNEL = "C1"
DIRECT = "D1"
BOT_USER = "UBOT"
BOT_ID = "BBOT"
ANN = "UANN"

_JSON_FIELDS = ("[", "{")


@dataclass(frozen=True)
class Call:
    method: str
    team: str
    arguments: Json
    token: str


@dataclass(frozen=True)
class Failure:
    """What a call meets. `after`: once it was done. `of`: what it says, where another is met by
    the next that does."""

    error: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    reset: bool = False
    after: bool = False
    of: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def rate_limited(seconds: int) -> Failure:
    return Failure("ratelimited", 429, {"Retry-After": str(seconds)})


def refused(error: str, **extra: Any) -> Failure:
    return Failure(error, extra=extra)


HANG = Failure(hang=True)
HANG_AFTER = Failure(hang=True, after=True)
RESET = Failure(reset=True)
RESET_AFTER = Failure(reset=True, after=True)
BROKEN = Failure(status=503)


@dataclass
class Channel:
    id: str
    name: str
    kind: str = "channel"  # or "im", "mpim", "group"
    user: str | None = None  # of a direct message
    is_archived: bool = False
    members: set[str] = field(default_factory=set)
    messages: list[Json] = field(default_factory=list)

    def find(self, ts: str | None) -> Json | None:
        return next((one for one in self.messages if one["ts"] == ts), None)

    def thread(self, ts: str) -> list[Json]:
        return [one for one in self.messages if ts in (one["ts"], one.get("thread_ts"))]

    def info(self) -> Json:
        flags = {f"is_{kind}": self.kind == kind for kind in ("channel", "im", "mpim", "group")}
        archived = {"is_archived": self.is_archived, "is_member": BOT_USER in self.members}
        user = {"user": self.user} if self.user else {}
        return {"id": self.id, "name": self.name, **flags, **archived, **user}


@dataclass
class Workspace:
    id: str = TEAM
    token: str = BOT_TOKEN
    streams: bool = True  # whether chat.startStream is there
    scopes: str = "app_mentions:read,channels:history,chat:write,im:history,users:read"
    users: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)  # views.publish, by user
    views: list[Json] = field(default_factory=list)  # opened, in order
    ephemeral: list[Json] = field(default_factory=list)
    responses: list[Json] = field(default_factory=list)  # posted to a response_url

    def add_user(self, id: str, name: str, email: str | None = None, **more: Any) -> None:
        profile = {"real_name": name, "display_name": name.split()[0], "email": email}
        profile = {key: value for key, value in profile.items() if value}
        self.users[id] = {"id": id, "team_id": self.id, "real_name": name, "profile": profile}
        self.users[id] |= {"is_bot": False, "deleted": False, "tz": "Europe/Berlin", **more}

    def add_channel(self, id: str, name: str, kind: str = "channel", **more: Any) -> Channel:
        self.channels[id] = Channel(id, name, kind, members={BOT_USER}, **more)
        return self.channels[id]


class SlackServer:
    def __init__(self) -> None:
        self.url = ""
        self.workspaces: dict[str, Workspace] = {}
        self.calls: list[Call] = []
        self.installs: dict[str, Json] = {}  # answers of oauth.v2.access, by code
        self.socket = SocketMode()
        self._failures: defaultdict[str, list[Failure | None]] = defaultdict(list)
        self.epoch = 1_700_000_000
        self._numbers = count(1)
        self._released = asyncio.Event()
        self.hanging = 0  # calls that hang, or did
        self.add_workspace(Workspace())

    def add_workspace(self, workspace: Workspace) -> Workspace:
        self.workspaces[workspace.id] = workspace
        workspace.add_user(ANN, "Ann Lee", "ann@example.com")
        workspace.add_user(BOT_USER, "Firstline", is_bot=True)
        workspace.add_channel(CHANNEL, "help")
        workspace.add_channel(DIRECT, "ann", "im", user=ANN)
        return workspace

    @property
    def workspace(self) -> Workspace:
        return self.workspaces[TEAM]

    @property
    def channel(self) -> Channel:
        return self.workspace.channels[CHANNEL]

    def fail(self, method: str, *failures: Failure) -> None:
        self._failures[method] += failures

    def release(self) -> None:
        """Everything that hangs goes on."""
        self._released.set()

    def called(self, method: str) -> list[Json]:
        return [call.arguments for call in self.calls if call.method == method]

    def posted(self, channel: str = CHANNEL, team: str = TEAM) -> list[Json]:
        """What the bot put up there, as it stands now."""
        found = self.workspaces[team].channels[channel].messages
        return [one for one in found if one.get("bot_id") == BOT_ID]

    def new_ts(self) -> str:
        number = next(self._numbers)
        return f"{self.epoch + number}.{number:06d}"

    # What people do in Slack, as bodies of the Events API.

    def say(
        self,
        text: str,
        channel: str = CHANNEL,
        user: str = ANN,
        thread_ts: str | None = None,
        team: str = TEAM,
        **more: Any,
    ) -> Json:
        """A message, put into the channel; the event that tells of it."""
        place = self.workspaces[team].channels[channel]
        said: Json = {
            "type": "message",
            "user": user,
            "text": text,
            "ts": self.new_ts(),
            "team": team,
        }
        if thread_ts:
            said["thread_ts"] = thread_ts
        said |= more
        place.messages.append(said)
        return self.event({**said, "channel": channel, "channel_type": place.kind}, team)

    def mention(self, text: str, channel: str = CHANNEL, **more: Any) -> tuple[Json, Json]:
        """A message that names the bot: the two events that tell of it."""
        message = self.say(f"<@{BOT_USER}> {text}", channel, **more)
        inner = {**message["event"], "type": "app_mention"}
        inner.pop("channel_type")
        return self.event(inner, message["team_id"]), message

    def edit(self, ts: str, text: str, channel: str = CHANNEL, team: str = TEAM) -> Json:
        place = self.workspaces[team].channels[channel]
        message = place.find(ts)
        assert message is not None
        previous = dict(message)
        message |= {"text": text, "edited": {"user": message["user"], "ts": self.new_ts()}}
        inner = {"type": "message", "subtype": "message_changed", "channel": channel}
        inner |= {"channel_type": place.kind, "ts": self.new_ts(), "hidden": True}
        return self.event({**inner, "message": dict(message), "previous_message": previous}, team)

    def delete(self, ts: str, channel: str = CHANNEL, team: str = TEAM) -> Json:
        place = self.workspaces[team].channels[channel]
        message = place.find(ts)
        assert message is not None
        if place.thread(ts)[1:]:
            return self._bury(message, place)
        place.messages.remove(message)
        inner = {"type": "message", "subtype": "message_deleted", "channel": channel}
        inner |= {"channel_type": place.kind, "ts": self.new_ts(), "deleted_ts": ts}
        return self.event({**inner, "previous_message": message, "hidden": True}, team)

    def _bury(self, message: Json, place: Channel) -> Json:
        """What begins a thread is changed into what says that it was deleted."""
        previous = dict(message)
        message.clear()
        kept = {"type": "message", "ts": previous["ts"], "thread_ts": previous["ts"]}
        message |= {**kept, "subtype": "tombstone", "user": "USLACKBOT", "hidden": True}
        message["text"] = "This message was deleted."
        inner = {"type": "message", "subtype": "message_changed", "channel": place.id}
        inner |= {"channel_type": place.kind, "ts": self.new_ts(), "hidden": True}
        return self.event({**inner, "message": dict(message), "previous_message": previous})

    def event(self, inner: Json, team: str = TEAM) -> Json:
        number = next(self._numbers)
        return {
            "token": "legacy",
            "team_id": team,
            "api_app_id": "A1",
            "type": "event_callback",
            "event_id": f"Ev{number:08d}",
            "event_time": 1_700_000_000 + number,
            "authorizations": [{"team_id": team, "user_id": BOT_USER, "is_bot": True}],
            "event": {"event_ts": inner.get("ts", self.new_ts()), **inner},
        }

    def action(
        self,
        action_id: str,
        value: str = "",
        message_ts: str | None = None,
        channel: str = CHANNEL,
        user: str = ANN,
        team: str = TEAM,
        **action: Any,
    ) -> Json:
        """A button of a message; without `message_ts` one of a view."""
        body = self._interactive("block_actions", user, team)
        stamp: Json = {"action_id": action_id, "block_id": "b", "type": "button"}
        body["actions"] = [{**stamp, "value": value, "action_ts": self.new_ts(), **action}]
        body["response_url"] = f"{self.url.removesuffix('api/')}response/{team}"
        if message_ts is not None:
            message = self.workspaces[team].channels[channel].find(message_ts)
            assert message is not None
            body |= {"channel": {"id": channel}, "message": dict(message)}
            body["container"] = {"type": "message", "message_ts": message_ts, "channel_id": channel}
            if "thread_ts" in message:
                body["container"]["thread_ts"] = message["thread_ts"]
        return body

    def submission(
        self,
        view: Json,
        values: Json | None = None,
        user: str = ANN,
        team: str = TEAM,
        kind: str = "view_submission",
    ) -> Json:
        body = self._interactive(kind, user, team)
        number = next(self._numbers)
        filled = {"id": f"V{number}", "hash": f"{number}.h", "team_id": team, **view}
        return {**body, "view": {**filled, "state": {"values": values or {}}}}

    def shortcut(
        self, callback_id: str, ts: str, channel: str = CHANNEL, user: str = ANN, team: str = TEAM
    ) -> Json:
        """A shortcut of a message."""
        body = self._interactive("message_action", user, team)
        message = self.workspaces[team].channels[channel].find(ts)
        assert message is not None
        body |= {"callback_id": callback_id, "action_ts": self.new_ts(), "message_ts": ts}
        body["response_url"] = f"{self.url.removesuffix('api/')}response/{team}"
        return {**body, "channel": {"id": channel, "name": "help"}, "message": dict(message)}

    def command(
        self,
        command: str,
        text: str,
        channel: str = CHANNEL,
        user: str = ANN,
        team: str = TEAM,
    ) -> Json:
        return {
            "command": command,
            "text": text,
            "team_id": team,
            "channel_id": channel,
            "channel_name": "help",
            "user_id": user,
            "user_name": "ann",
            "api_app_id": "A1",
            "trigger_id": f"trigger-{next(self._numbers)}",
            "response_url": f"{self.url.removesuffix('api/')}response/{team}",
        }

    def _interactive(self, kind: str, user: str, team: str) -> Json:
        return {
            "type": kind,
            "team": {"id": team, "domain": "example"},
            "user": {"id": user, "name": "ann", "team_id": team},
            "api_app_id": "A1",
            "trigger_id": f"trigger-{next(self._numbers)}",
        }

    # The Web API.

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = token or str(arguments.pop("token", ""))
        workspace = next((one for one in self.workspaces.values() if one.token == token), None)
        known = workspace.id if workspace else ""
        self.calls.append(Call(method, known, arguments, token))
        failure = self._met_by(method, arguments)
        if failure is not None and not failure.after:
            return await self._spoil(request, failure)
        answer = self._do(method, workspace, arguments, token)
        if failure is not None:
            return await self._spoil(request, failure)
        scopes = {"X-OAuth-Scopes": workspace.scopes} if workspace else {}
        return web.json_response(answer, headers=scopes)

    async def respond(self, request: web.Request) -> web.Response:
        """A response_url."""
        workspace = self.workspaces[request.match_info["team"]]
        said = await request.json()
        failure = self._met_by("response_url", said)
        if failure is None or failure.after:
            workspace.responses.append(said)
        if failure is not None:
            return await self._spoil(request, failure)
        return web.json_response({"ok": True})

    def _met_by(self, method: str, arguments: Json) -> Failure | None:
        """None among those that wait stands for a call that meets nothing."""
        waiting = self._failures[method]
        for n, one in enumerate(waiting):
            if one is None or one.of in str(arguments):
                return waiting.pop(n)
        return None

    async def _spoil(self, request: web.Request, failure: Failure) -> web.Response:
        if failure.hang:
            self.hanging += 1
            await self._released.wait()
        if failure.reset:
            assert request.transport is not None
            request.transport.abort()
        if failure.status >= 500:
            return web.Response(status=failure.status, text="<html>sorry</html>")
        body = {"ok": False, "error": failure.error, **failure.extra}
        return web.json_response(body, status=failure.status, headers=failure.headers)

    def _do(self, method: str, workspace: Workspace | None, said: Json, token: str) -> Json:
        if method == "apps.connections.open":
            address = self.url.replace("http", "ws", 1).removesuffix("api/")
            return (
                {"ok": True, "url": f"{address}socket"}
                if token == APP_TOKEN
                else _no("invalid_auth")
            )
        if method == "oauth.v2.access":
            return self.installs.get(str(said.get("code")), _no("invalid_code"))
        if workspace is None:
            return _no("invalid_auth" if token else "not_authed")
        act: Callable[[Workspace, Json], Json] | None = getattr(
            self, "_do_" + method.replace(".", "_"), None
        )
        return act(workspace, said) if act is not None else {"ok": True}

    def _do_auth_test(self, workspace: Workspace, said: Json) -> Json:
        names = {"team_id": workspace.id, "team": "Example", "user": "firstline"}
        return {"ok": True, **names, "user_id": BOT_USER, "bot_id": BOT_ID, "url": "https://x/"}

    def _do_users_info(self, workspace: Workspace, said: Json) -> Json:
        user = workspace.users.get(said["user"])
        return {"ok": True, "user": user} if user else _no("user_not_found")

    def _do_users_lookupByEmail(self, workspace: Workspace, said: Json) -> Json:
        for user in workspace.users.values():
            if user["profile"].get("email") == said["email"]:
                return {"ok": True, "user": user}
        return _no("users_not_found")

    def _do_users_conversations(self, workspace: Workspace, said: Json) -> Json:
        kinds = {"public_channel": "channel", "private_channel": "group"}
        wanted = str(said.get("types", "public_channel")).split(",")
        wanted = [kinds.get(kind, kind) for kind in wanted]
        found = [one for one in workspace.channels.values() if one.kind in wanted]
        mine = [one.info() for one in found if BOT_USER in one.members and not one.is_archived]
        return {"ok": True, "channels": mine, "response_metadata": {"next_cursor": ""}}

    def _do_conversations_open(self, workspace: Workspace, said: Json) -> Json:
        user = said["users"]
        for one in workspace.channels.values():
            if one.user == user:
                return {"ok": True, "channel": {"id": one.id}}
        if user not in workspace.users:
            return _no("user_not_found")
        made = workspace.add_channel(f"D{user}", user, "im", user=user)
        return {"ok": True, "channel": {"id": made.id}}

    def _do_conversations_info(self, workspace: Workspace, said: Json) -> Json:
        channel = workspace.channels.get(said["channel"])
        return {"ok": True, "channel": channel.info()} if channel else _no("channel_not_found")

    def _do_conversations_history(self, workspace: Workspace, said: Json) -> Json:
        channel = workspace.channels.get(said["channel"])
        if channel is None:
            return _no("channel_not_found")
        roots = [one for one in channel.messages if one.get("thread_ts", one["ts"]) == one["ts"]]
        shown = [_with_replies(channel, one) for one in _between(roots, said)]
        return _paged(list(reversed(shown)), said)

    def _do_conversations_replies(self, workspace: Workspace, said: Json) -> Json:
        channel = workspace.channels.get(said["channel"])
        if channel is None:
            return _no("channel_not_found")
        thread = channel.thread(said["ts"])
        if not thread or thread[0]["ts"] != said["ts"]:
            return _no("thread_not_found")
        root, replies = thread[0], _between(thread[1:], said)
        return _paged([_with_replies(channel, root), *replies], said)

    def _do_chat_postMessage(self, workspace: Workspace, said: Json) -> Json:
        channel = workspace.channels.get(said["channel"])
        wrong = _wrong(channel, said)
        if channel is None or wrong:
            return _no(wrong or "channel_not_found")
        message = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "ts": self.new_ts()}
        message |= {key: value for key, value in said.items() if key != "channel"}
        channel.messages.append(message)
        return {"ok": True, "channel": channel.id, "ts": message["ts"], "message": message}

    def _do_chat_postEphemeral(self, workspace: Workspace, said: Json) -> Json:
        channel = workspace.channels.get(said["channel"])
        wrong = _wrong(channel, said)
        if channel is None or wrong:
            return _no(wrong or "channel_not_found")
        workspace.ephemeral.append(said)
        return {"ok": True, "message_ts": self.new_ts()}

    def _do_chat_update(self, workspace: Workspace, said: Json) -> Json:
        channel = workspace.channels.get(said["channel"])
        wrong = _wrong(channel, said)
        message = channel.find(said["ts"]) if channel else None
        if wrong or message is None:
            return _no(wrong or "message_not_found")
        if message.get("streaming"):
            return _no("streaming_state_conflict")
        message |= {key: said[key] for key in ("text", "blocks", "metadata") if key in said}
        return {"ok": True, "ts": said["ts"], "text": message.get("text", "")}

    def _do_chat_delete(self, workspace: Workspace, said: Json) -> Json:
        channel = workspace.channels.get(said["channel"])
        message = channel.find(said["ts"]) if channel else None
        if channel is None or message is None:
            return _no("message_not_found")
        channel.messages.remove(message)
        return {"ok": True, "ts": said["ts"]}

    def _do_chat_getPermalink(self, workspace: Workspace, said: Json) -> Json:
        place = f"https://example.slack.test/archives/{said['channel']}/p{said['message_ts']}"
        return {"ok": True, "permalink": place}

    def _do_chat_startStream(self, workspace: Workspace, said: Json) -> Json:
        if not workspace.streams:
            return _no("method_not_supported_for_channel_type")
        if not said.get("thread_ts"):
            return _no("invalid_thread_ts")
        channel = workspace.channels.get(said["channel"])
        if channel is not None and channel.kind != "im" and not said.get("recipient_user_id"):
            return _no("missing_recipient_user_id")
        text = {"text": said.get("markdown_text", ""), "streaming": True}
        kept = {key: said[key] for key in ("channel", "thread_ts")}
        begun = self._do_chat_postMessage(workspace, {**kept, **text})
        if begun["ok"]:
            _stream(begun["message"], said)
        return begun

    def _do_chat_appendStream(self, workspace: Workspace, said: Json) -> Json:
        message = workspace.channels[said["channel"]].find(said["ts"])
        if message is None:
            return _no("message_not_found")
        if not message.get("streaming"):
            return _no("message_not_in_streaming_state")
        if not (said.get("markdown_text") or said.get("chunks")):
            return _no("no_text")
        message["text"] += said.get("markdown_text", "")
        _stream(message, said)
        return {"ok": True, "ts": said["ts"]}

    def _do_chat_stopStream(self, workspace: Workspace, said: Json) -> Json:
        channel = workspace.channels[said["channel"]]
        message = channel.find(said["ts"])
        wrong = _wrong(channel, said)
        if wrong or message is None:
            return _no(wrong or "message_not_found")
        if not message.pop("streaming", False):
            return _no("message_not_in_streaming_state")
        message["text"] += said.get("markdown_text", "")
        _stream(message, said)
        message["blocks"] = [*message.get("blocks", ()), *said.get("blocks", ())]
        message |= {key: said[key] for key in ("metadata",) if key in said}
        return {"ok": True, "ts": said["ts"]}

    def _do_views_open(self, workspace: Workspace, said: Json) -> Json:
        if not said.get("trigger_id"):
            return _no("invalid_trigger_id")
        number = next(self._numbers)
        view = {**said["view"], "id": f"V{number}", "hash": f"{number}.h"}
        workspace.views.append(view)
        return {"ok": True, "view": view}

    _do_views_push = _do_views_open

    def _do_views_update(self, workspace: Workspace, said: Json) -> Json:
        for view in workspace.views:
            if view["id"] == said.get("view_id"):
                view |= said["view"]
                return {"ok": True, "view": view}
        return _no("not_found")

    def _do_views_publish(self, workspace: Workspace, said: Json) -> Json:
        workspace.homes[said["user_id"]] = said["view"]
        return {"ok": True, "view": said["view"]}


class SocketMode(Connections[Json]):
    async def push(self, body: Json, kind: str = "events_api", again: int = 0) -> str:
        """Its envelope's id."""
        id = f"envelope-{next(self._numbers)}"
        envelope = {
            "envelope_id": id,
            "type": kind,
            "payload": body,
            "accepts_response_payload": kind != "events_api",
            "retry_attempt": again,
        }
        return await self._push(id, envelope)

    async def ask_to_leave(self) -> None:
        for socket in list(self._open):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def welcome(self, socket: web.WebSocketResponse) -> None:
        await socket.send_json({"type": "hello", "num_connections": 1})

    async def send(self, socket: web.WebSocketResponse, id: str, frame: Json) -> None:
        await socket.send_json(frame)

    async def hear(self, socket: web.WebSocketResponse, data: Any) -> None:
        answer = json.loads(data)
        await self._confirm(answer.get("envelope_id", ""), answer)


@asynccontextmanager
async def slack_server() -> AsyncIterator[SlackServer]:
    server = SlackServer()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/api/{method}", server.answer)
    app.router.add_post("/response/{team}", server.respond)
    app.router.add_get("/socket", server.socket.serve)
    async with listen(app) as address:
        server.url = f"{address}/api/"
        try:
            yield server
        finally:
            server.release()
            await server.socket.close()


def signed(body: str, secret: str = SIGNING_SECRET, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack posts a body."""
    timestamp = str(int(time.time() if at is None else at))
    base = f"v0:{timestamp}:{body}".encode()
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def request_of(body: Json) -> tuple[str, dict[str, str]]:
    """Content and headers of the request that brings this body: JSON for events, else a form."""
    if "event" in body or body.get("type") in ("url_verification", "app_rate_limited"):
        content, kind = json.dumps(body), "application/json"
    else:
        form = body if "command" in body else {"payload": json.dumps(body)}
        content, kind = urlencode(form), "application/x-www-form-urlencoded"
    return content, {"Content-Type": kind, **signed(content)}


async def _arguments(request: web.Request) -> Json:
    if request.content_type == "application/json":
        return dict(await request.json())
    given: Json = {**request.query, **(await request.post())}
    return {name: _read(value) for name, value in given.items()}


def _read(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_JSON_FIELDS):
        return json.loads(value)
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _no(error: str) -> Json:
    return {"ok": False, "error": error}


def _wrong(channel: Channel | None, said: Json) -> str:
    blocks = said.get("blocks") or []
    if channel is None:
        return "channel_not_found"
    if channel.is_archived:
        return "is_archived"
    if said.get("thread_ts") and channel.find(said["thread_ts"]) is None:
        return "thread_not_found"
    if len(said.get("text") or "") > 40_000 or len(said.get("markdown_text") or "") > 12_000:
        return "msg_too_long"
    if len(blocks) > 50 or any(_text_length(block) > 3000 for block in blocks):
        return "invalid_blocks"
    if sum(map(_text_length, blocks)) > 12_000:
        return "msg_blocks_too_long"
    return ""


def _text_length(block: Json) -> int:
    text = block.get("text")
    return len(text.get("text", "")) if isinstance(text, dict) else 0


def _stream(message: Json, said: Json) -> None:
    """What chunks bring: blocks one after another, and the tasks as they stand."""
    for chunk in said.get("chunks") or []:
        if chunk["type"] == "blocks":
            message["blocks"] = [*message.get("blocks", ()), *chunk["blocks"]]
        elif chunk["type"] == "task_update":
            message["tasks"] = {**message.get("tasks", {}), chunk["id"]: chunk["status"]}
        else:
            message["text"] += chunk.get("text", "")


def _between(messages: list[Json], said: Json) -> list[Json]:
    oldest, latest = float(said.get("oldest", 0)), float(said.get("latest", "inf"))
    return [one for one in messages if oldest < float(one["ts"]) <= latest]


def _with_replies(channel: Channel, root: Json) -> Json:
    replies = channel.thread(root["ts"])[1:]
    if not replies:
        return root
    known = {"reply_count": len(replies), "latest_reply": replies[-1]["ts"]}
    return {**root, "thread_ts": root["ts"], **known}


def _paged(messages: list[Json], said: Json) -> Json:
    first, most = int(said.get("cursor") or 0), int(said.get("limit") or 100)
    more = len(messages) > first + most
    cursor = {"next_cursor": str(first + most) if more else ""}
    page = messages[first : first + most]
    return {"ok": True, "messages": page, "has_more": more, "response_metadata": cursor}
