"""A sheet as a card, and a form as one that is filled in, each within Feishu's limits."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from bot.channels.chat.markdown import plain as words
from bot.channels.chat.paging import Paging
from bot.channels.chat.sheet import (
    Button,
    Buttons,
    Choice,
    Facts,
    Form,
    Heading,
    Markdown,
    Paragraph,
    Part,
    Quote,
    Sheet,
    Small,
    TextField,
    Thumb,
    Thumbs,
    Tick,
)
from bot.channels.chat.text import Bold, Faint, Line, Link, Mention, Moment, Span
from bot.channels.feishu import markup
from bot.channels.feishu.events import ACTION, THREAD, VALUE

Card = dict[str, Any]

LARGEST = 28_000  # bytes of a card; Feishu takes 30 KB with all around it
LARGEST_PART = 20_000
MOST_TAGS = 190  # elements with all in them; Feishu takes 200
LONGEST_NOTICE = 300  # characters, as all of these
LONGEST_TITLE = 150
LONGEST_BUTTON = 100
LONGEST_HINT = 100
LONGEST_INPUT = 1000
LONGEST_ENTITY = 6  # bytes of one character
FORM = "form"
_DOUBLE = re.compile(r"\n[ \t]+")
_SAFE_ID = re.compile(r"[^A-Za-z0-9_-]")


def draw(sheet: Sheet, key: str = "", thread: str = "") -> Card:
    """What there is no room for is left out of the texts, at their end; buttons stay. `thread`:
    what its buttons tell of where they are."""
    title, parts = _titled(sheet)
    card = _frame(sheet.notice, title)
    drawn = [list(_fixed(part, thread)) for part in parts]
    left = LARGEST - _size(card) - sum(_size(one) for some in drawn for one in some)
    room = MOST_TAGS - _tags(card) - sum(_tags(one) for some in drawn for one in some)
    elements: list[Card] = []
    for part, fixed in zip(parts, drawn, strict=True):
        shown = _fitting(part, left, room)
        left -= sum(map(_size, shown))
        room -= sum(map(_tags, shown))
        elements += [*shown, *fixed]
    if not elements:
        elements = [_text(markup.escape(sheet.notice) or "…")]
    if key:
        elements[0]["element_id"] = mark(key)
    card["body"]["elements"] = elements
    return card


def draw_live(notice: str, words: str, key: str) -> Card:
    """One whose text is written while it stands there, into the element with the key's mark."""
    card = _frame(notice, "")
    card["config"]["streaming_mode"] = True
    card["body"]["elements"] = [{**_text(faint(words)), "element_id": mark(key)}]
    return card


def draw_form(form: Form, carried: Mapping[str, str], closing: Mapping[str, str]) -> Card:
    """`carried`: what comes back with what is filled in; `closing`, where it is not sent."""
    card = _frame(form.title, form.title)
    intro = [_text(markup.escape(form.intro))] if form.intro else []
    send = _button(Button(form.action, form.send, form.value, is_primary=True), "")
    send |= {"name": "send", "form_action_type": "submit", "behaviors": _callback(carried)}
    inside = [*intro, *(one for each in form.fields for one in _field(each)), send]
    close = _button(Button("", form.close, ""), "")
    close["behaviors"] = _callback(closing)
    card["body"]["elements"] = [{"tag": "form", "name": FORM, "elements": inside}, close]
    return card


def note(text: str) -> Card:
    """A line where a form was."""
    card = _frame(text, "")
    card["body"]["elements"] = [_text(faint(text), small=True)]
    return card


def plain(sheet: Sheet) -> str:
    """The words alone, where no card is taken."""
    said = [part.text for part in sheet.parts if isinstance(part, Markdown)]
    text = "\n\n".join(words(one) for one in said) or sheet.notice
    # What is a text may address somebody as well.
    return text.replace("<at", f"<{markup.ZERO_WIDTH}at")[:LARGEST_PART]


def pages(sheet: Sheet) -> Sequence[Sheet]:
    return _PAGING.pages(sheet)


