"""What DingTalk sends, as events that are kept: what the robot is told, and what is clicked.

A body says by which way it came: `message` or `card`, its `data`, and an `id` of the delivery which
DingTalk repeats when it sends again.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from bot.channels.chat.place import Place
from bot.channels.chat.program import Body
from bot.channels.dingtalk import CHANNEL
from bot.channels.dingtalk.buttons import Seal, unpack
from bot.channels.dingtalk.place import group, private
from bot.domain.inbound import InboundEvent

log = logging.getLogger(__name__)


MESSAGE, CARD = "message", "card"
IN_PRIVATE = "1"  # conversationType; "2" is a group
SURE = "sure"  # the kind of a click on a button that asks first


def read_event(seal: Seal, body: Body) -> InboundEvent | None:
    """None for what is nothing to be worked on."""
    data = body.get("data")
    if not isinstance(data, Mapping):
        return None
    return _read_message(data) if body.get("kind") == MESSAGE else _read_card(seal, body, data)


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


def click_of(key: str, packed: str, data: Body) -> InboundEvent:
    """By what its button says. Raises ValueError."""
    pressed = unpack(packed)
    kind = f"click:{pressed.action}"
    if pressed.ask is not None:
        kind = f"{SURE}:{pressed.action}"
    elif pressed.values is not None:
        kind = f"form:{pressed.action}"
    body = {"kind": CARD, "data": data, "button": packed}
    return InboundEvent(CHANNEL, key, kind, pressed.at, body)


def _read_message(data: Body) -> InboundEvent | None:
    if not (data.get("msgId") and data.get("conversationId") and sender_of(data) and team_of(data)):
        return None
    key = f"{team_of(data)}/{data['msgId']}"
    body = {"kind": MESSAGE, "data": data}
    return InboundEvent(CHANNEL, key, "message", place_of(data).address, body)


def _read_card(seal: Seal, body: Body, data: Body) -> InboundEvent | None:
    packed = next(filter(None, map(seal.open, _ids(data))), None)
    user, card = str(data.get("userId") or ""), str(data.get("outTrackId") or "")
    if packed is None or not user or not card:
        return None
    told = f"{body.get('id', '')}/{data.get('corpId', '')}/{card}/{user}/{packed}"
    try:
        return click_of(f"click/{sha256(told.encode()).hexdigest()}", packed, data)
    except ValueError as error:
        log.warning("a click is not worked on: %s", error)
        return None


def _ids(data: Body) -> Iterator[Any]:
    """Of what was pressed: the public templates say it among the parameters, own ones as the id of
    the component."""
    for told in (data.get("content"), data.get("value")):
        private_data = _parsed(_parsed(told).get("cardPrivateData"))
        for holder in (private_data, _parsed(told)):
            params = _parsed(holder.get("params"))
            yield from (params.get("id"), params.get("action"))
        ids = private_data.get("actionIds")
        yield from ids if isinstance(ids, list) else ()


def _parsed(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, Mapping) else {}
