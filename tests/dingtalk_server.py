"""DingTalk as a real server on this machine: its API and stream mode, and how both misbehave.

A company holds people and groups. Cards stand in chats under the names that they were given, and
are checked as they come: what DingTalk would refuse is refused here. Everything that is called is
kept in `calls`; `fail` scripts what the next calls of a path meet.
"""

import asyncio
import hmac
import json
import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any

from aiohttp import web

from tests.chat_stand_in import listen
from tests.dingtalk_stream_mode import StreamMode

Json = dict[str, Any]

CLIENT_ID = "dingtestapp"
CLIENT_SECRET = "8f1c2d3e4b5a69788f1c2d3e4b5a6978"
CORP = "dingcorp1"
GROUP = "cidAb/cd+efGHij12345KLmn=="
TRIAGE = "cidTriage/0000000000000=="
ANN, BEN = "manager01", "staff02"
BOT = "$:LWCP_v1:$robot"
TEMPLATE = "382e4302-551d-4880-bf29-a30acfab2e71.schema"

CREATE = "/v1.0/card/instances/createAndDeliver"
DELIVER = "/v1.0/card/instances/deliver"
CHANGE = "/v1.0/card/instances"
STREAM = "/v1.0/card/streaming"
TO_ONE = "/v1.0/robot/oToMessages/batchSend"
TO_GROUP = "/v1.0/robot/groupMessages/send"
USER = "/topapi/v2/user/get"
ROBOTS = "/v1.0/robot/groups/robots/query"
SESSION = "/robot/sendBySession"
PERMISSIONS = {
    CREATE: "Card.Instance.Write",
    DELIVER: "Card.Instance.Write",
    CHANGE: "Card.Instance.Write",
    STREAM: "Card.Streaming.Write",
    TO_ONE: "qyapi_robot_sendmsg",
    TO_GROUP: "qyapi_robot_sendmsg",
    ROBOTS: "qyapi_chat_manage",
}
LONGEST_VALUE = 6000  # bytes


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: Json


@dataclass(frozen=True)
class Failure:
    """What a call meets. `after`: once it was done."""

    code: str = ""
    status: int = 400
    hang: bool = False
    reset: bool = False
    after: bool = False
    text: str = ""  # in place of JSON


HANG_AFTER = Failure(hang=True, after=True)
RESET = Failure(reset=True)
RESET_AFTER = Failure(reset=True, after=True)
BROKEN = Failure("system.busy", 500)
UNKNOWN = Failure(status=404, text="<html>404</html>")
BUSY = Failure("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", 403)


def refused(code: str, status: int = 400) -> Failure:
    return Failure(code, status)


@dataclass
class Card:
    track: str
    data: Json
    chat: str = ""  # the open conversation of a group, or the user of a private chat
    carrier: str = ""
    only: list[str] = field(default_factory=list)
    named: Json = field(default_factory=dict)  # who is notified
    in_text: list[str] = field(default_factory=list)
    callback: Json = field(default_factory=dict)
    frames: list[str] = field(default_factory=list)  # streamed so far
    deliveries: int = 0

    @property
    def layout(self) -> Json:
        return dict(json.loads(self.data.get("sys_full_json_obj") or "{}"))

    @property
    def text(self) -> str:
        """What is seen of it."""
        shown = [self.data.get(name, "") for name in self.layout.get("order", ())]
        return "\n\n".join(filter(None, shown))

    @property
    def buttons(self) -> Mapping[str, str]:
        """Their ids, by what stands on them."""
        return {one["text"]: one["id"] for one in self.layout.get("msgButtons", ())}

    @property
    def is_finished(self) -> bool:
        return self.data.get("flowStatus") == "3"


