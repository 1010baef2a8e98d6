"""The pieces of a card, each within Feishu's limits, whose texts are escaped already."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.chat.sheet import Button
from bot.channels.feishu.events import ACTION, THREAD, VALUE

Card = dict[str, Any]

LONGEST_TEXT = 300  # characters, as all of these; of a notice, a question, a label
LONGEST_BUTTON = 100
LONGEST_HINT = 100


def text(content: str, *, small: bool = False) -> Card:
    size = {"text_size": "notation"} if small else {}
    return {"tag": "markdown", "content": content, **size}


def button(told: Button, thread: str) -> Card:
    shown: Card = {
        "tag": "button",
        "text": plain(told.label, LONGEST_BUTTON),
        "type": "primary" if told.is_primary else "default",
        "behaviors": callback({ACTION: told.action, VALUE: told.value, THREAD: thread}),
    }
    if (sure := told.confirm) is not None:
        shown["confirm"] = {
            "title": plain(sure.title, LONGEST_BUTTON),
            "text": plain(sure.text, LONGEST_TEXT),
        }
    return shown


def columns(inside: Sequence[Card], mode: str) -> Card:
    return {"tag": "column_set", "flex_mode": mode, "columns": list(inside)}


def column(elements: Sequence[Card], width: str) -> Card:
    weight = {"weight": 1} if width == "weighted" else {}
    return {"tag": "column", "width": width, **weight, "elements": list(elements)}


def plain(said: str, longest: int) -> Card:
    return {"tag": "plain_text", "content": cut(" ".join(said.split()), longest)}


def callback(value: Mapping[str, str]) -> list[Card]:
    return [{"type": "callback", "value": {name: one for name, one in value.items() if one}}]


def cut(said: str, longest: int) -> str:
    return said if len(said) <= longest else f"{said[: longest - 1]}…"


def size(element: Card) -> int:
    return len(json.dumps(element, ensure_ascii=False).encode()) + 1


def tags(value: Any) -> int:
    if isinstance(value, Mapping):
        return ("tag" in value) + sum(map(tags, value.values()))
    return sum(map(tags, value)) if isinstance(value, list) else 0
