"""What Feishu sends, as an event with the keys under which it is kept: pure, and without a network.

The same delivery again has the same key, and the message it tells of is its twin. A place's team is
the app, for people and chats have other ids to each app.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from bot.channels.chat.place import Place
from bot.channels.chat.program import Body
from bot.channels.feishu import CHANNEL
from bot.domain.inbound import InboundEvent

MESSAGE = "im.message.receive_v1"
RECALLED = "im.message.recalled_v1"
CLICKED = "card.action.trigger"
EVENTS: Mapping[str, str] = {  # to subscribe to, and what for
    MESSAGE: "to hear what is written to the bot",
    RECALLED: "to tell agents that a message was recalled",
}
PRIVATE = "p2p"
# What a button brings back: who handles it, what it says, and below which message its card stands.
ACTION, VALUE, THREAD = "action", "value", "thread"
# And a form, for whom it was opened, from which post, and what it was called.
ASKED, POST, TITLE = "asked", "post", "title"
HERE = "."  # the card is itself what a thread begins with
_SECRETS = frozenset({"token"})


def read_event(body: Body) -> InboundEvent | None:
    """None for what is nothing to be worked on: other bots' messages, clicks on what is no button
    of ours, a form that was opened for somebody else."""
    header, event = _of(body, "header"), _of(body, "event")
    key = str(header.get("event_id") or "") or _digest(body)
    match header.get("event_type"):
        case "im.message.receive_v1":
            return _read_message(body, event, key)
        case "im.message.recalled_v1":
            message = str(event.get("message_id") or "")
            group = f"{team_of(body)}/{event.get('chat_id')}/{message}"
            return InboundEvent(CHANNEL, key, "deleted", group, _kept(body)) if message else None
        case "card.action.trigger":
            return _read_click(body, key)
        case _:
            return None


def team_of(body: Body) -> str:
    return str(_of(body, "header").get("app_id") or "")


def message_key(team: str, message: str) -> str:
    return f"{team}/{message}"


def message_of(key: str) -> str:
    return key.rpartition("/")[2]


def place_of(body: Body) -> Place:
    """Of a message. In a group each message begins a thread, but for what is said in one already;
    an answer that only quotes stands in none."""
    message = _of(_of(body, "event"), "message")
    chat = str(message.get("chat_id") or "")
    if message.get("chat_type") == PRIVATE:
        return Place(team_of(body), chat)
    root = message.get("root_id") if message.get("thread_id") else None
    return Place(team_of(body), chat, str(root or message.get("message_id")))


def clicked_place(body: Body) -> Place | None:
    """None where it was in no chat, such as in a card that was sent on."""
    context, value = _of(_of(body, "event"), "context"), value_of(body)
    chat = str(context.get("open_chat_id") or "")
    if not chat:
        return None
    thread = str(value.get(THREAD) or "")
    if thread == HERE:
        thread = str(context.get("open_message_id") or "")
    return Place(team_of(body), chat, thread or None)


def value_of(body: Body) -> Body:
    """What the button carried."""
    return _of(_of(_of(body, "event"), "action"), "value")


def user_of(body: Body) -> str:
    """Of who clicked."""
    return str(_of(_of(body, "event"), "operator").get("open_id") or "")


def is_form(body: Body) -> bool:
    return isinstance(_of(_of(body, "event"), "action").get("form_value"), Mapping)


def is_anothers(body: Body) -> bool:
    """Whether somebody filled in what was opened for somebody else."""
    asked = value_of(body).get(ASKED)
    return bool(asked) and asked != user_of(body)


def _read_message(body: Body, event: Body, key: str) -> InboundEvent | None:
    sender, message = _of(event, "sender"), _of(event, "message")
    user = _of(sender, "sender_id").get("open_id")
    id = str(message.get("message_id") or "")
    if sender.get("sender_type") != "user" or not (user and id and message.get("chat_id")):
        return None
    place = place_of(body)
    twin = message_key(place.team, id)
    return InboundEvent(CHANNEL, key, "message", place.address, _kept(body), twin=twin)


def _read_click(body: Body, key: str) -> InboundEvent | None:
    action = value_of(body).get(ACTION)
    if not isinstance(action, str) or not user_of(body) or is_anothers(body):
        return None
    place = clicked_place(body)
    group = place.address if place is not None else f"{team_of(body)}/{user_of(body)}/click"
    if not is_form(body):
        return InboundEvent(CHANNEL, key, f"click:{action}", group, _kept(body))
    # A form is sent once, however often its button is pressed until it is seen to be sent.
    twin = f"form/{team_of(body)}/{_of(_of(body, 'event'), 'context').get('open_message_id')}"
    return InboundEvent(CHANNEL, key, f"form:{action}", group, _kept(body), twin=twin)


def _of(body: Body, name: str) -> Body:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _digest(body: Body) -> str:
    return sha256(repr(sorted(body.items())).encode(errors="replace")).hexdigest()


def _kept(body: Body) -> Body:
    """Without secrets, which nobody needs who has no right to them."""
    kept: Body = _open(body)
    return kept


def _open(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _open(one) for name, one in value.items() if name not in _SECRETS}
    return [_open(one) for one in value] if isinstance(value, list) else value
