"""Lines of a post as Feishu's Markdown."""

import re

from bot.channels.chat.text import Bold, Faint, Line, Link, Mention, Moment, Span
from bot.channels.feishu import markup

_INDENT = re.compile(r"\n[ \t]+")
_NO_ID = re.compile(r"[^A-Za-z0-9_-]")


def faint(text: str) -> str:
    shown = markup.escape(" ".join(text.split()))
    return f"<font color='grey'>{shown}</font>" if shown else ""


def line(told: Line) -> str:
    """As Feishu's Markdown."""
    text = ""
    for span in told:
        text = markup.joined(text, _span(span))
    return _INDENT.sub("\n", text).strip()


def _span(span: Span) -> str:
    match span:
        case Bold(text):
            return markup.bold(text)
        case Faint(text):
            return faint(text)
        case Link(label, url):
            return markup.link(url, label)
        case Moment(at, _):
            at_that = f"millisecond='{int(at.timestamp() * 1000)}'"
            shown = (
                f"<local_datetime {at_that} format_type='{one}'>" for one in ("date_short", "time")
            )
            return " ".join(f"{one}</local_datetime>" for one in shown)
        case Mention(user):
            return f"<at id={_NO_ID.sub('', user)}></at>"
        case _:
            return markup.escape(span)
