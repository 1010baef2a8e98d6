"""Feishu as a real server on this machine: its API, its cards and the long connection, and how
they misbehave.

Chats hold messages; what people do there gives the body of the event that tells of it. Everything
that is called is kept in `calls`; `fail` scripts what the next calls of a kind meet.
"""

import asyncio
import base64
import hashlib
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from tests.chat_stand_in import listen
from tests.feishu_cards import elements_of, wrong_of
from tests.feishu_socket import LongConnections

Json = dict[str, Any]

APP_ID, APP_SECRET = "cli_test", "app-secret"
VERIFICATION_TOKEN, ENCRYPT_KEY = "verification-token", "encrypt-key"
TENANT = "tenant1"
BOT, ANN, ANNS_CHAT = "ou_bot", "ou_ann", "oc_ann"
GROUP = "oc_help"
TEAM = APP_ID
SCOPES = (
    *("im:message:send_as_bot", "im:message.p2p_msg:readonly", "im:message.group_at_msg:readonly"),
    *("im:message:readonly", "im:chat:readonly", "im:message.reactions:write_only"),
    *("contact:contact.base:readonly", "contact:user.base:readonly", "contact:user.email:readonly"),
    "cardkit:card:write",
    *("im:message:update", "im:message:recall", "im:message.group_msg"),
)
CHANGES_A_SECOND = 10  # of one card

ROUTES = {  # what a call is called here
    "token": ("POST", r"auth/v3/tenant_access_token/internal"),
    "create": ("POST", r"im/v1/messages"),
    "reply": ("POST", r"im/v1/messages/(?P<message>[^/]+)/reply"),
    "react": ("POST", r"im/v1/messages/(?P<message>[^/]+)/reactions"),
    "patch": ("PATCH", r"im/v1/messages/(?P<message>[^/]+)"),
    "delete": ("DELETE", r"im/v1/messages/(?P<message>[^/]+)"),
    "get": ("GET", r"im/v1/messages/(?P<message>[^/]+)"),
    "list": ("GET", r"im/v1/messages"),
    "chat": ("GET", r"im/v1/chats/(?P<chat>[^/]+)"),
    "is_in_chat": ("GET", r"im/v1/chats/(?P<chat>[^/]+)/members/is_in_chat"),
    "user": ("GET", r"contact/v3/users/(?P<user>[^/]+)"),
    "bot": ("GET", r"bot/v3/info"),
    "scopes": ("GET", r"application/v6/scopes"),
    "application": ("GET", r"application/v6/applications/(?P<app>[^/]+)"),
    "ephemeral": ("POST", r"ephemeral/v1/send"),
    "card_create": ("POST", r"cardkit/v1/cards"),
    "card_convert": ("POST", r"cardkit/v1/cards/id_convert"),
    "card_write": ("PUT", r"cardkit/v1/cards/(?P<card>[^/]+)/elements/(?P<element>[^/]+)/content"),
    "card_settings": ("PATCH", r"cardkit/v1/cards/(?P<card>[^/]+)/settings"),
    "card_update": ("PUT", r"cardkit/v1/cards/(?P<card>[^/]+)"),
}
NEEDED = {  # a scope for each kind of call
    "user": "contact:contact.base:readonly",
    "chat": "im:chat:readonly",
    "card_create": "cardkit:card:write",
    "create": "im:message:send_as_bot",
    "react": "im:message.reactions:write_only",
    "list": "im:message.group_msg",
}


@dataclass(frozen=True)
class Call:
    kind: str
    ids: Mapping[str, str]
    body: Json
    query: Mapping[str, str]


@dataclass(frozen=True)
class Failure:
    """What a call meets. `after`: once it was done."""

    code: int = 0
    status: int = 400
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    reset: bool = False
    after: bool = False


HANG = Failure(hang=True)
HANG_AFTER = Failure(hang=True, after=True)
RESET_AFTER = Failure(reset=True, after=True)
BROKEN = Failure(status=503)


