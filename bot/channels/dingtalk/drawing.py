"""A sheet as the data of a card: a title, a text in Markdown, and buttons.

The public templates have no thumbs, no forms and nothing that asks whether somebody is sure. Thumbs
are buttons; what asks first is asked on a card of its own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.chat.answers import PERSON, SUGGEST
from bot.channels.chat.paging import Paging
from bot.channels.chat.sheet import (
    Button,
    Buttons,
    Facts,
    Heading,
    Markdown,
    Paragraph,
    Part,
    Quote,
    Sheet,
    Small,
    Thumb,
    Thumbs,
)
from bot.channels.chat.text import Bold, Line, Link, Mention, Moment, Span
from bot.channels.dingtalk import markdown
from bot.channels.dingtalk.buttons import Pressed, Seal

# What a card takes is written nowhere but for "1 KB a value", which its own library exceeds; texts
# of this length are seen whole on all clients.
LONGEST_TEXT = 5000  # bytes
LONGEST_TITLE = 100  # characters, as all of these
LONGEST_BUTTON = 40
LONGEST_NOTICE = 200
MOST_PARTS = 60
_LONGEST_PIECE = LONGEST_TEXT // 3  # of a text that is spread, before it is escaped

WRITING, FINISHED, FAILED = "2", "3", "5"  # states of a card
LIVE_TEXT = "msgContent"  # what may be streamed
_TEXT, _TITLE = "staticMsgContent", "msgTitle"
_GAP = "\n\n"

# How somebody is called, for a mention of them.
Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DrawnButton:
    label: str
    pressed: Pressed
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    text: str
    buttons: tuple[DrawnButton, ...] = ()
    named: tuple[str, ...] = ()  # users whom its text mentions


def draw(sheet: Sheet, at: str, names: Names | None = None, post: str = "") -> Card:
    """What there is no room for is left out of the texts, at their end. `at`: the address where it
    stands; `post`: the card that its buttons are about, where that is another."""
    first, *others = sheet.parts or (None,)
    heading = first.text if isinstance(first, Heading) else ""
    parts = list(others) if heading else list(sheet.parts)
    text = _fitting(parts, names or {})
    return Card(
        _cut(" ".join(heading.split()), LONGEST_TITLE),
        text or (markdown.lines(sheet.notice) if not heading else ""),
        tuple(_button(one, at, post) for part in parts for one in _buttons(part)),
        tuple(dict.fromkeys(_named(parts))),
    )


def data_of(card: Card, seal: Seal) -> dict[str, str]:
    """Of a card that is finished."""
    order = [_TITLE] if card.title else []
    order += [_TEXT] if card.text else []
    layout: dict[str, Any] = {"order": order}
    if card.buttons:
        buttons = [_data_of_button(one, seal) for one in card.buttons]
        layout = {"order": [*order, "msgButtons"], "msgButtons": buttons}
    return {
        "flowStatus": FINISHED,
        _TITLE: card.title,
        _TEXT: card.text,
        LIVE_TEXT: "",
        "sys_full_json_obj": json.dumps(layout, ensure_ascii=False),
        "config": _CONFIG,
    }


def data_of_live(text: str) -> dict[str, str]:
    """Of one that is being written."""
    layout = {"order": [LIVE_TEXT]}
    return {
        "flowStatus": WRITING,
        LIVE_TEXT: text,
        _TEXT: "",
        "sys_full_json_obj": json.dumps(layout),
        "config": _CONFIG,
    }


def mentioned(sheet: Sheet) -> Sequence[str]:
    """The users whom it names."""
    return tuple(dict.fromkeys(_named(sheet.parts)))


def notice(sheet: Sheet) -> str:
    return _cut(" ".join(sheet.notice.split()), LONGEST_NOTICE)


def pages(sheet: Sheet) -> Sequence[Sheet]:
    return _PAGING.pages(sheet)


def spread(sheet: Sheet) -> Sequence[Sheet]:
    """Over as many cards as it takes, where words do not fit that nobody may lose."""
    parts: list[Part] = []
    for part in sheet.parts:
        if isinstance(part, Markdown) and not part.more:
            parts += [
                replace(part, text=text) for text in markdown.split(part.text, _LONGEST_PIECE)
            ]
        else:
            parts.append(part)
    if len(parts) == len(sheet.parts):
        return [sheet]
    return _PAGING.pages(replace(sheet, parts=tuple(parts)))


def live_text(text: str) -> str:
    """Of what is known so far; which addresses may be opened is known at the end."""
    return _fitting([Markdown(text, frozenset())], {})


def plain(card: Card) -> str:
    """Where there are no cards, and what could be pressed is written instead."""
    title = f"**{markdown.escape(card.title)}**" if card.title else ""
    listed = "\n".join(f"- {markdown.one_line(label)}" for label in _said_as_well(card.buttons))
    return _GAP.join(filter(None, (title, card.text, listed)))


def _said_as_well(buttons: Sequence[DrawnButton]) -> Sequence[str]:
    """The words of buttons that say the same as a click, where the text leaves a choice to them."""
    said = [one for one in buttons if one.pressed.action.startswith((SUGGEST, PERSON))]
    is_choice = len(said) > 1 or any(one.is_primary for one in said)
    return [one.label for one in said] if is_choice else ()


def _fitting(parts: Sequence[Part], names: Names) -> str:
    fixed = {n: text for n, part in enumerate(parts) if (text := _fixed(part, names))}
    left = LONGEST_TEXT - sum(_size(text) + len(_GAP) for text in fixed.values())
    shown: list[str] = []
    for n, part in enumerate(parts):
        if n in fixed:
            shown.append(fixed[n])
        for text in _taken(part, left):
            shown.append(text)
            left -= _size(text) + len(_GAP)
    return _GAP.join(shown)


def _taken(part: Part, left: int) -> Iterator[str]:
    """Of a text of any length what fits, and words for what does not."""
    if not isinstance(part, Markdown):
        return
    blocks = markdown.render(part.text, part.links, breaks=part.breaks)
    more = markdown.one_line(part.more)
    if sum(_size(one) + len(_GAP) for one in blocks) <= left:
        yield from blocks
        return
    left -= _size(more) + len(_GAP)
    for n, block in enumerate(blocks):
        if _size(block) + len(_GAP) > left:
            if n == 0 and left > len(_GAP):
                yield _cut_bytes(block, left - len(_GAP))
            break
        yield block
        left -= _size(block) + len(_GAP)
    if more:
        yield more


def _fixed(part: Part, names: Names) -> str:
    match part:
        case Heading(text):
            return f"**{markdown.one_line(text)}**" if text.strip() else ""
        case Paragraph(lines) | Facts(lines) | Small(lines):
            return _lines(lines, names)
        case Quote(intro, text):
            quoted = markdown.quote(_cut_bytes(text.strip(), LONGEST_TEXT // 3))
            return f"{line(intro, names)}{_GAP}{quoted}"
        case _:
            return ""


def line(spans: Line, names: Names | None = None) -> str:
    return "".join(_span(span, names or {}) for span in spans)


def _lines(lines: Sequence[Line], names: Names) -> str:
    shown = [line(one, names).strip() for one in lines]
    return markdown.BREAK.join(filter(None, shown))


def _span(span: Span, names: Names) -> str:
    match span:
        case Bold(text):
            shown = markdown.one_line(text)
            return f"**{shown}**" if shown else ""
        case Link(label, url):
            return markdown.link(url, label)
        case Moment(_, shown):
            return markdown.escape(shown)
        case Mention(user):
            return markdown.mention(user, names.get(user, user))
        case str():
            return markdown.BREAK.join(markdown.escape(one) for one in span.split("\n"))
        case _:
            return markdown.one_line(span.text)


def _named(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        lines: Sequence[Line] = ()
        if isinstance(part, Paragraph | Facts | Small):
            lines = part.lines
        elif isinstance(part, Quote):
            lines = (part.intro,)
        for spans in lines:
            yield from (span.user for span in spans if isinstance(span, Mention))


def _buttons(part: Part) -> Iterator[Button]:
    if isinstance(part, Buttons):
        yield from part.buttons
    elif isinstance(part, Thumbs):
        for mark, thumb in (("👍", part.up), ("👎", part.down)):
            yield _thumb(part.action, mark, thumb)


def _thumb(action: str, mark: str, thumb: Thumb) -> Button:
    label = thumb.label if mark in thumb.label else f"{mark} {thumb.label}"
    return Button(action, label, thumb.value)


def _button(button: Button, at: str, post: str) -> DrawnButton:
    sure = button.confirm
    ask = (sure.title, sure.text, sure.yes, sure.no) if sure is not None else None
    pressed = Pressed(button.action, button.value, at, post, ask)
    return DrawnButton(button.label, pressed, button.is_primary)


def _data_of_button(button: DrawnButton, seal: Seal) -> Mapping[str, Any]:
    return {
        "text": _cut(" ".join(button.label.split()), LONGEST_BUTTON),
        "color": "blue" if button.is_primary else "gray",
        "id": seal.id(button.pressed),
        "request": True,
    }


def _part_size(part: Part) -> int:
    if isinstance(part, Markdown):
        return sum(_size(one) for one in markdown.render(part.text, part.links, breaks=part.breaks))
    return _size(_fixed(part, {}))


def _size(text: str) -> int:
    return len(text.encode())


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def _cut_bytes(text: str, most: int) -> str:
    if _size(text) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore").rstrip("\\") + "…"


_CONFIG = json.dumps({"autoLayout": True})
_PAGING = Paging(_part_size, LONGEST_TEXT // 2, LONGEST_TEXT, MOST_PARTS)
