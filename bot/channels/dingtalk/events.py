"""What DingTalk sends, as events that are kept: what the robot is told, and what is clicked.

A body says by which way it came: `message` or `card`, its `data`, and an `id` of the delivery which
DingTalk repeats when it sends again.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.channels.chat.bodies import storable
from bot.channels.chat.place import Place
from bot.channels.dingtalk import CHANNEL
from bot.channels.dingtalk.place import group, private
from bot.domain.inbound import InboundEvent

Body = Mapping[str, Any]

MESSAGE, CARD = "message", "card"
IN_PRIVATE = "1"  # conversationType; "2" is a group
SURE = "sure"  # the kind of a click on a button that asks first
_MARK = "fl."  # begins the id of every button of ours


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button of ours says about itself."""

    action: str
    value: str
    at: str  # the address where its card stands
    post: str = ""  # of what it is about, where it stands on another card than that
    ask: tuple[str, str, str, str] | None = None  # title, text, yes, no: asked before it is done
    values: Mapping[str, str] | None = None  # of a form, filled in by it


def read_event(body: Body) -> InboundEvent | None:
    """None for what is nothing to be worked on."""
    data = body.get("data")
    if not isinstance(data, Mapping):
        return None
    return _read_message(data) if body.get("kind") == MESSAGE else _read_card(body, data)


def place_of(data: Body) -> Place:
    """Where a message was said."""
    team, conversation = team_of(data), str(data["conversationId"])
    if str(data.get("conversationType")) == IN_PRIVATE:
        return private(team, sender_of(data))
    return group(team, conversation, sender_of(data))


def team_of(data: Body) -> str:
    """The organisation whose robot it is."""
    return str(data.get("chatbotCorpId") or data.get("corpId") or data.get("senderCorpId") or "")


def sender_of(data: Body) -> str:
    """People of other organisations have no user id in this one."""
    return str(data.get("senderStaffId") or data.get("senderId") or "")


def button_id(pressed: Pressed) -> str:
    told: list[Any] = [pressed.action, pressed.value, pressed.at, pressed.post]
    if pressed.ask is not None or pressed.values is not None:
        told += [list(pressed.ask) if pressed.ask else None, dict(pressed.values or {}) or None]
    packed = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return _MARK + urlsafe_b64encode(packed).decode().rstrip("=")


def pressed_in(data: Body) -> Pressed | None:
    """None where it is no button of ours."""
    return next(filter(None, map(_unpacked, _ids(data))), None)


def _read_message(data: Body) -> InboundEvent | None:
    if not (data.get("msgId") and data.get("conversationId") and sender_of(data) and team_of(data)):
        return None
    key = f"{team_of(data)}/{data['msgId']}"
    body = {"kind": MESSAGE, "data": storable(data)}
    return InboundEvent(CHANNEL, key, "message", place_of(data).address, body)


def _read_card(body: Body, data: Body) -> InboundEvent | None:
    pressed = pressed_in(data)
    user, card = str(data.get("userId") or ""), str(data.get("outTrackId") or "")
    if pressed is None or not user or not card:
        return None
    kind = f"click:{pressed.action}"
    if pressed.ask is not None:
        kind = f"{SURE}:{pressed.action}"
    elif pressed.values is not None:
        kind = f"form:{pressed.action}"
    told = f"{body.get('id', '')}/{data.get('corpId', '')}/{card}/{user}/{button_id(pressed)}"
    key = f"{kind}/{sha256(told.encode()).hexdigest()}"
    kept = {"kind": CARD, "data": storable(data)}
    return InboundEvent(CHANNEL, key, kind, pressed.at or card, kept)


def _ids(data: Body) -> Iterator[Any]:
    """Of what was pressed: the public templates say it among the parameters, own ones as the id of
    the component."""
    for told in (data.get("content"), data.get("value")):
        private_data = _parsed(_parsed(told).get("cardPrivateData"))
        params = _parsed(private_data.get("params"))
        yield from (params.get("id"), params.get("action"))
        ids = private_data.get("actionIds")
        yield from ids if isinstance(ids, list) else ()


def _unpacked(id: Any) -> Pressed | None:
    if not isinstance(id, str) or not id.startswith(_MARK):
        return None
    packed = id.removeprefix(_MARK)
    try:
        told = json.loads(urlsafe_b64decode(f"{packed}{'=' * (-len(packed) % 4)}"))
        action, value, at, post, *more = told
        ask, values = more or (None, None)
        asked = tuple(map(str, ask)) if ask else None
    except (NotBase64, ValueError, TypeError):
        return None
    if asked is not None and len(asked) != 4:
        return None
    texts = (str(action), str(value), str(at), str(post))
    filled = {str(k): str(v) for k, v in values.items()} if isinstance(values, Mapping) else None
    return Pressed(*texts, ask=asked, values=filled)


def _parsed(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, Mapping) else {}