class DingTalkServer:
    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Call] = []
        self.people: dict[str, Json] = {}
        self.robots: dict[str, list[str]] = {GROUP: [CLIENT_ID], TRIAGE: [CLIENT_ID]}
        self.cards: dict[str, Card] = {}
        self.messages: list[Json] = []  # plain ones: chat, title, text
        self.recalled: list[str] = []
        self.routes: dict[str, Json] = {}
        self.lacking: set[str] = set()  # permissions that the app does not have
        self.token = "token-1"
        self.tokens_given = 0
        self.secret = CLIENT_SECRET
        self.stream = StreamMode()
        self.epoch = int(time.time())
        self._guids: set[str] = set()
        self._failures: defaultdict[str, list[Failure]] = defaultdict(list)
        self._numbers = count(1)
        self._released = asyncio.Event()
        self.add_person(ANN, "Ann Lee", "ann@example.com")
        self.add_person(BEN, "Ben Ode", "ben@example.com")

    def add_person(self, user: str, name: str, email: str = "", **more: Any) -> None:
        self.people[user] = {"userid": user, "name": name, "email": email, "active": True, **more}

    def fail(self, path: str, *failures: Failure) -> None:
        self._failures[path] += failures

    def release(self) -> None:
        """Everything that hangs goes on."""
        self._released.set()

    def called(self, path: str) -> list[Json]:
        return [call.body for call in self.calls if call.path == path]

    def posted(self, chat: str) -> list[Card]:
        """The cards that all see there, as they stand now."""
        return [
            card
            for card in self.cards.values()
            if card.chat == chat
            and card.deliveries
            and not card.only
            and card.carrier not in self.recalled
        ]

    def whispered(self, user: str) -> list[Card]:
        return [card for card in self.cards.values() if card.only == [user]]

    # What people do in DingTalk, as data of its events.

    def say(self, text: str, user: str = ANN, chat: str | None = None, **more: Any) -> Json:
        """To the robot, alone with it or named in a group."""
        number = next(self._numbers)
        person = self.people.get(user, {})
        said: Json = {
            "conversationId": chat or f"cidPrivate{user}==",
            "conversationType": "2" if chat else "1",
            "chatbotCorpId": CORP,
            "chatbotUserId": BOT,
            "senderCorpId": CORP,
            "senderStaffId": user,
            "senderId": f"$:LWCP_v1:${user}",
            "senderNick": person.get("name", user).split()[0],
            "msgId": f"msg{number:06d}/==",
            "createAt": (self.epoch + number) * 1000,
            "msgtype": "text",
            "text": {"content": f" {text}"},
            "robotCode": CLIENT_ID,
            "sessionWebhook": f"{self.url}{SESSION}?session={chat or user}",
            "sessionWebhookExpiredTime": int(time.time() + 5400) * 1000,
        }
        if chat:
            said |= {"isInAtList": True, "atUsers": [{"dingtalkId": BOT}]}
        return {**said, **more}

    def quote(self, card: Card, text: str, user: str = ANN, **more: Any) -> Json:
        """A message in answer to a card."""
        chat = card.chat if card.chat.startswith("cid") else None
        quoted = {"msgType": "interactiveCard", "msgId": f"msg-{card.carrier}", "senderId": BOT}
        said = self.say(text, user, chat, originalProcessQueryKey=card.carrier, **more)
        said["text"] |= {"isReplyMsg": True, "repliedMsg": quoted}
        return said

    def press(self, card: Card, label: str, user: str = ANN) -> Json:
        """A click; the public template tells the button's id among the parameters."""
        (id,) = [id for text, id in card.buttons.items() if label in text]
        told = {"actionIds": ["AI_BUTTONS_NODE"], "params": {"id": id}}
        content = json.dumps({"cardPrivateData": told})
        return {
            "type": "actionCallback",
            "corpId": CORP,
            "userId": user,
            "userIdType": 1,
            "outTrackId": card.track,
            "spaceType": "im",
            "spaceId": card.chat,
            "extension": "{}",
            "content": content,
            "value": content,
        }

    # Its API.

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body: Json = await request.json() if request.can_read_body else {}
        path = request.path
        self.calls.append(Call(request.method, path, body))
        failure = self._failures[path].pop(0) if self._failures[path] else None
        if failure is not None and not failure.after:
            return await self._meet(request, failure)
        if path not in ("/v1.0/oauth2/accessToken", "/v1.0/gateway/connections/open", SESSION):
            if self._token_of(request) != self.token:
                return self._no_token(path)
            lacking = PERMISSIONS.get(path)
            if lacking in self.lacking:
                return _no(
                    "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                    403,
                    f"应用尚未开通所需的权限：[{lacking}]",
                )
        answer = self._do(request.method, path, body)
        if failure is not None:
            return await self._meet(request, failure)
        return answer

    async def _meet(self, request: web.Request, failure: Failure) -> web.StreamResponse:
        if failure.hang:
            await self._released.wait()
        if failure.reset or failure.hang:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if failure.text:
            return web.Response(status=failure.status, text=failure.text, content_type="text/html")
        return _no(failure.code, failure.status)

    def _token_of(self, request: web.Request) -> str:
        given = request.headers.get("x-acs-dingtalk-access-token")
        return given or request.query.get("access_token", "")

    def _no_token(self, path: str) -> web.Response:
        if path.startswith("/topapi/"):
            return web.json_response({"errcode": 40014, "errmsg": "不合法的access_token"})
        return _no("InvalidAuthentication", 401, "不合法的access_token")

    def _do(self, method: str, path: str, body: Json) -> web.Response:
        match method, path:
            case "POST", "/v1.0/oauth2/accessToken":
                return self._give_token(body)
            case "POST", "/v1.0/gateway/connections/open":
                return self._open(body)
            case "POST", _ if path in (CREATE, CHANGE):
                return self._create(body, delivers=path == CREATE)
            case "POST", _ if path == DELIVER:
                return self._deliver_again(body)
            case "PUT", _ if path == CHANGE:
                return self._change(body)
            case "PUT", _ if path == STREAM:
                return self._stream(body)
            case "POST", _ if path in (TO_ONE, TO_GROUP):
                return self._send(path, body)
            case "POST", "/v1.0/robot/otoMessages/batchRecall" | "/v1.0/robot/groupMessages/recall":
                self.recalled += body["processQueryKeys"]
                return web.json_response({"successResult": body["processQueryKeys"]})
            case "POST", "/v1.0/card/callbacks/register":
                self.routes[body["callbackRouteKey"]] = body
                return web.json_response({"success": True, "result": {}})
            case "POST", _ if path == ROBOTS:
                robots = self.robots.get(body["openConversationId"])
                if robots is None:
                    return _no("invalid.openConversationId")
                told = [{"robotCode": one, "name": one} for one in robots]
                return web.json_response({"chatbotInstanceVOList": told})
            case "POST", _ if path == USER:
                return self._user(body)
            case "POST", _ if path == SESSION:
                said = body["markdown"]
                self.messages.append({"chat": "session", **said, "at": body.get("at")})
                return web.json_response({"errcode": 0, "errmsg": "ok"})
        return web.Response(status=404, text="<html>404</html>", content_type="text/html")

    def _give_token(self, body: Json) -> web.Response:
        if body.get("appKey") != CLIENT_ID or body.get("appSecret") != self.secret:
            return _no("invalidClientIdOrSecret")
        self.tokens_given += 1
        return web.json_response({"accessToken": self.token, "expireIn": 7200})

    def _open(self, body: Json) -> web.Response:
        if body.get("clientId") != CLIENT_ID or body.get("clientSecret") != self.secret:
            return _no("authFailed", 401)
        topics = {(one["type"], one["topic"]) for one in body["subscriptions"]}
        endpoint = f"{self.url.replace('http', 'ws', 1)}/connect"
        return web.json_response({"endpoint": endpoint, "ticket": self.stream.ticket(topics)})

    def _create(self, body: Json, *, delivers: bool) -> web.Response:
        track: str = body.get("outTrackId", "")
        data: Json = (body.get("cardData") or {}).get("cardParamMap") or {}
        if not track:
            return _no("param.outTrackIdEmpty")
        if track in self.cards:
            return _no("param.cardAlreadyExist")
        if body.get("cardTemplateId") != TEMPLATE:
            return _no("param.templateNotExist")
        if wrong := _wrong_data(data):
            return _no(wrong)
        kinds = ("callbackType", "callbackRouteKey")
        card = Card(track, dict(data), callback={one: body[one] for one in kinds if one in body})
        card.in_text = body.get("cardAtUserIds", [])
        self.cards[track] = card
        if not delivers:
            return web.json_response({"success": True, "result": track})
        delivered = self._deliver(card, body)
        if isinstance(delivered, web.Response):
            del self.cards[track]
            return delivered
        told = {"outTrackId": track, "deliverResults": [delivered]}
        return web.json_response({"success": True, "result": told})

    def _deliver_again(self, body: Json) -> web.Response:
        card = self.cards.get(body.get("outTrackId", ""))
        if card is None:
            return _no("param.cardNotExist")
        delivered = self._deliver(card, body)
        if isinstance(delivered, web.Response):
            return delivered
        return web.json_response({"success": True, "result": [delivered]})

    def _deliver(self, card: Card, body: Json) -> Json | web.Response:
        kind, _, chat = str(body.get("openSpaceId", "")).removeprefix("dtv1.card//").partition(".")
        models = {"IM_GROUP": "imGroupOpenDeliverModel", "IM_ROBOT": "imRobotOpenDeliverModel"}
        model = body.get(models.get(kind, ""))
        if not isinstance(model, dict):
            return _no("param.openDeliverModelEmpty")
        told: Json = {"spaceType": kind, "spaceId": chat, "success": True}
        known = self.robots.get(chat) if kind == "IM_GROUP" else self.people.get(chat)
        if known is None:
            return _no("param.openSpaceIdInvalid")
        if kind == "IM_GROUP" and model.get("robotCode") not in known:
            return {**told, "success": False, "errorMsg": "chatbot not in group"}
        named = model.get("atUserIds", {})
        if "@ALL" in named or any(one not in self.people for one in named):
            return _no("param.userIdNotExist")
        card.chat, card.named, card.only = chat, named, model.get("recipients", [])
        card.carrier = card.carrier or f"carrier/{next(self._numbers)}=="
        card.deliveries += 1
        return {**told, "carrierId": card.carrier}

    def _change(self, body: Json) -> web.Response:
        card = self.cards.get(body.get("outTrackId", ""))
        if card is None:
            return _no("param.cardNotExist")
        data = body["cardData"]["cardParamMap"]
        if wrong := _wrong_data(data):
            return _no(wrong)
        if (body.get("cardUpdateOptions") or {}).get("updateCardDataByKey"):
            card.data |= data
        else:
            card.data = dict(data)
        card.in_text = body.get("cardAtUserIds", card.in_text)
        return web.json_response({"success": True, "result": True})

    def _stream(self, body: Json) -> web.Response:
        card = self.cards.get(body.get("outTrackId", ""))
        if card is None:
            return _no("param.stream.outTrackId")
        if not body.get("guid") or not body.get("content"):
            return _no("param.stream.guidEmpty")
        if not body.get("isFull"):
            return _no("param.stream.isFull")
        if card.data.get("flowStatus") != "2":
            return _no("unknownError", 500)
        if len(body["content"].encode()) > LONGEST_VALUE:
            return _no("param.stream.content")
        if body["guid"] not in self._guids:
            self._guids.add(body["guid"])
            card.data[body["key"]] = body["content"]
            card.frames.append(body["content"])
        return web.json_response({"success": True, "result": True})

    def _send(self, path: str, body: Json) -> web.Response:
        if body.get("robotCode") != CLIENT_ID:
            return _no("invalidParameter.robotCode.notExsit")
        said = json.loads(body["msgParam"])
        chats = body["userIds"] if path == TO_ONE else [body["openConversationId"]]
        if path == TO_ONE and not chats:
            return _no("invalidParameter.param.invalid")
        unknown = [one for one in chats if one not in self.people and one not in self.robots]
        self.messages += [{"chat": one, **said} for one in chats if one not in unknown]
        key = {"processQueryKey": f"carrier/{next(self._numbers)}=="}
        return web.json_response({**key, "invalidStaffIdList": unknown})

    def _user(self, body: Json) -> web.Response:
        if "qyapi_get_member" in self.lacking:
            denied = {"errcode": 88, "sub_code": "60011", "errmsg": "没有调用该接口的权限"}
            return web.json_response(denied)
        person = self.people.get(body.get("userid", ""))
        if person is None:
            return web.json_response({"errcode": 60121, "errmsg": "找不到该用户"})
        return web.json_response({"errcode": 0, "errmsg": "ok", "result": person})


