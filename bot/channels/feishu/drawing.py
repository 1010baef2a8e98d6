"""A sheet as a card, and a form as one that is filled in, each within Feishu's limits."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain

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
from bot.channels.chat.text import Line
from bot.channels.feishu import elements, markup, spans
from bot.channels.feishu.elements import LONGEST_BUTTON, LONGEST_HINT, LONGEST_TEXT, Card

LARGEST = 28_000  # bytes of a card; Feishu takes 30 KB with all around it
LARGEST_PART = 20_000
MOST_TAGS = 190  # elements with all in them; Feishu takes 200
LONGEST_TITLE = 150  # characters
LONGEST_INPUT = 1000
LONGEST_ENTITY = 6  # bytes of one character
FORM = "form"


def draw(sheet: Sheet, key: str = "", thread: str = "") -> Card:
    """What there is no room for is left out of the texts, at their end; buttons stay. `thread`:
    what its buttons tell of where they are."""
    title, parts = _titled(sheet)
    card = _frame(sheet.notice, title)
    drawn = [list(_fixed(part, thread)) for part in parts]
    certain = [card, *chain.from_iterable(drawn)]
    left = LARGEST - sum(map(elements.size, certain))
    room = MOST_TAGS - sum(map(elements.tags, certain))
    body: list[Card] = []
    for part, fixed in zip(parts, drawn, strict=True):
        shown = _fitting(part, left, room)
        left -= sum(map(elements.size, shown))
        room -= sum(map(elements.tags, shown))
        body += [*shown, *fixed]
    if not body:
        body = [elements.text(markup.escape(sheet.notice) or "…")]
    if key:
        body[0]["element_id"] = mark(key)
    card["body"]["elements"] = body
    return card


def draw_live(notice: str, words: str, key: str) -> Card:
    """One whose text is written while it stands there, into the element with the key's mark."""
    card = _frame(notice, "")
    card["config"]["streaming_mode"] = True
    card["body"]["elements"] = [{**elements.text(spans.faint(words)), "element_id": mark(key)}]
    return card


def draw_form(form: Form, carried: Mapping[str, str], closing: Mapping[str, str]) -> Card:
    """`carried`: what comes back with what is filled in; `closing`, where it is not sent."""
    card = _frame(form.title, form.title)
    intro = [elements.text(markup.escape(form.intro))] if form.intro else []
    send = elements.button(Button(form.action, form.send, form.value, is_primary=True), "")
    send |= {"name": "send", "form_action_type": "submit", "behaviors": elements.callback(carried)}
    inside = [*intro, *(one for each in form.fields for one in _field(each)), send]
    close = elements.button(Button("", form.close, ""), "")
    close["behaviors"] = elements.callback(closing)
    card["body"]["elements"] = [{"tag": "form", "name": FORM, "elements": inside}, close]
    return card


def note(text: str) -> Card:
    """A line where a form was."""
    card = _frame(text, "")
    card["body"]["elements"] = [elements.text(spans.faint(text), small=True)]
    return card


def plain(sheet: Sheet) -> str:
    """The words alone, where no card is taken."""
    said = [part.text for part in sheet.parts if isinstance(part, Markdown)]
    text = "\n\n".join(words(one) for one in said) or sheet.notice
    # What is a text may address somebody as well.
    return markup.harmless(text)[:LARGEST_PART]


def pages(sheet: Sheet) -> Sequence[Sheet]:
    return _PAGING.pages(sheet)


def markdown(part: Markdown) -> str:
    """All of it, as an element's text."""
    return "\n\n".join(markup.render(part.text, part.links, breaks=part.breaks))


def mark(key: str) -> str:
    """By which a post is known again; what Feishu takes as an element's id."""
    return f"k{sha256(key.encode()).hexdigest()[:19]}"


def _titled(sheet: Sheet) -> tuple[str, Sequence[Part]]:
    match sheet.parts:
        case (Heading(text), *rest):
            return text, rest
        case _:
            return "", sheet.parts


