"""Markdown as Slack's mrkdwn: a text for each block, in which nothing is addressed to anybody.

Whatever stands in an answer is data. Slack's control characters are escaped, so `<!channel>` and
`<@U…>` stay words, and a link leads only where the caller says that one may.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from markdown_it.tree import SyntaxTreeNode

from bot.channels.chat.markdown import parse, text_of
from bot.channels.slack.elements import LONGEST_TEXT, escape

_BULLETS = ("•", "◦", "▪")
_INDENT = "    "
_MARKS = {"strong": "*", "em": "_", "s": "~"}
# Slack sees a mark only beside a space or a stop, which Chinese writes without.
ZERO_WIDTH = "\u200b"
_FENCE = "```"
_BREAKS = ("\n", "。", "！", "？", ". ", "! ", "? ", "；", "; ", "，", ", ", " ")
_ENTITY_LENGTH = len("&amp;")
_LINK = re.compile(r"<[^<>]*>")
# An address as people write it; what ends a sentence behind it is no part of it.
_ADDRESS = re.compile(
    r"https?://[^\s<>\"'`（），。；：！？、《》「」]*[^\s<>\"'`（），。；：！？、《》「」.,;:!?)\]]"
)
_WEB = ("https://", "http://")


def link(url: str, label: str) -> str:
    """The label alone where the address is none of the web."""
    shown = escape(" ".join(label.split())).replace("|", "¦") or escape(url)
    if not url.startswith(_WEB):
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
    writer = _Writer(None if links is None else frozenset(links), breaks)
    texts = (writer.block(node) for node in parse(markdown).children)
    return [part for text in texts if text.strip() for part in split(text)]


def split(text: str, limit: int = LONGEST_TEXT) -> Sequence[str]:
    """At a line, a sentence or a word, never inside of an entity or a link."""
    if text.startswith(_FENCE) and text.endswith(_FENCE) and len(text) > limit:
        inside = text.removeprefix(_FENCE).removesuffix(_FENCE).strip("\n")
        return [_fenced(part) for part in split(inside, limit - 2 * len(_FENCE) - 2)]
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


@dataclass(frozen=True, slots=True)
class _Writer:
    links: frozenset[str] | None
    breaks: bool

    def block(self, node: SyntaxTreeNode, depth: int = 0) -> str:
        match node.type:
            case "paragraph" | "inline":
                return self._inline(node).strip()
            case "heading":
                text = self._inline(node, frozenset({"strong"})).replace("\n", " ").strip()
                return f"*{text}*" if text else ""
            case "bullet_list" | "ordered_list":
                return "\n".join(self._items(node, depth))
            case "blockquote":
                inside = "\n".join(filter(None, (self.block(one, depth) for one in node.children)))
                return "\n".join(f"> {line}" for line in inside.splitlines())
            case "fence" | "code_block":
                return _fenced(escape(node.content.strip("\n")))
            case "table":
                return _fenced("\n".join(_table(node)))
            case "hr":
                return "———"
            case _:
                return escape(node.content) if not node.children else ""

    def _items(self, node: SyntaxTreeNode, depth: int) -> Iterator[str]:
        first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        for number, item in enumerate(node.children, first or 0):
            mark = _BULLETS[min(depth, len(_BULLETS) - 1)] if first is None else f"{number}."
            parts = [self.block(one, depth + 1) for one in item.children]
            head, *rest = parts or [""]
            yield f"{_INDENT * depth}{mark} {head.lstrip()}"
            yield from filter(None, rest)

    def _inline(self, node: SyntaxTreeNode, inside: frozenset[str] = frozenset()) -> str:
        text = ""
        for child in node.children:
            piece = self._piece(child, inside)
            text += piece if child.type == "text" else _joint(text, piece)
            if child.type in _MARKS or child.type == "code_inline":
                text += ZERO_WIDTH if _needs_space(child.next_sibling) else ""
        return text

    def _piece(self, node: SyntaxTreeNode, inside: frozenset[str]) -> str:
        match node.type:
            case "text":
                return escape(node.content) if self.links is not None else _linked(node.content)
            case "softbreak":
                return "\n" if self.breaks else _softbreak(node)
            case "hardbreak":
                return "\n"
            case "code_inline":
                return f"`{escape(node.content).replace('`', 'ˋ')}`"
            case "link":
                return self._link(node, inside)
            case "image":
                return escape(node.content)
            case kind if kind in _MARKS:
                text = self._inline(node, inside | {kind})
                if kind in inside or not text.strip():
                    return text
                return f"{_MARKS[kind]}{text.replace(chr(10), ' ')}{_MARKS[kind]}"
            case _:
                return self._inline(node, inside) if node.children else escape(node.content)

    def _link(self, node: SyntaxTreeNode, inside: frozenset[str]) -> str:
        url = str(node.attrs.get("href", ""))
        if self.links is None and not url.startswith(_WEB):
            return f"{escape(text_of(node))} ({escape(url)})"
        is_led_to = self.links is None or url in self.links
        return link(url, text_of(node)) if is_led_to else self._inline(node, inside)


def _linked(text: str) -> str:
    """Escaped, and what looks like an address is one."""
    shown, end = "", 0
    for found in _ADDRESS.finditer(text):
        shown += escape(text[end : found.start()]) + link(found[0], found[0])
        end = found.end()
    return shown + escape(text[end:])


def _joint(before: str, piece: str) -> str:
    """The piece, apart from a word it would run into."""
    marked = piece[:1] in ("*", "_", "~", "`")
    return f"{ZERO_WIDTH}{piece}" if marked and before and before[-1].isalnum() else piece


def _needs_space(following: SyntaxTreeNode | None) -> bool:
    return following is not None and following.content[:1].isalnum()


def _softbreak(node: SyntaxTreeNode) -> str:
    before, after = node.previous_sibling, node.next_sibling
    ends = before.content[-1:] if before is not None else ""
    begins = after.content[:1] if after is not None else ""
    return "" if _is_wide(ends) and _is_wide(begins) else " "


def _fenced(text: str) -> str:
    return f"{_FENCE}\n{text.replace(_FENCE, ZERO_WIDTH.join('```'))}\n{_FENCE}"


def _table(node: SyntaxTreeNode) -> Iterator[str]:
    """In columns: Slack has no tables inside of a text."""
    rows = [
        [text_of(cell) for cell in row.children] for part in node.children for row in part.children
    ]
    columns = zip_longest(*rows, fillvalue="")
    widths = [max(map(_width, column)) for column in columns]
    for row in rows:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False)
        )
        yield escape("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if _is_wide(character) else 1 for character in text)


def _is_wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in "WF"