def refused(code: int, **more: Any) -> Failure:
    return Failure(code, **more)


def rate_limited(seconds: int) -> Failure:
    return Failure(99991400, 429, {"x-ogw-ratelimit-reset": str(seconds)})


class Refusal(Exception):
    def __init__(self, code: int, said: str = "") -> None:
        super().__init__(code, said)
        self.code = code
        self.said = said


@dataclass
class Chat:
    id: str
    name: str
    mode: str = "group"  # or "p2p", "topic"
    user: str | None = None  # of a private chat
    members: set[str] = field(default_factory=lambda: {BOT})
    external: bool = False


@dataclass
class Entity:
    """A card that was made beside its message."""

    card: Json
    streaming: bool
    sequence: int = 0
    changes: deque[float] = field(default_factory=lambda: deque(maxlen=CHANGES_A_SECOND))


class FeishuServer:
    def __init__(self) -> None:
        self.url = ""
        self.scopes = set(SCOPES)
        self.bot_is_on = True
        self.users: dict[str, Json] = {}
        self.chats: dict[str, Chat] = {}
        self.messages: dict[str, Json] = {}  # in their order
        self.cards: dict[str, Entity] = {}
        self.ephemeral: list[Json] = []
        self.reactions: list[tuple[str, str]] = []
        self.calls: list[Call] = []
        self.wrong: list[str] = []  # cards that had to be refused
        self.connections = LongConnections()
        self.endpoint_code = 0
        self.tenants: defaultdict[str, str] = defaultdict(lambda: TENANT)  # of people
        # Calls that are answered as an address which is none.
        self.unknown: Callable[[str], bool] = lambda kind: False
        self.subscribed = ["im.message.receive_v1", "im.message.recalled_v1"]
        self.callbacks = ["card.action.trigger"]
        self.way = "webhook"
        self.clock: Callable[[], float] = time.monotonic
        self._keys: dict[str, str] = {}  # messages, by uuid
        self._failures: defaultdict[str, list[Failure]] = defaultdict(list)
        self._numbers = count(1)
        self._tokens = {"t-1"}
        self._released = asyncio.Event()
        self.add_user(ANN, "Ann Lee", "ann@example.com")
        self.add_chat(ANNS_CHAT, "ann", "p2p", user=ANN)
        self.add_chat(GROUP, "help")

    def add_user(self, id: str, name: str, email: str = "", **more: Any) -> None:
        known = {"open_id": id, "name": name, "enterprise_email": email}
        self.users[id] = {**known, "time_zone": "Asia/Shanghai", "status": {}, **more}

    def add_chat(self, id: str, name: str, mode: str = "group", **more: Any) -> Chat:
        self.chats[id] = Chat(id, name, mode, **more)
        return self.chats[id]

    def fail(self, kind: str, *failures: Failure) -> None:
        self._failures[kind] += failures

    def release(self) -> None:
        """Everything that hangs goes on."""
        self._released.set()

    def forget_keys(self) -> None:
        """As Feishu does after an hour."""
        self._keys.clear()

    def revoke_token(self) -> None:
        self._tokens = {f"t-again-{next(self._numbers)}"}

    def called(self, kind: str) -> list[Json]:
        return [call.body for call in self.calls if call.kind == kind]

    def posted(self, chat: str = ANNS_CHAT) -> list[Json]:
        """What the bot put up there and stands there, in order."""
        found = [one for one in self.messages.values() if one["chat_id"] == chat]
        return [one for one in found if one["sender"] == BOT and not one.get("deleted")]

    def below(self, root: str) -> list[Json]:
        """What the bot put up in a thread."""
        return [
            one
            for one in self.messages.values()
            if one["sender"] == BOT and one.get("root_id") == root and not one.get("deleted")
        ]

    def card(self, message: Json | str) -> Json:
        """As it stands there now."""
        found = self.messages[message] if isinstance(message, str) else message
        if "card_id" in found:
            return self.cards[found["card_id"]].card
        card: Json = json.loads(found["content"])
        return card

    def text(self, message: Json | str) -> str:
        """All texts of a card."""
        found = self.messages[message] if isinstance(message, str) else message
        if found.get("msg_type") == "text":
            return str(json.loads(found["content"])["text"])
        card = self.card(message)
        title = ((card.get("header") or {}).get("title") or {}).get("content", "")
        every = elements_of(card["body"])
        return "\n".join([title, *(one["content"] for one in every if "content" in one)])

    def actions(self, message: Json | str) -> list[Json]:
        """What the buttons of a card carry."""
        every = elements_of(self.card(message))
        return [one["behaviors"][0]["value"] for one in every if one["tag"] == "button"]

    # What people do in Feishu, as bodies of events.

    def say(
        self,
        text: str,
        chat: str = ANNS_CHAT,
        user: str = ANN,
        root: str | None = None,
        quote: str | None = None,
        mentions: tuple[tuple[str, str], ...] = (),
        kind: str = "text",
        content: Json | None = None,
        sender_type: str = "user",
    ) -> Json:
        """A message, put into the chat; the event that tells of it. `root`: whose thread it stands
        in; `quote`: what it answers otherwise."""
        number = next(self._numbers)
        message: Json = {
            "message_id": f"om_{number}",
            "chat_id": chat,
            "chat_type": "p2p" if self.chats[chat].mode == "p2p" else "group",
            "create_time": str(int(time.time() * 1000)),
            "message_type": kind,
            "content": json.dumps(content or {"text": text}, ensure_ascii=False),
        }
        if root:
            message |= {"root_id": root, "parent_id": root, "thread_id": self._thread(root)}
        elif quote:
            message |= {"root_id": quote, "parent_id": quote}
        if mentions:
            message["mentions"] = [
                {"key": f"@_user_{n}", "id": {"open_id": id}, "name": name, "tenant_key": TENANT}
                for n, (id, name) in enumerate(mentions, 1)
            ]
        self.messages[message["message_id"]] = {**message, "sender": user}
        sender = {"sender_id": {"open_id": user}, "sender_type": sender_type}
        sender["tenant_key"] = self.tenants[user]
        return self.event("im.message.receive_v1", {"sender": sender, "message": message})

    def mention(self, text: str, chat: str = GROUP, user: str = ANN, **more: Any) -> Json:
        """A message that names the bot."""
        named = ((BOT, "Firstline"),)
        return self.say(f"@_user_1 {text}", chat, user, mentions=named, **more)

    def recall(self, message: str) -> Json:
        found = self.messages[message]
        found["deleted"] = True
        told = {"message_id": message, "chat_id": found["chat_id"], "recall_type": "message_owner"}
        return self.event("im.message.recalled_v1", {**told, "recall_time": self._now()})

    def click(self, message: str, action: str, user: str = ANN, value: str | None = None) -> Json:
        """On a button of a card, as it stands there."""
        for one in self.actions(message):
            if one.get("action") == action and value in (None, one.get("value")):
                return self._action(message, user, {"tag": "button", "value": one})
        raise AssertionError(f"no button {action} in {self.actions(message)}")

    def submit(self, message: str, values: Json, user: str = ANN) -> Json:
        """A form, by its button; what is required has to be filled in."""
        [form] = [one for one in elements_of(self.card(message)) if one["tag"] == "form"]
        inside = list(elements_of(form["elements"]))
        [send] = [one for one in inside if one.get("form_action_type") == "submit"]
        for one in inside:
            assert not one.get("required") or values.get(one["name"]), one
        known = {
            one["name"] for one in inside if one["tag"] in ("input", "select_static", "checker")
        }
        assert set(values) <= known
        filled = {name: values.get(name, "") for name in sorted(known)}
        value = send["behaviors"][0]["value"]
        action = {"tag": "button", "name": send["name"], "value": value, "form_value": filled}
        return self._action(message, user, action)

    def replace(self, message: str, answer: Json) -> None:
        """What the acknowledgement of a click says stands in the card's place."""
        assert answer["card"]["type"] == "raw"
        text = json.dumps(answer["card"]["data"])
        assert not wrong_of(text), wrong_of(text)
        self.messages[message]["content"] = text

    def event(self, kind: str, event: Json) -> Json:
        return {
            "schema": "2.0",
            "header": {
                "event_id": f"event-{next(self._numbers)}",
                "event_type": kind,
                "create_time": self._now(),
                "token": VERIFICATION_TOKEN,
                "app_id": APP_ID,
                "tenant_key": TENANT,
            },
            "event": event,
        }

    def _action(self, message: str, user: str, action: Json) -> Json:
        context = {"open_message_id": message, "open_chat_id": self.messages[message]["chat_id"]}
        operator = {"tenant_key": self.tenants[user], "open_id": user}
        told = {"operator": operator, "token": "c-update", "host": "im_message"}
        return self.event("card.action.trigger", {**told, "action": action, "context": context})

    def _thread(self, root: str) -> str:
        thread = f"omt_{root}"
        self.messages[root]["thread_id"] = thread
        return thread

    def _now(self) -> str:
        return str(int(time.time() * 1000))

    # The API.

    async def endpoint(self, request: web.Request) -> web.Response:
        """Where to connect."""
        asked = await request.json()
        if self.endpoint_code:
            return web.json_response({"code": self.endpoint_code, "msg": "no"})
        if (asked["AppID"], asked["AppSecret"]) != (APP_ID, APP_SECRET):
            return web.json_response({"code": 10003, "msg": "invalid param"})
        url = f"{self.url.replace('http', 'ws', 1)}/ws?device_id=1&service_id=7"
        config = {"ReconnectCount": -1, "ReconnectInterval": 120, "ReconnectNonce": 30}
        data = {"URL": url, "ClientConfig": {**config, "PingInterval": self.connections.ping_s}}
        return web.json_response({"code": 0, "msg": "ok", "data": data})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        kind, ids = _kind_of(request.method, request.match_info["path"])
        body = await request.json() if request.can_read_body else {}
        call = Call(kind, ids, body, dict(request.query))
        self.calls.append(call)
        if self.unknown(kind):
            return web.Response(status=404, text="<html>nothing here</html>")
        waiting = self._failures[kind]
        failure = waiting.pop(0) if waiting else None
        if failure is not None and not failure.after:
            return await self._spoil(request, failure)
        try:
            told = self._do(call, request.headers.get("Authorization", ""))
        except Refusal as refusal:
            answer = {"code": refusal.code, "msg": refusal.said or "no"}
            return web.json_response(answer, status=400)
        if failure is not None:
            return await self._spoil(request, failure)
        return web.json_response({"code": 0, "msg": "success", **told})

    async def _spoil(self, request: web.Request, failure: Failure) -> web.Response:
        if failure.hang:
            await self._released.wait()
        if failure.reset:
            assert request.transport is not None
            request.transport.abort()
        if failure.status >= 500:
            return web.Response(status=failure.status, text="<html>sorry</html>")
        answer = {"code": failure.code, "msg": "no"}
        return web.json_response(answer, status=failure.status, headers=failure.headers)

    def _do(self, call: Call, authorization: str) -> Json:
        if call.kind != "token" and authorization.removeprefix("Bearer ") not in self._tokens:
            raise Refusal(99991663, "token attached is invalid")
        if (needed := NEEDED.get(call.kind)) and needed not in self.scopes:
            raise Refusal(99991672, f"Access denied. One of [{needed}] is required")
        act = getattr(self, f"_do_{call.kind}", None)
        if act is None:
            raise Refusal(99991404, call.kind)
        answer: Json = act(call)
        return answer

    def _do_token(self, call: Call) -> Json:
        if call.body.get("app_id") != APP_ID:
            raise Refusal(10003, "invalid param")
        if call.body.get("app_secret") != APP_SECRET:
            raise Refusal(10014, "app secret invalid")
        return {"tenant_access_token": min(self._tokens), "expire": 7200}

    def _do_create(self, call: Call) -> Json:
        receiver = call.body["receive_id"]
        if call.query["receive_id_type"] == "open_id":
            found = [one for one in self.chats.values() if one.user == receiver]
            if not found:
                raise Refusal(230013, "Bot has NO availability to this user")
            return self._post(call, found[0], {})
        if receiver not in self.chats:
            raise Refusal(232006, "Your request specifies a chat_id which is invalid")
        return self._post(call, self.chats[receiver], {})

    def _do_reply(self, call: Call) -> Json:
        answered = self._message(call)
        more = {"root_id": answered.get("root_id") or answered["message_id"]}
        more["parent_id"] = answered["message_id"]
        if call.body.get("reply_in_thread"):
            if not answered.get("thread_id"):  # it begins with that
                more["root_id"] = answered["message_id"]
            more["thread_id"] = self._thread(more["root_id"])
        return self._post(call, self.chats[answered["chat_id"]], more)

    def _post(self, call: Call, chat: Chat, more: Json) -> Json:
        if BOT not in chat.members:
            raise Refusal(230002, "Bot can NOT be out of the chat")
        assert len(call.body.get("uuid", "")) <= 50
        key = call.body.get("uuid")
        if key in self._keys:
            return {"data": self._shown(self.messages[self._keys[key]])}
        content = json.loads(call.body["content"])
        if content.get("type") == "card":
            more = {**more, "card_id": content["data"]["card_id"]}
            if more["card_id"] not in self.cards:
                raise Refusal(230099, "card id is invalid")
            if any(one.get("card_id") == more["card_id"] for one in self.messages.values()):
                raise Refusal(230099, "a card is sent once")
        elif call.body["msg_type"] == "interactive":
            self._check(call.body["content"], 230099)
        message = {
            **{"message_id": f"om_{next(self._numbers)}", "chat_id": chat.id, "sender": BOT},
            **{"content": call.body["content"], "msg_type": call.body["msg_type"]},
            **{"create_time": self._now(), **more},
        }
        self.messages[message["message_id"]] = message
        if key:
            self._keys[key] = message["message_id"]
        return {"data": self._shown(message)}

    def _do_patch(self, call: Call) -> Json:
        message = self._message(call)
        if "card_id" in message:
            raise Refusal(230054, "This message type does not support this operation.")
        self._check(call.body["content"], 230099)
        message["content"] = call.body["content"]
        return {"data": {}}

    def _do_delete(self, call: Call) -> Json:
        self._message(call)["deleted"] = True
        return {"data": {}}

    def _do_get(self, call: Call) -> Json:
        return {"data": {"items": [self._shown(self._message(call))]}}

    def _do_list(self, call: Call) -> Json:
        kind, container = call.query["container_id_type"], call.query["container_id"]
        assert kind in ("chat", "thread")
        found = [
            one
            for one in self.messages.values()
            if (
                one.get("thread_id") == container
                if kind == "thread"
                else one["chat_id"] == container
                and one.get("root_id", one["message_id"]) == one["message_id"]
            )
            and int(one["create_time"]) >= int(call.query.get("start_time", 0)) * 1000
        ]
        first, most = int(call.query.get("page_token") or 0), int(call.query["page_size"])
        page = [self._shown(one, raw=True) for one in found[first : first + most]]
        has_more = len(found) > first + most
        token = {"page_token": str(first + most)} if has_more else {}
        return {"data": {"items": page, "has_more": has_more, **token}}

    def _do_react(self, call: Call) -> Json:
        emoji = call.body["reaction_type"]["emoji_type"]
        self.reactions.append((self._message(call)["message_id"], emoji))
        return {"data": {}}

    def _do_chat(self, call: Call) -> Json:
        chat = self.chats.get(call.ids["chat"])
        if chat is None:
            raise Refusal(232006)
        if BOT not in chat.members:
            raise Refusal(232011, "Operator can NOT be out of the chat")
        told = {"name": chat.name, "chat_mode": chat.mode, "external": chat.external}
        return {"data": {**told, "chat_status": "normal"}}

    def _do_is_in_chat(self, call: Call) -> Json:
        chat = self.chats.get(call.ids["chat"])
        if chat is None:
            raise Refusal(232006)
        return {"data": {"is_in_chat": BOT in chat.members}}

    def _do_user(self, call: Call) -> Json:
        assert call.query["user_id_type"] == "open_id"
        if call.ids["user"] not in self.users:
            raise Refusal(41050, "no user authority error")
        return {"data": {"user": self.users[call.ids["user"]]}}

    def _do_bot(self, call: Call) -> Json:
        if not self.bot_is_on:
            raise Refusal(11205, "app do not have bot")
        return {"bot": {"app_name": "Firstline", "open_id": BOT, "activate_status": 2}}

    def _do_scopes(self, call: Call) -> Json:
        known = {*SCOPES, *self.scopes}
        granted = [
            {
                "scope_name": one,
                "grant_status": 1 if one in self.scopes else 2,
                "scope_type": "tenant",
            }
            for one in sorted(known)
        ]
        return {"data": {"scopes": granted}}

    def _do_application(self, call: Call) -> Json:
        if "application:application:self_manage" not in self.scopes:
            raise Refusal(99991672, "Access denied")
        return {
            "data": {
                "app": {
                    "app_id": APP_ID,
                    "event": {"subscription_type": self.way, "subscribed_events": self.subscribed},
                    "callback": {
                        "callback_type": self.way,
                        "subscribed_callbacks": self.callbacks,
                    },
                    "encryption": {
                        "encryption_key": ENCRYPT_KEY,
                        "verification_token": VERIFICATION_TOKEN,
                    },
                }
            }
        }

    def _do_ephemeral(self, call: Call) -> Json:
        chat = self.chats.get(call.body["chat_id"])
        if chat is None or chat.mode != "group":
            raise Refusal(18080, "no such group")
        self._check(json.dumps(call.body["card"]), 230099)
        self.ephemeral.append(call.body)
        return {"data": {"message_id": f"om_{next(self._numbers)}"}}

    def _do_card_create(self, call: Call) -> Json:
        assert call.body["type"] == "card_json"
        card = self._check(call.body["data"], 200621)
        id = f"73{next(self._numbers)}"
        self.cards[id] = Entity(card, bool(card["config"].get("streaming_mode")))
        return {"data": {"card_id": id}}

    def _do_card_convert(self, call: Call) -> Json:
        message = self.messages.get(call.body["message_id"])
        if message is None or "card_id" not in message:
            raise Refusal(200740, "no card")
        return {"data": {"card_id": message["card_id"]}}

    def _do_card_write(self, call: Call) -> Json:
        entity = self._changed(call)
        if not entity.streaming:
            raise Refusal(300309, "streaming mode is closed")
        found = [
            one
            for one in entity.card["body"]["elements"]
            if one.get("element_id") == call.ids["element"]
        ]
        if not found or not call.body["content"].strip():
            raise Refusal(300313, "no such element")
        found[0]["content"] = call.body["content"]
        return {"data": {}}

    def _do_card_update(self, call: Call) -> Json:
        card = self._check(call.body["card"]["data"], 200621)
        entity = self._changed(call)
        entity.card = card
        entity.streaming = bool(card["config"].get("streaming_mode"))
        return {"data": {}}

    def _do_card_settings(self, call: Call) -> Json:
        entity = self._changed(call)
        entity.streaming = json.loads(call.body["settings"])["config"]["streaming_mode"]
        return {"data": {}}

    def _changed(self, call: Call) -> Entity:
        """In the order of numbers, and not too often."""
        entity = self.cards.get(call.ids["card"])
        if entity is None:
            raise Refusal(200740, "no card")
        number, at = call.body["sequence"], self.clock()
        if not entity.sequence < number < 2**31:
            raise Refusal(300317, "sequence number compare failed")
        if len(entity.changes) == CHANGES_A_SECOND and at - entity.changes[0] < 1:
            raise Refusal(230020, "This operation triggers the frequency limit")
        entity.sequence = number
        entity.changes.append(at)
        return entity

    def _check(self, text: str, code: int) -> Json:
        wrong = wrong_of(text)
        if wrong:
            self.wrong.append(wrong)
            raise Refusal(code, wrong)
        card: Json = json.loads(text)
        return card

    def _message(self, call: Call) -> Json:
        message = self.messages.get(call.ids["message"])
        if message is None:
            raise Refusal(231003, "The message is not found")
        if message.get("deleted"):
            raise Refusal(230011, "The message was withdrawn")
        return message

    def _shown(self, message: Json, *, raw: bool = False) -> Json:
        content = message["content"]
        if raw and "card_id" in message:
            content = json.dumps(self.cards[message["card_id"]].card)
        kept = ("message_id", "root_id", "parent_id", "thread_id", "chat_id", "create_time")
        mentions = [
            {**one, "id": one["id"]["open_id"], "id_type": "open_id"}
            for one in message.get("mentions", ())
        ]
        return {
            **{name: message[name] for name in kept if name in message},
            "msg_type": message.get("msg_type") or message.get("message_type"),
            "deleted": bool(message.get("deleted")),
            "body": {"content": content},
            "mentions": mentions,
        }