def markdown(part: Markdown) -> str:
    """All of it, as an element's text."""
    return "\n\n".join(markup.render(part.text, part.links, breaks=part.breaks))


def mark(key: str) -> str:
    """By which a post is known again; what Feishu takes as an element's id."""
    return f"k{sha256(key.encode()).hexdigest()[:19]}"


def faint(text: str) -> str:
    shown = markup.escape(" ".join(text.split()))
    return f"<font color='grey'>{shown}</font>" if shown else ""


def line(spans: Line) -> str:
    """As Feishu's Markdown."""
    text = ""
    for span in spans:
        text = markup.joined(text, _span(span))
    return _DOUBLE.sub("\n", text).strip()


def _span(span: Span) -> str:
    match span:
        case Bold(text):
            return markup.bold(text)
        case Faint(text):
            return faint(text)
        case Link(label, url):
            return markup.link(url, label)
        case Moment(at, _):
            told = f"millisecond='{int(at.timestamp() * 1000)}'"
            shown = (
                f"<local_datetime {told} format_type='{one}'>" for one in ("date_short", "time")
            )
            return " ".join(f"{one}</local_datetime>" for one in shown)
        case Mention(user):
            return f"<at id={_SAFE_ID.sub('', user)}></at>"
        case _:
            return markup.escape(span)


def _titled(sheet: Sheet) -> tuple[str, Sequence[Part]]:
    match sheet.parts:
        case (Heading(text), *rest):
            return text, rest
        case _:
            return "", sheet.parts


def _frame(notice: str, title: str) -> Card:
    summary = {"content": _cut(" ".join(notice.split()), LONGEST_NOTICE)}
    # Sent on, its buttons would act for whoever got it.
    config = {"update_multi": True, "enable_forward": False, "summary": summary}
    header = {"title": _plain(title, LONGEST_TITLE), "template": "blue"}
    return {
        "schema": "2.0",
        "config": config,
        **({"header": header} if title.strip() else {}),
        "body": {"elements": []},
    }


