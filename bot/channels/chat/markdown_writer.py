"""Markdown written again as a chat program reads it: one walk for all, in the dialect of each.

Whatever stands in a text is data: the dialect escapes it, and a link leads only where the caller
says that one may.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from markdown_it.tree import SyntaxTreeNode

from bot.channels.chat.markdown import parse, text_of

ZERO_WIDTH = "\u200b"
FENCE = "```"
WEB = ("https://", "http://")
# An address as people write it; what ends a sentence behind it is no part of it.
_ADDRESS = re.compile(
    r"https?://[^\s<>\"'`（），。；：！？、《》「」]*[^\s<>\"'`（），。；：！？、《》「」.,;:!?)\]]"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a line: `kind` and `content` are its node's, `text` is what was written of it."""

    kind: str
    content: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Its rows, the head first, as they are written and as the words alone."""

    number: int  # of the tables of one text, from 1
    written: Sequence[Sequence[str]]
    plain: Sequence[Sequence[str]]


def fenced(code: str) -> str:
    return f"{FENCE}\n{code.replace(FENCE, ZERO_WIDTH.join(FENCE))}\n{FENCE}"


def is_wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in "WF"


def _concatenated(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _unindented(part: str, _indent: str) -> str:
    return part


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What programs write differently."""

    escape: Callable[[str], str]
    link: Callable[[str, str], str]  # of an address and its label
    table: Callable[[Table], str]
    emphasis: Callable[[str, str], str]  # of a mark, "" inside of the same one, and a text
    code: Callable[[str], str] = str  # as data between the marks of code
    line: Callable[[Sequence[Piece]], str] = _concatenated
    item_part: Callable[[str, str], str] = _unindented  # what follows in an item, and its indent
    is_wide: Callable[[str], bool] = is_wide  # a character that takes no space beside its like
    marks: Mapping[str, str] = field(default_factory=lambda: {"strong": "**", "em": "*", "s": "~~"})
    bullets: Sequence[str] = ("-",)  # by depth
    indent: str = "    "
    line_end: str = "\n"
    quoted_gap: str = "\n"  # between the blocks of a quotation
    rule: str = "———"
    links_addresses: bool = True  # that stand bare in what people write


def write(
    markdown: str, dialect: Dialect, links: Collection[str] | None, *, breaks: bool
) -> Sequence[str]:
    """A text for each block; `links`: the addresses that may be linked, None for all that people
    write. `breaks`: a new line stays one, as in what people write."""
    writer = _Writer(dialect, None if links is None else frozenset(links), breaks)
    texts = (writer.block(node) for node in parse(markdown).children)
    return [text for text in texts if text.strip()]


@dataclass(frozen=True, slots=True)
class _Writer:
    dialect: Dialect
    links: frozenset[str] | None
    breaks: bool
    tables: Iterator[int] = field(default_factory=lambda: count(1))

    def block(self, node: SyntaxTreeNode, depth: int = 0) -> str:
        match node.type:
            case "paragraph" | "inline":
                return self._inline(node).strip()
            case "heading":
                text = self._inline(node, frozenset({"strong"})).replace("\n", " ").strip()
                mark = self.dialect.marks["strong"]
                return f"{mark}{text}{mark}" if text else ""
            case "bullet_list" | "ordered_list":
                return "\n".join(self._items(node, depth))
            case "blockquote":
                blocks = filter(None, (self.block(one, depth) for one in node.children))
                inside = self.dialect.quoted_gap.join(blocks)
                return "\n".join(f"> {line}" for line in inside.splitlines())
            case "fence" | "code_block":
                return fenced(self.dialect.code(node.content.strip("\n")))
            case "table":
                return self.dialect.table(self._table(node))
            case "hr":
                return self.dialect.rule
            case _:
                return self.dialect.escape(node.content) if not node.children else ""

    def _items(self, node: SyntaxTreeNode, depth: int) -> Iterator[str]:
        indent, bullets = self.dialect.indent, self.dialect.bullets
        first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        for number, item in enumerate(node.children, first or 0):
            mark = bullets[min(depth, len(bullets) - 1)] if first is None else f"{number}."
            head, *rest = [self.block(one, depth + 1) for one in item.children] or [""]
            yield f"{indent * depth}{mark} {head.lstrip()}"
            for part in filter(None, rest):
                yield self.dialect.item_part(part, indent * (depth + 1))

    def _table(self, node: SyntaxTreeNode) -> Table:
        rows = [row.children for part in node.children for row in part.children]
        return Table(
            next(self.tables),
            [[self._inline(cell).strip() for cell in row] for row in rows],
            [[text_of(cell) for cell in row] for row in rows],
        )

    def _inline(self, node: SyntaxTreeNode, inside: frozenset[str] = frozenset()) -> str:
        return self.dialect.line(
            [Piece(one.type, one.content, self._piece(one, inside)) for one in node.children]
        )

    def _piece(self, node: SyntaxTreeNode, inside: frozenset[str]) -> str:
        match node.type:
            case "text":
                return self._text(node.content)
            case "softbreak":
                return self.dialect.line_end if self.breaks else self._softbreak(node)
            case "hardbreak":
                return self.dialect.line_end
            case "code_inline":
                return f"`{self.dialect.code(node.content).replace('`', 'ˋ')}`"
            case "link":
                return self._link(node, inside)
            case "image":
                return self.dialect.escape(node.content)
            case kind if kind in self.dialect.marks:
                mark = "" if kind in inside else self.dialect.marks[kind]
                return self.dialect.emphasis(mark, self._inline(node, inside | {kind}))
            case _ if node.children:
                return self._inline(node, inside)
            case _:
                return self.dialect.escape(node.content)

    def _text(self, text: str) -> str:
        """Escaped, and in what people write, what looks like an address is one."""
        shown, end = "", 0
        if self.links is None and self.dialect.links_addresses:
            for found in _ADDRESS.finditer(text):
                shown += self.dialect.escape(text[end : found.start()])
                shown += self.dialect.link(found[0], found[0])
                end = found.end()
        return shown + self.dialect.escape(text[end:])

    def _softbreak(self, node: SyntaxTreeNode) -> str:
        before, after = node.previous_sibling, node.next_sibling
        ends = before.content[-1:] if before is not None else ""
        begins = after.content[:1] if after is not None else ""
        return "" if self.dialect.is_wide(ends) and self.dialect.is_wide(begins) else " "

    def _link(self, node: SyntaxTreeNode, inside: frozenset[str]) -> str:
        url = str(node.attrs.get("href", ""))
        if self.links is None and not url.startswith(WEB):
            return f"{self.dialect.escape(text_of(node))} ({self.dialect.escape(url)})"
        is_led_to = self.links is None or url in self.links
        return self.dialect.link(url, text_of(node)) if is_led_to else self._inline(node, inside)