@asynccontextmanager
async def feishu_server() -> AsyncIterator[FeishuServer]:
    server = FeishuServer()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/callback/ws/endpoint", server.endpoint)
    app.router.add_get("/ws", server.connections.serve)
    app.router.add_route("*", "/open-apis/{path:.+}", server.answer)
    async with listen(app) as server.url:
        try:
            yield server
        finally:
            server.release()
            server.connections.cut()


def request_of(
    body: Json, key: str = "", at: float | None = None, nonce: str = "nonce"
) -> tuple[bytes, dict[str, str]]:
    """Content and headers of the request that brings this body; encrypted and signed by `key`."""
    content = json.dumps(body, ensure_ascii=False).encode()
    if not key:
        return content, {"Content-Type": "application/json"}
    content = json.dumps({"encrypt": encrypt(key, content)}).encode()
    timestamp = str(int(time.time() if at is None else at))
    signature = hashlib.sha256(f"{timestamp}{nonce}{key}".encode() + content).hexdigest()
    return content, {
        "Content-Type": "application/json",
        "X-Lark-Request-Timestamp": timestamp,
        "X-Lark-Request-Nonce": nonce,
        "X-Lark-Signature": signature,
    }


def encrypt(key: str, content: bytes) -> str:
    vector = hashlib.md5(content).digest()  # noqa: S324 - any sixteen bytes
    padder = PKCS7(128).padder()
    padded = padder.update(content) + padder.finalize()
    cipher = Cipher(algorithms.AES256(hashlib.sha256(key.encode()).digest()), modes.CBC(vector))
    sealing = cipher.encryptor()
    return base64.b64encode(vector + sealing.update(padded) + sealing.finalize()).decode()


def _kind_of(method: str, path: str) -> tuple[str, Mapping[str, str]]:
    for kind, (verb, pattern) in ROUTES.items():
        found = re.fullmatch(pattern, path)
        if found and verb == method:
            return kind, found.groupdict()
    return "unknown", {}