def _no(code: str, status: int = 400, message: str = "") -> web.Response:
    told = {"code": code, "message": message or code, "requestid": "R"}
    return web.json_response(told, status=status)


def _wrong_data(data: Any) -> str:
    """Of a card's: texts by name, within DingTalk's limits, in a layout that can be read."""
    if not isinstance(data, dict) or not data:
        return "param.cardPublicDataEmpty"
    if any(not isinstance(value, str) for value in data.values()):
        return "MissingStringValue"
    texts = [value for name, value in data.items() if name.endswith("Content")]
    if any(len(value.encode()) > LONGEST_VALUE for value in texts):
        return "param.invalid"
    layout = json.loads(data.get("sys_full_json_obj") or "{}")
    shown = [name for name in layout.get("order", ()) if data.get(name) or name in layout]
    if not shown:
        return "param.invalid"  # a card on which nothing is seen
    for button in layout.get("msgButtons", ()):
        if not button.get("text") or not button.get("id") or button.get("request") is not True:
            return "param.invalid"
    return ""


@asynccontextmanager
async def dingtalk_server() -> AsyncIterator[DingTalkServer]:
    server = DingTalkServer()
    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_get("/connect", server.stream.serve)
    app.router.add_route("*", "/{path:.*}", server.answer)
    async with listen(app) as server.url:
        try:
            yield server
        finally:
            server.release()
            await server.stream.close()


def signed(secret: str = CLIENT_SECRET, at: float | None = None) -> dict[str, str]:
    """The headers with which DingTalk posts what its robot is told."""
    timestamp = str(int((time.time() if at is None else at) * 1000))
    return {"timestamp": timestamp, "sign": _mac(secret, f"{timestamp}\n{secret}")}


def signed_click(secret: str, at: float | None = None) -> dict[str, str]:
    """Likewise, of clicks; `secret`: as it was registered."""
    timestamp = str(int((time.time() if at is None else at) * 1000))
    names = ("x-ddpaas-signature-timestamp", "x-ddpaas-signature")
    return dict(zip(names, (timestamp, _mac(secret, timestamp)), strict=True))


def _mac(secret: str, text: str) -> str:
    return b64encode(hmac.new(secret.encode(), text.encode(), sha256).digest()).decode()