def _frame(notice: str, title: str) -> Card:
    summary = {"content": elements.cut(" ".join(notice.split()), LONGEST_TEXT)}
    # Sent on, its buttons would act for whoever got it.
    config = {"update_multi": True, "enable_forward": False, "summary": summary}
    header = {"title": elements.plain(title, LONGEST_TITLE), "template": "blue"}
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
    more = spans.line((part.more,)) if isinstance(part, Markdown) and part.more else ""
    whole = "\n\n".join(blocks) if isinstance(part, Markdown) else "\n".join(blocks)
    if not whole.strip() or room < 2:
        return []
    if elements.size(elements.text(whole)) <= left:
        return [elements.text(whole)]
    kept: list[str] = []
    left -= elements.size(elements.text(more, small=True)) if more else 0
    for block in blocks:
        if elements.size(elements.text("\n\n".join([*kept, block]))) > left:
            break
        kept.append(block)
    if not kept and isinstance(part, Markdown):
        # One that is longer than a card: its beginning, without marks that might be cut in two.
        kept = [markup.escape(elements.cut(words(part.text), max(left, 0) // LONGEST_ENTITY))]
    shown = [elements.text("\n\n".join(kept))] if "".join(kept).strip() else []
    return [*shown, elements.text(more, small=True)] if more else shown


def _blocks(part: Markdown | Paragraph) -> Sequence[str]:
    if isinstance(part, Markdown):
        return markup.render(part.text, part.links, breaks=part.breaks)
    return [spans.line(one) for one in part.lines]


def _fixed(part: Part, thread: str) -> Iterator[Card]:
    """What is never left out."""
    match part:
        case Heading(text):
            yield elements.text(markup.bold(text))
        case Facts(lines):
            shown = _shown(lines)
            columns = [elements.text("\n".join(half)) for half in (shown[::2], shown[1::2]) if half]
            if columns:
                yield elements.columns(
                    [elements.column([one], "weighted") for one in columns], "none"
                )
        case Small(lines):
            if shown := _shown(lines):
                yield elements.text("\n".join(shown), small=True)
        case Quote(intro, text):
            yield elements.text(
                f"{spans.line(intro)}\n{markup.quote(elements.cut(text, LONGEST_INPUT))}",
                small=True,
            )
        case Buttons(_, buttons):
            yield elements.columns(
                [elements.column([elements.button(one, thread)], "auto") for one in buttons], "flow"
            )
        case Thumbs(action, up, down):
            thumbs = ((up, "thumbsup_outlined"), (down, "thumbdown_outlined"))
            shown_thumbs = [_thumb(action, one, icon, thread) for one, icon in thumbs]
            yield elements.columns([elements.column([one], "auto") for one in shown_thumbs], "flow")


def _shown(lines: Sequence[Line]) -> Sequence[str]:
    return [text for text in map(spans.line, lines) if text]


def _thumb(action: str, thumb: Thumb, icon: str, thread: str) -> Card:
    return {
        **elements.button(Button(action, thumb.label, thumb.value), thread),
        "type": "text",
        "size": "small",
        "icon": {"tag": "standard_icon", "token": icon},
        "hover_tips": elements.plain(thumb.spoken, LONGEST_HINT),
    }


def _field(field: TextField | Choice | Tick) -> Iterator[Card]:
    match field:
        case TextField(name, label, value, hint, is_optional):
            shown: Card = {
                "tag": "input",
                "name": name,
                "label": elements.plain(label, LONGEST_TEXT),
                "input_type": "multiline_text",
                "rows": 4,
                "max_length": LONGEST_INPUT,
                "width": "fill",
                "required": not is_optional,
            }
            if hint:
                shown["placeholder"] = elements.plain(hint, LONGEST_HINT)
            yield {**shown, "default_value": value[:LONGEST_INPUT]} if value else shown
        case Choice(name, label, options, is_optional):
            yield elements.text(markup.bold(label))
            yield {
                "tag": "select_static",
                "name": name,
                "placeholder": elements.plain(label, LONGEST_HINT),
                "options": [
                    {"text": elements.plain(shown, LONGEST_BUTTON), "value": value}
                    for value, shown in options.items()
                ],
                "width": "fill",
                "required": not is_optional,
            }
        case Tick(name, label, text):
            yield elements.text(markup.bold(label))
            yield {"tag": "checker", "name": name, "text": elements.plain(text, LONGEST_TEXT)}


def _part_size(part: Part) -> int:
    if isinstance(part, Markdown | Paragraph):
        joint = "\n\n" if isinstance(part, Markdown) else "\n"
        return elements.size(elements.text(joint.join(_blocks(part))))
    return sum(map(elements.size, _fixed(part, "")))


_PAGING = Paging(_part_size, LARGEST_PART, LARGEST - 2000, 60)
