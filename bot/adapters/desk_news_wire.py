"""What desks tell us in our own form: the webhook, and whatever can be taught to send it."""

import json
from typing import Any

from bot.domain.desk_news import DeskNews, DeskReply, DeskStatus, EventRefused
from bot.domain.text import replace_unstorable

REPLIED = "ticket.replied"
STATUS_OF = {"ticket.resolved": DeskStatus.DONE, "ticket.reopened": DeskStatus.WORKED_ON}
LONGEST_ID = 200  # characters


def parse_object(body: bytes) -> dict[str, Any]:
    """Raises EventRefused for anything but a JSON object in UTF-8."""
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise EventRefused("it is not JSON") from error
    if not isinstance(found, dict):
        raise EventRefused("it is not a JSON object")
    return found


def parse_news(body: bytes) -> DeskNews | None:
    """None for a type that is not known here. Raises EventRefused for what is not as agreed."""
    event = parse_object(body)
    kind, data = event.get("type"), event.get("data")
    if kind != REPLIED and kind not in STATUS_OF:
        return None
    if not isinstance(data, dict):
        raise EventRefused("`data` is missing")
    ticket = text_of(data, "ticket", LONGEST_ID)
    if kind != REPLIED:
        return DeskNews(ticket, status=STATUS_OF[str(kind)])
    reply = data.get("reply")
    if not isinstance(reply, dict):
        raise EventRefused("`data.reply` is missing")
    author = reply.get("author")
    found = DeskReply(
        id=text_of(reply, "id", LONGEST_ID),
        author=replace_unstorable(author) if isinstance(author, str) else "",
        text=text_of(reply, "text"),
    )
    return DeskNews(ticket, (found,))


def text_of(data: dict[str, Any], name: str, longest: int | None = None) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise EventRefused(f"`{name}` has to be a text")
    if longest is not None and len(value) > longest:
        raise EventRefused(f"`{name}` is longer than {longest} characters")
    return replace_unstorable(value.strip())