def _fitting(part: Part, left: int, room: int) -> list[Card]:
    """Of a part that is a text of any length; of others nothing."""
    if not isinstance(part, Markdown | Paragraph):
        return []
    blocks = _blocks(part)
    more = line((part.more,)) if isinstance(part, Markdown) and part.more else ""
    whole = "\n\n".join(blocks) if isinstance(part, Markdown) else "\n".join(blocks)
    if not whole.strip() or room < 2:
        return []
    if _size(_text(whole)) <= left:
        return [_text(whole)]
    kept: list[str] = []
    left -= _size(_text(more, small=True)) if more else 0
    for block in blocks:
        if _size(_text("\n\n".join([*kept, block]))) > left:
            break
        kept.append(block)
    if not kept and isinstance(part, Markdown):
        # One that is longer than a card: its beginning, without marks that might be cut in two.
        kept = [markup.escape(_cut(words(part.text), max(left, 0) // LONGEST_ENTITY))]
    shown = [_text("\n\n".join(kept))] if "".join(kept).strip() else []
    return [*shown, _text(more, small=True)] if more else shown


def _blocks(part: Markdown | Paragraph) -> Sequence[str]:
    if isinstance(part, Markdown):
        return markup.render(part.text, part.links, breaks=part.breaks)
    return [line(one) for one in part.lines]


def _fixed(part: Part, thread: str) -> Iterator[Card]:
    """What is never left out."""
    match part:
        case Heading(text):
            yield _text(markup.bold(text))
        case Facts(lines):
            shown = _shown(lines)
            columns = [_text("\n".join(half)) for half in (shown[::2], shown[1::2]) if half]
            if columns:
                yield _columns([_column([one], "weighted") for one in columns], "none")
        case Small(lines):
            if shown := _shown(lines):
                yield _text("\n".join(shown), small=True)
        case Quote(intro, text):
            yield _text(f"{line(intro)}\n{markup.quote(_cut(text, LONGEST_INPUT))}", small=True)
        case Buttons(_, buttons):
            yield _columns([_column([_button(one, thread)], "auto") for one in buttons], "flow")
        case Thumbs(action, up, down):
            thumbs = ((up, "thumbsup_outlined"), (down, "thumbdown_outlined"))
            shown_thumbs = [_thumb(action, one, icon, thread) for one, icon in thumbs]
            yield _columns([_column([one], "auto") for one in shown_thumbs], "flow")


def _shown(lines: Sequence[Line]) -> Sequence[str]:
    return [text for text in map(line, lines) if text]


def _text(content: str, *, small: bool = False) -> Card:
    size = {"text_size": "notation"} if small else {}
    return {"tag": "markdown", "content": content, **size}


def _button(button: Button, thread: str) -> Card:
    shown: Card = {
        "tag": "button",
        "text": _plain(button.label, LONGEST_BUTTON),
        "type": "primary" if button.is_primary else "default",
        "behaviors": _callback({ACTION: button.action, VALUE: button.value, THREAD: thread}),
    }
    if (sure := button.confirm) is not None:
        shown["confirm"] = {
            "title": _plain(sure.title, LONGEST_BUTTON),
            "text": _plain(sure.text, LONGEST_NOTICE),
        }
    return shown


def _thumb(action: str, thumb: Thumb, icon: str, thread: str) -> Card:
    return {
        **_button(Button(action, thumb.label, thumb.value), thread),
        "type": "text",
        "size": "small",
        "icon": {"tag": "standard_icon", "token": icon},
        "hover_tips": _plain(thumb.spoken, LONGEST_HINT),
    }


def _field(field: TextField | Choice | Tick) -> Iterator[Card]:
    match field:
        case TextField(name, label, value, hint, is_optional):
            shown: Card = {
                "tag": "input",
                "name": name,
                "label": _plain(label, LONGEST_NOTICE),
                "input_type": "multiline_text",
                "rows": 4,
                "max_length": LONGEST_INPUT,
                "width": "fill",
                "required": not is_optional,
            }
            if hint:
                shown["placeholder"] = _plain(hint, LONGEST_HINT)
            yield {**shown, "default_value": value[:LONGEST_INPUT]} if value else shown
        case Choice(name, label, options, is_optional):
            yield _text(markup.bold(label))
            yield {
                "tag": "select_static",
                "name": name,
                "placeholder": _plain(label, LONGEST_HINT),
                "options": [
                    {"text": _plain(shown, LONGEST_BUTTON), "value": value}
                    for value, shown in options.items()
                ],
                "width": "fill",
                "required": not is_optional,
            }
        case Tick(name, label, text):
            yield _text(markup.bold(label))
            yield {"tag": "checker", "name": name, "text": _plain(text, LONGEST_NOTICE)}


def _callback(value: Mapping[str, str]) -> list[Card]:
    return [{"type": "callback", "value": {name: one for name, one in value.items() if one}}]


def _columns(columns: Sequence[Card], mode: str) -> Card:
    return {"tag": "column_set", "flex_mode": mode, "columns": list(columns)}


def _column(elements: Sequence[Card], width: str) -> Card:
    weight = {"weight": 1} if width == "weighted" else {}
    return {"tag": "column", "width": width, **weight, "elements": list(elements)}


def _plain(text: str, longest: int) -> Card:
    return {"tag": "plain_text", "content": _cut(" ".join(text.split()), longest)}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _size(element: Card) -> int:
    return len(json.dumps(element, ensure_ascii=False).encode()) + 1


def _tags(value: Any) -> int:
    if isinstance(value, Mapping):
        return ("tag" in value) + sum(map(_tags, value.values()))
    return sum(map(_tags, value)) if isinstance(value, list) else 0


def _part_size(part: Part) -> int:
    if isinstance(part, Markdown | Paragraph):
        joint = "\n\n" if isinstance(part, Markdown) else "\n"
        return _size(_text(joint.join(_blocks(part))))
    return sum(map(_size, _fixed(part, "")))


_PAGING = Paging(_part_size, LARGEST_PART, LARGEST - 2000, 60)
