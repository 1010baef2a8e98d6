"""Markdown as Slack's mrkdwn: a text for each block, in which nothing is addressed to anybody.

Whatever stands in an answer is data. Slack's control characters are escaped, so `<!channel>` and
`<@U…>` stay words, and a link leads only where the caller says that one may.
"""

import re
from collections.abc import Collection, Sequence
from itertools import zip_longest

from bot.channels.chat.markdown_writer import (
    FENCE,
    WEB,
    ZERO_WIDTH,
    Dialect,
    Piece,
    Table,
    fenced,
    is_wide,
    write,
)
from bot.channels.slack.elements import LONGEST_TEXT, escape

_MARKS = {"strong": "*", "em": "_", "s": "~"}
_BREAKS = ("\n", "。", "！", "？", ". ", "! ", "? ", "；", "; ", "，", ", ", " ")
_ENTITY_LENGTH = len("&amp;")
_LINK = re.compile(r"<[^<>]*>")


def link(url: str, label: str) -> str:
    """The label alone where the address is none of the web."""
    shown = escape(" ".join(label.split())).replace("|", "¦") or escape(url)
    if not url.startswith(WEB):
        return shown
    target = url.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace(" ", "%20")
    return f"<{target.replace('&', '&amp;')}|{shown}>"


def quote(text: str) -> str:
    """Somebody's words, as a quotation."""
    return "\n".join(f"> {line}" for line in escape(text).splitlines() or [""])


def render(
    markdown: str, links: Collection[str] | None = (), *, breaks: bool = False
) -> Sequence[str]:
    """Up to LONGEST_TEXT characters each; `links`: the addresses that may be linked, None for all
    that people write. `breaks`: a new line stays one, as in what people write."""
    texts = write(markdown, _DIALECT, links, breaks=breaks)
    return [part for text in texts for part in split(text)]


def split(text: str, limit: int = LONGEST_TEXT) -> Sequence[str]:
    """At a line, a sentence or a word, never inside of an entity or a link."""
    if text.startswith(FENCE) and text.endswith(FENCE) and len(text) > limit:
        inside = text.removeprefix(FENCE).removesuffix(FENCE).strip("\n")
        return [fenced(part) for part in split(inside, limit - 2 * len(FENCE) - 2)]
    parts = []
    while len(text) > limit:
        at = _cut(text, limit)
        parts.append(text[:at].rstrip())
        text = text[at:].lstrip(" ").removeprefix("\n")
    return [part for part in [*parts, text] if part.strip()]


def _cut(text: str, limit: int) -> int:
    for mark in _BREAKS:
        at = text.rfind(mark, 0, limit)
        if at > limit // 2:
            return _outside(text, at + len(mark.rstrip()) if mark.strip() else at)
    return _outside(text, limit)


def _outside(text: str, at: int) -> int:
    """Before the entity or the link that would be cut."""
    for found in _LINK.finditer(text, 0):
        if found.start() < at < found.end() and found.start() > 0:
            return found.start()
    begins = text.rfind("&", max(0, at - _ENTITY_LENGTH), at)
    ends = text.find(";", begins, begins + _ENTITY_LENGTH) if begins >= 0 else -1
    return begins if begins > 0 and ends >= at else at


def _line(pieces: Sequence[Piece]) -> str:
    """Slack sees a mark only beside a space or a stop, which Chinese writes without."""
    text, is_behind_mark = "", False
    for piece in pieces:
        if is_behind_mark and piece.content[:1].isalnum():
            text += ZERO_WIDTH
        text += piece.text if piece.kind == "text" else _joint(text, piece.text)
        is_behind_mark = piece.kind in _MARKS or piece.kind == "code_inline"
    return text


def _joint(before: str, piece: str) -> str:
    """The piece, apart from a word it would run into."""
    marked = piece[:1] in ("*", "_", "~", "`")
    return f"{ZERO_WIDTH}{piece}" if marked and before and before[-1].isalnum() else piece


def _emphasis(mark: str, text: str) -> str:
    return f"{mark}{text.replace(chr(10), ' ')}{mark}" if text.strip() else text


def _table(table: Table) -> str:
    """In columns: Slack has no tables inside of a text."""
    columns = zip_longest(*table.plain, fillvalue="")
    widths = [max(map(_width, column)) for column in columns]
    return fenced("\n".join(_row(row, widths) for row in table.plain))


def _row(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False))
    return escape("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if is_wide(character) else 1 for character in text)


_DIALECT = Dialect(
    marks=_MARKS,
    bullets=("•", "◦", "▪"),
    escape=escape,
    code=escape,
    link=link,
    line=_line,
    emphasis=_emphasis,
    table=_table,
)
