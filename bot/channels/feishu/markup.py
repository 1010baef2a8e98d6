"""Markdown as the cards of Feishu take it, in which nothing is addressed to anybody.

Whatever stands in an answer is data. What Feishu would read as a mark, a tag or an emoji of its own
is written as an entity (https://open.feishu.cn/document/feishu-cards/card-json-v2-components), and
a link leads only where the caller says that one may.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.tree import SyntaxTreeNode

from bot.channels.chat.markdown import parse, text_of

MOST_TABLES = 4  # of one text; Feishu takes no more
_ESCAPES = str.maketrans({mark: f"&#{ord(mark)};" for mark in "&<>*_~[]`\\$|"})
_EMOJI = re.compile(r":(?=\w+:)")
_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*):(?=//)|\b(www)\.|\b(mailto|tel):")
_BEGINNING = re.compile(r"^([ \t]*)(?:([-+=#])|(\d+)([.)]))", re.MULTILINE)
_ZERO_WIDTH = "\u200b"
_FENCE = "```"
_WEB = ("https://", "http://")
_MARKS = {"strong": "**", "em": "*", "s": "~~"}
# An address as people write it; what ends a sentence behind it is no part of it.
_ADDRESS = re.compile(
    r"https?://[^\s<>\"'`（），。；：！？、《》「」]*[^\s<>\"'`（），。；：！？、《》「」.,;:!?)\]]"
)
_UNSAFE = re.compile(r"[\s<>()\[\]*_~`|\\\"'$!]|&(?=#?\w+;)")


def escape(text: str) -> str:
    """As data: no mark, no tag, no address that opens."""
    shown = _EMOJI.sub("&#58;", text.translate(_ESCAPES))
    shown = _SCHEME.sub(_inert, shown)
    return _BEGINNING.sub(_unlisted, shown)


def link(url: str, label: str) -> str:
    """The label alone where the address is none of the web."""
    shown = escape(" ".join(label.split())) or escape(url)
    if not url.startswith(_WEB):
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
    writer = _Writer(None if links is None else frozenset(links), breaks)
    texts = (writer.block(node) for node in parse(markdown).children)
    return [text for text in texts if text.strip()]


def joined(before: str, piece: str) -> str:
    """The piece behind what was written; Feishu sees a mark only beside a space or a stop."""
    if not before or not piece:
        return before + piece
    begins = piece.startswith(("*", "~~", "`")) and before[-1].isalnum()
    ends = before.endswith(("*", "~~", "`")) and piece[0].isalnum()
    return f"{before} {piece}" if begins or ends else before + piece


@dataclass(slots=True)
class _Writer:
    links: frozenset[str] | None
    breaks: bool
    tables: int = field(default=0)

    def block(self, node: SyntaxTreeNode, depth: int = 0) -> str:
        match node.type:
            case "paragraph" | "inline":
                return self._inline(node).strip()
            case "heading":
                text = self._inline(node, frozenset({"strong"})).replace("\n", " ").strip()
                return f"**{text}**" if text else ""
            case "bullet_list" | "ordered_list":
                return "\n".join(self._items(node, depth))
            case "blockquote":
                inside = "\n".join(filter(None, (self.block(one, depth) for one in node.children)))
                return "\n".join(f"> {line}" for line in inside.splitlines())
            case "fence" | "code_block":
                return _fenced(node.content.strip("\n"))
            case "table":
                return self._table(node)
            case "hr":
                return "———"
            case _:
                return escape(node.content) if not node.children else ""

    def _items(self, node: SyntaxTreeNode, depth: int) -> Iterator[str]:
        indent = "    " * depth
        first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        for number, item in enumerate(node.children, first or 0):
            mark = "-" if first is None else f"{number}."
            head, *rest = [self.block(one, depth + 1) for one in item.children] or [""]
            yield f"{indent}{mark} {head.lstrip()}"
            for part in filter(None, rest):
                yield from (
                    line if line[:1] == " " else f"{indent}    {line}" for line in _lines(part)
                )

    def _table(self, node: SyntaxTreeNode) -> str:
        rows = [
            [" ".join(self._inline(cell).split()) for cell in row.children]
            for part in node.children
            for row in part.children
        ]
        self.tables += 1
        if self.tables > MOST_TABLES:
            plain = [
                [text_of(cell) for cell in row.children]
                for part in node.children
                for row in part.children
            ]
            return _fenced("\n".join("  ".join(row).rstrip() for row in plain))
        head, *body = rows
        rule = ["---"] * len(head)
        return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))

    def _inline(self, node: SyntaxTreeNode, inside: frozenset[str] = frozenset()) -> str:
        text = ""
        for child in node.children:
            text = joined(text, self._piece(child, inside))
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
                return f"`{harmless(node.content).replace('`', 'ˋ')}`"
            case "link":
                return self._link(node, inside)
            case "image":
                return escape(node.content)
            case kind if kind in _MARKS:
                text = self._inline(node, inside | {kind}).strip()
                if kind in inside or not text:
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


def _softbreak(node: SyntaxTreeNode) -> str:
    before, after = node.previous_sibling, node.next_sibling
    ends = before.content[-1:] if before is not None else ""
    begins = after.content[:1] if after is not None else ""
    return "" if ends > "\u2e7f" and begins > "\u2e7f" else " "


def _fenced(code: str) -> str:
    return f"{_FENCE}\n{harmless(code).replace(_FENCE, _ZERO_WIDTH.join('```'))}\n{_FENCE}"


def harmless(code: str) -> str:
    """Where there are no entities, as in code: a tag that would notify is taken apart."""
    return re.sub(r"(?i)<(?=/?(?:at|person)\b)", f"<{_ZERO_WIDTH}", code)


def _lines(text: str) -> Sequence[str]:
    return text.splitlines()


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
