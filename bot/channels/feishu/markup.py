"""Markdown as the cards of Feishu take it, in which nothing is addressed to anybody.

Whatever stands in an answer is data. What Feishu would read as a mark, a tag or an emoji of its own
is written as an entity (https://open.feishu.cn/document/feishu-cards/card-json-v2-components), and
a link leads only where the caller says that one may.
"""

import re
from collections.abc import Collection, Sequence
from functools import reduce

from bot.channels.chat.markdown_writer import (
    WEB,
    ZERO_WIDTH,
    Dialect,
    Piece,
    Table,
    fenced,
    write,
)

MOST_TABLES = 4  # of one text; Feishu takes no more
_ESCAPES = str.maketrans({mark: f"&#{ord(mark)};" for mark in "&<>*_~[]`\\$|"})
_EMOJI = re.compile(r":(?=\w+:)")
_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*):(?=//)|\b(www)\.|\b(mailto|tel):")
_BEGINNING = re.compile(r"^([ \t]*)(?:([-+=#])|(\d+)([.)]))", re.MULTILINE)
_UNSAFE = re.compile(r"[\s<>()\[\]*_~`|\\\"'$!]|&(?=#?\w+;)")


def escape(text: str) -> str:
    """As data: no mark, no tag, no address that opens."""
    shown = _EMOJI.sub("&#58;", text.translate(_ESCAPES))
    shown = _SCHEME.sub(_inert, shown)
    return _BEGINNING.sub(_unlisted, shown)


def link(url: str, label: str) -> str:
    """The label alone where the address is none of the web."""
    shown = escape(" ".join(label.split())) or escape(url)
    if not url.startswith(WEB):
        return shown
    return f"[{shown}]({_UNSAFE.sub(_percent, url)})"


def bold(text: str) -> str:
    shown = escape(" ".join(text.split()))
    return f"**{shown}**" if shown else ""


def quote(text: str) -> str:
    """Somebody's words, as a quotation."""
    return "\n".join(f"> {escape(line)}" for line in text.splitlines() or [""])


def render(
    markdown: str, links: Collection[str] | None = (), *, breaks: bool = False
) -> Sequence[str]:
    """A text for each block; `links`: the addresses that may be linked, None for all that people
    write. `breaks`: a new line stays one, as in what people write."""
    return write(markdown, _DIALECT, links, breaks=breaks)


def joined(before: str, piece: str) -> str:
    """The piece behind what was written; Feishu sees a mark only beside a space or a stop."""
    if not before or not piece:
        return before + piece
    begins = piece.startswith(("*", "~~", "`")) and before[-1].isalnum()
    ends = before.endswith(("*", "~~", "`")) and piece[0].isalnum()
    return f"{before} {piece}" if begins or ends else before + piece


def harmless(code: str) -> str:
    """Where there are no entities, as in code: a tag that would notify is taken apart."""
    return re.sub(r"(?i)<(?=/?(?:at|person)\b)", f"<{ZERO_WIDTH}", code)


def _inert(found: re.Match[str]) -> str:
    if found[2]:
        return f"{found[2]}&#46;"
    return f"{found[1] or found[3]}&#58;"


def _unlisted(found: re.Match[str]) -> str:
    if found[2]:
        return f"{found[1]}&#{ord(found[2])};"
    return f"{found[1]}{found[3]}&#{ord(found[4])};"


def _percent(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&amp;"
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


def _line(pieces: Sequence[Piece]) -> str:
    return reduce(joined, (piece.text for piece in pieces), "")


def _emphasis(mark: str, text: str) -> str:
    inside = text.strip().replace("\n", " ")
    return f"{mark}{inside}{mark}" if inside else ""


def _item_part(part: str, indent: str) -> str:
    return "\n".join(
        line if line.startswith(" ") else f"{indent}{line}" for line in part.splitlines()
    )


def _table(table: Table) -> str:
    if table.number > MOST_TABLES:
        return fenced(harmless("\n".join("  ".join(row).rstrip() for row in table.plain)))
    head, *body = [[" ".join(cell.split()) for cell in row] for row in table.written]
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))


_DIALECT = Dialect(
    escape=escape,
    link=link,
    table=_table,
    emphasis=_emphasis,
    code=harmless,
    line=_line,
    item_part=_item_part,
    is_wide=lambda character: character > "\u2e7f",
)
