"""What Slack sends, as an event with the keys under which it is kept: pure, and without a network.

The same delivery again has the same key. A message has a twin key as well, for `app_mention` and
`message` tell of the same one.
"""

import re
from dataclasses import replace
from hashlib import sha256

from bot.channels.chat.place import Place
from bot.channels.chat.program import Body
from bot.channels.slack import CHANNEL
from bot.channels.slack.place import message_key
from bot.channels.slack.reading import plain_text
from bot.domain.inbound import InboundEvent, Mark

# Messages that somebody wrote; all other subtypes tell of something else that happened.
WRITTEN = frozenset({None, "file_share", "me_message", "thread_broadcast"})
TOLD_ANEW = {"message_changed": "edited", "message_deleted": "deleted"}
TOMBSTONE = "tombstone"  # what a deleted message is changed into while something stands below it
MESSAGES = frozenset({"message", "app_mention"})
SLACKBOT = "USLACKBOT"  # the one bot that says nowhere that it is one
VERIFICATION = frozenset({"token"})  # an older proof of Slack, a secret that nobody needs
_TS = re.compile(r"\d{1,11}\.\d{1,9}", re.ASCII)  # by which messages are named, and read back


def read_event(body: Body) -> InboundEvent | None:
    """None for what is nothing to be worked on: our own messages, other bots', what joined."""
    if body.get("type") == "event_callback":
        return _read_callback(body, body.get("event") or {})
    kind = kind_of(body)
    if kind is None:
        return None
    group, key = _interaction_keys(body, kind)
    return InboundEvent(CHANNEL, key, kind, group, _kept(body))


def kind_of(body: Body) -> str | None:
    """Of what somebody did with a button, a form, a shortcut or a command; by this name it is
    handled."""
    if "command" in body:
        return f"command:{body['command']}"
    match body.get("type"):
        case "block_actions":
            return f"click:{_first_action(body).get('action_id', '')}"
        case "view_submission":
            return f"form:{body['view'].get('callback_id', '')}"
        case "view_closed":
            return f"closed:{body['view'].get('callback_id', '')}"
        case "shortcut" | "message_action":
            return f"shortcut:{body.get('callback_id', '')}"
        case "block_suggestion":
            return f"options:{body.get('action_id', '')}"
        case _:
            return None


def team_of(body: Body) -> str:
    """The workspace whose app this is, also where somebody of another one speaks in a channel that
    both share; of an app of a whole organisation, that."""
    authorized: Body = next(iter(body.get("authorizations") or ()), {})
    team = (body.get("view") or {}).get("app_installed_team_id") or authorized.get("team_id")
    team = team or body.get("team_id") or (body.get("team") or {}).get("id")
    return str(team or (body.get("enterprise") or {}).get("id") or body.get("enterprise_id") or "")


def user_of(body: Body) -> str:
    return str(body.get("user_id") or (body.get("user") or {}).get("id") or "")


def bot_user_of(body: Body) -> str | None:
    """The user that the app is in this workspace, as the event says."""
    team = team_of(body)
    for one in body.get("authorizations") or ():
        if one.get("is_bot") and (one.get("team_id") or team) == team:
            return str(one.get("user_id"))
    return None


def place_of(body: Body) -> Place | None:
    """Where somebody pressed a button, chose a shortcut or gave a command; None in a view."""
    channel = body.get("channel_id") or (body.get("channel") or {}).get("id")
    if not channel:
        return None
    container, message = body.get("container") or {}, body.get("message") or {}
    thread = (
        container.get("thread_ts")
        or message.get("thread_ts")
        or message.get("ts")
        or container.get("message_ts")
    )
    return Place(team_of(body), str(channel), str(thread) if thread else None)


def _read_callback(body: Body, event: Body) -> InboundEvent | None:
    kind, team = str(event.get("type", "")), team_of(body)
    key = str(body.get("event_id") or "") or _digest(body)
    if kind not in MESSAGES:
        user = event.get("user") or (event.get("assistant_thread") or {}).get("user_id") or ""
        return InboundEvent(CHANNEL, key, kind, f"{team}/{user}/{kind}", _kept(body))
    subtype = event.get("subtype")
    if subtype in TOLD_ANEW:
        return _read_told_anew(body, event, TOLD_ANEW[subtype], key)
    if subtype not in WRITTEN or _is_of_a_bot(event) or not event.get("user"):
        return None
    channel, ts = str(event["channel"]), str(event["ts"])
    if not _TS.fullmatch(ts):
        raise ValueError("a message without a time")
    place = Place(team, channel, str(event.get("thread_ts") or ts))
    return InboundEvent(
        CHANNEL,
        key,
        "message",
        _address(place),
        _kept(body),
        twin=message_key(team, channel, ts),
        mark=Mark(place.around.address, ts),
    )


def _read_told_anew(body: Body, event: Body, kind: str, key: str) -> InboundEvent | None:
    """An edit, or a deletion; of our own words only our own doing changes anything."""
    message, before = event.get("message") or {}, event.get("previous_message") or {}
    if kind == "deleted" or message.get("subtype") == TOMBSTONE:
        kind, message = "deleted", before
    ts = str(event.get("deleted_ts") or message.get("ts") or "")
    if (
        _is_of_a_bot(message)
        or not _TS.fullmatch(ts)
        or (kind == "edited" and not _says_otherwise(body, event))
    ):
        return None
    place = Place(team_of(body), str(event["channel"]), str(message.get("thread_ts") or ts))
    return InboundEvent(CHANNEL, key, kind, _address(place), _kept(body))


def _says_otherwise(body: Body, event: Body) -> bool:
    """A link that only unfolded changes nothing."""
    message, before = event["message"], event.get("previous_message") or {}
    texts = {plain_text(str(one.get("text") or ""), bot_user_of(body)) for one in (message, before)}
    return bool(message.get("edited")) and len(texts) > 1


def _is_of_a_bot(message: Body) -> bool:
    is_marked = bool(message.get("bot_id")) or message.get("subtype") == "bot_message"
    return is_marked or message.get("user") == SLACKBOT


def _interaction_keys(body: Body, kind: str) -> tuple[str, str]:
    """What it belongs to, and what no other has."""
    team, user, place = team_of(body), user_of(body), place_of(body)
    group = f"{team}/{user}/{kind}"
    if place is not None:
        _address(replace(place, user=user))
        group = place.address
    match body.get("type"):
        case "block_actions":
            container = body.get("container") or {}
            where = container.get("message_ts") or container.get("view_id") or body.get("view", {})
            where = where if isinstance(where, str) else where.get("id", "")
            stamp = _first_action(body).get("action_ts", "")
            return group, f"{kind}/{group}/{where}/{user}/{stamp}"
        case "view_submission" | "view_closed":
            view = body["view"]
            return group, f"{kind}/{team}/{user}/{view.get('id')}/{view.get('hash')}"
        case _:
            unique = body.get("action_ts") or body.get("trigger_id") or _digest(body)
            # Nobody waits for what somebody else asks in the same channel.
            return f"{group}/{user}", f"{kind}/{team}/{user}/{unique}"


def _address(place: Place) -> str:
    """Raises ValueError where it would not lead back there."""
    if Place.parse(place.address) != place:
        raise ValueError(f"{place!r} is no place in Slack")
    return place.address


def _first_action(body: Body) -> Body:
    actions = body.get("actions") or [{}]
    first: Body = actions[0]
    return first


def _digest(body: Body) -> str:
    return sha256(repr(sorted(body.items())).encode(errors="replace")).hexdigest()


def _kept(body: Body) -> Body:
    return {name: one for name, one in body.items() if name not in VERIFICATION}
