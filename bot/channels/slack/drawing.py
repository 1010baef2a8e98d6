"""A sheet as blocks, and a form as a modal, each within Slack's limits."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from bot.channels.chat.markdown_writer import ZERO_WIDTH
from bot.channels.chat.paging import Paging
from bot.channels.chat.sheet import (
    Button,
    Buttons,
    Choice,
    Confirmation,
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
from bot.channels.slack import elements, mrkdwn
from bot.channels.slack.elements import LONGEST_SAID, LONGEST_TEXT, MOST_BLOCKS, Block, escape

LONGEST_BUTTON = 75  # characters, as all of these; of an option as well
LONGEST_TITLE = 24  # of a modal
LONGEST_LABEL = 2000
LONGEST_QUESTION = 300  # whether somebody is sure
LONGEST_ANSWER = 30  # yes or no
MOST_FIELDS = 10  # of a section
MOST_SMALL = 10  # texts of a context block
MOST_BUTTONS = 25  # of a block

T = TypeVar("T")


def draw(sheet: Sheet) -> list[Block]:
    """What there is no room for is left out of the texts, at their end; buttons stay."""
    fixed = {n: list(_fixed(part)) for n, part in enumerate(sheet.parts)}
    room = MOST_BLOCKS - sum(map(len, fixed.values()))
    left = LONGEST_SAID - sum(_said(block) for blocks in fixed.values() for block in blocks)
    drawn: list[Block] = []
    for n, part in enumerate(sheet.parts):
        whole = texts(part)
        kept = fitting(whole, left, room)
        more = part.more if isinstance(part, Markdown) and len(kept) < len(whole) else ""
        if more and len(kept) == room:
            kept = kept[:-1]
        shown = [*map(elements.section, kept), *_small([(more,)])]
        room -= len(shown)
        left -= sum(map(len, kept))
        drawn += [*shown, *fixed[n]]
    return drawn[:MOST_BLOCKS]


def pages(sheet: Sheet) -> Sequence[Sheet]:
    return _PAGING.pages(sheet)


def draw_form(form: Form) -> Block:
    """Its value goes along, and comes back with what was filled in."""
    words = (elements.cut(form.title, LONGEST_TITLE), form.send, form.close)
    intro = _small([(form.intro,)])
    return elements.modal(form.action, form.value, words, [*intro, *map(_field, form.fields)])


def texts(part: Part) -> Sequence[str]:
    """Of a part that is a text of any length, each for one section; of others none."""
    match part:
        case Markdown(text, links, breaks):
            return mrkdwn.render(text, links, breaks=breaks)
        case Paragraph():
            shorter = [one for one in _PAGING.split(part) if isinstance(one, Paragraph)]
            return [text for one in shorter if (text := _text(one.lines)).strip()]
        case _:
            return []


def fitting(whole: Sequence[str], left: int = LONGEST_SAID, room: int = MOST_BLOCKS) -> list[str]:
    """Those first ones that there is room for."""
    kept: list[str] = []
    for text in whole[: max(room, 0)]:
        left -= len(text)
        if left < 0:
            break
        kept.append(text)
    return kept


def line(spans: Line) -> str:
    """As mrkdwn; a mark stands apart from a word that it would run into."""
    text, is_marked = "", False
    for span in spans:
        piece = _span(span)
        marks = isinstance(span, Bold | Faint)
        if (is_marked and piece[:1].isalnum()) or (marks and text[-1:].isalnum()):
            text += ZERO_WIDTH
        text += piece
        is_marked = marks and bool(piece)
    return text


def _span(span: Span) -> str:
    match span:
        case Bold(text):
            return _marked("*", text)
        case Faint(text):
            return _marked("_", text)
        case Link(label, url):
            return mrkdwn.link(url, label)
        case Moment(at, shown):
            return elements.moment(at, shown)
        case Mention(user):
            return f"<@{escape(user)}>"
        case _:
            return escape(span)


def _marked(mark: str, text: str) -> str:
    shown = escape(" ".join(text.split()))
    return f"{mark}{shown}{mark}" if shown else ""


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(map(line, lines))


def _fixed(part: Part) -> Iterator[Block]:
    """What is never left out."""
    match part:
        case Heading(text):
            yield elements.header(" ".join(text.split()))
        case Facts(lines):
            for some in _batched(_shown(lines), MOST_FIELDS):
                yield elements.fields(some)
        case Small(lines):
            yield from _small(lines)
        case Quote(intro, text):
            words = line(intro)
            quoted = elements.cut(mrkdwn.quote(text), LONGEST_TEXT - len(words) - 1)
            yield elements.context(f"{words}\n{quoted}")
        case Buttons(name, buttons):
            for n, few in enumerate(_batched(buttons, MOST_BUTTONS)):
                yield elements.actions(f"{name}.{n}" if n else name, [_button(one) for one in few])
        case Thumbs(action, up, down):
            yield {
                "type": "context_actions",
                "elements": [
                    {
                        "type": "feedback_buttons",
                        "action_id": action,
                        "positive_button": _thumb(up),
                        "negative_button": _thumb(down),
                    }
                ],
            }


def _small(lines: Sequence[Line]) -> Iterator[Block]:
    for few in _batched(_shown(lines), MOST_SMALL):
        yield elements.context(*few)


def _shown(lines: Sequence[Line]) -> Sequence[str]:
    """Slack takes no empty text."""
    return [text for text in map(line, lines) if text.strip()]


def _button(button: Button) -> Block:
    sure = button.confirm
    return elements.button(
        button.action,
        elements.cut(" ".join(button.label.split()), LONGEST_BUTTON),
        button.value,
        "primary" if button.is_primary else "",
        _confirmation(sure) if sure is not None else None,
    )


def _confirmation(sure: Confirmation) -> Block:
    return elements.confirmation(
        elements.cut(sure.title, LONGEST_BUTTON),
        elements.cut(sure.text, LONGEST_QUESTION),
        elements.cut(sure.yes, LONGEST_ANSWER),
        elements.cut(sure.no, LONGEST_ANSWER),
    )


def _thumb(thumb: Thumb) -> Block:
    return {
        "text": elements.plain(thumb.label),
        "accessibility_label": thumb.spoken,
        "value": thumb.value,
    }


def _field(field: TextField | Choice | Tick) -> Block:
    label = elements.cut(field.label, LONGEST_LABEL)
    match field:
        case TextField(name, _, value, hint, is_optional):
            return elements.text_input(name, label, value, hint=hint, is_optional=is_optional)
        case Choice(name, _, options, is_optional):
            shown = {value: elements.cut(one, LONGEST_BUTTON) for value, one in options.items()}
            return elements.select(name, label, shown, is_optional=is_optional)
        case Tick(name, _, text):
            return elements.tick(name, label, elements.cut(text, LONGEST_BUTTON))


def _size(part: Part) -> int:
    if isinstance(part, Paragraph):
        return len(_text(part.lines))
    return sum(map(len, texts(part))) + sum(map(_said, _fixed(part)))


def _said(block: Block) -> int:
    """The characters of a section; small print is not what fills a message."""
    return len(block["text"]["text"]) if block["type"] == "section" and "text" in block else 0


def _batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


# With room for one line more.
_PAGING = Paging(_size, LONGEST_TEXT, LONGEST_SAID, MOST_BLOCKS - 1)
