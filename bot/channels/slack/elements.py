"""The pieces of Block Kit that agents see, each within Slack's limits. What people wrote stands in
them as it was written: nothing in it notifies, links or formats."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Block = dict[str, Any]

LONGEST_HEADER = 150  # characters, as all of these; Slack counts them after escaping
LONGEST_TEXT = 3000
LONGEST_FIELD = 2000
LONGEST_INPUT = 3000
LONGEST_SAID = 11_000  # of all texts of one message; Slack refuses not much more
MOST_BLOCKS = 50
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escape(text: str) -> str:
    return text.translate(_ESCAPES)


def cut(text: str, characters: int) -> str:
    """Escaped text that is no longer, and with no entity cut in two."""
    if len(text) <= characters:
        return text
    kept = text[: characters - 1]
    begun = kept.rfind("&", -5)
    if begun >= 0 and ";" not in kept[begun:]:
        kept = kept[:begun]
    return f"{kept}…"


def moment(at: datetime, shown: str) -> str:
    """In the time zone of whoever reads it; `shown` where that is not known."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{escape(shown)}>"


def header(text: str) -> Block:
    return {"type": "header", "text": plain(cut(text, LONGEST_HEADER))}


def section(text: str, **more: Any) -> Block:
    return {"type": "section", "text": mrkdwn(cut(text, LONGEST_TEXT)), **more}


def fields(texts: Sequence[str]) -> Block:
    return {"type": "section", "fields": [mrkdwn(cut(text, LONGEST_FIELD)) for text in texts]}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(cut(text, LONGEST_TEXT)) for text in texts]}


def actions(block_id: str, elements: Sequence[Block]) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(
    action: str, text: str, value: str, style: str = "", confirm: Block | None = None
) -> Block:
    shown: Block = {
        "type": "button",
        "action_id": action,
        "text": plain(text),
        "value": value,
    }
    if style:
        shown["style"] = style
    if confirm is not None:
        shown["confirm"] = confirm
    return shown


def confirmation(title: str, text: str, yes: str, no: str) -> Block:
    return {
        "title": plain(title),
        "text": plain(text),
        "confirm": plain(yes),
        "deny": plain(no),
    }


def text_input(
    name: str, label: str, initial: str = "", *, hint: str = "", is_optional: bool = False
) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": True,
        "max_length": LONGEST_INPUT,
    }
    if initial:
        element["initial_value"] = initial[:LONGEST_INPUT]
    return _input(name, label, element, hint=hint, is_optional=is_optional)


def select(name: str, label: str, options: Mapping[str, str], *, is_optional: bool) -> Block:
    """`options`: shown text by value."""
    element: Block = {
        "type": "static_select",
        "action_id": name,
        "options": [option(value, shown) for value, shown in options.items()],
    }
    return _input(name, label, element, is_optional=is_optional)


def tick(name: str, label: str, shown: str) -> Block:
    element: Block = {"type": "checkboxes", "action_id": name, "options": [option("yes", shown)]}
    return _input(name, label, element, is_optional=True)


def option(value: str, shown: str) -> Block:
    return {"text": plain(shown), "value": value}


def modal(
    callback: str, metadata: str, words: tuple[str, str, str], blocks: Sequence[Block]
) -> Block:
    """`words`: title (24 characters), what sends it off, what closes it."""
    title, submit, close = words
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "title": plain(title),
        "submit": plain(submit),
        "close": plain(close),
        "blocks": list(blocks),
    }


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _input(
    name: str, label: str, element: Block, *, hint: str = "", is_optional: bool = False
) -> Block:
    shown: Block = {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": element,
        "optional": is_optional,
    }
    if hint:
        shown["hint"] = plain(hint)
    return shown
