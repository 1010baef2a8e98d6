"""Markdown as DingTalk's cards read it, in which nobody's words notify, link or format."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.tree import SyntaxTreeNode

from bot.channels.chat.markdown import parse, text_of

BREAK = "  \n"
_ZERO_WIDTH = "\u200b"
_FENCE = "```"
_INDENT = "  "
_MARKS = {"strong": "**", "em": "*", "s": "~~"}
_WEB = ("https://", "http://")
_MARK = re.compile(r"[\\`*]|~~|(?<!\w)_|_(?!\w)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_TARGET = re.compile(r"](?=[(\[:])")
_BEGINS = re.compile(r"^(\s*)(#|>|[-+=](?=\s|$|[-=])|\d+(?=[.)]\s))", re.MULTILINE)
_IN_ADDRESS = str.maketrans({"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", " ": "%20"})


def escape(text: str) -> str:
    """Words as they are: what would be a mark, a tag or a link is none."""
    shown = _MARK.sub(lambda mark: "".join(f"\\{one}" for one in mark[0]), text)
    shown = _TAG.sub(f"<{_ZERO_WIDTH}", shown)
    shown = _TARGET.sub(f"]{_ZERO_WIDTH}", shown)
    return _BEGINS.sub(rf"\1{_ZERO_WIDTH}\2", shown)


def one_line(text: str) -> str:
    return escape(" ".join(text.split()))


def lines(text: str) -> str:
    """Every line end stays one."""
    return BREAK.join(escape(line.strip()) for line in text.strip().splitlines())


def link(url: str, label: str) -> str:
    """The label alone where the address is none of the web."""
    shown = one_line(label).replace("[", "\\[").replace("]", "\\]") or escape(url)
    return f"[{shown}]({url.translate(_IN_ADDRESS)})" if url.startswith(_WEB) else shown


def mention(user: str, name: str) -> str:
    """Its card has to name them as well."""
    return f"<a atId={user}>@{one_line(name)}</a>"


def quote(text: str) -> str:
    return "\n".join(f"> {escape(line)}{BREAK[:2]}" for line in text.splitlines() or [""])


def render(
    markdown: str, links: Collection[str] | None = (), *, breaks: bool = False
) -> Sequence[str]:
    """Its blocks. `links`: the addresses that may be linked, None for all that people write.
    `breaks`: a new line stays one, as in what people write."""
    writer = _Writer(None if links is None else frozenset(links), breaks)
    texts = (writer.block(node) for node in parse(markdown).children)
    return [text for text in texts if text.strip()]


def split(markdown: str, most: int) -> Sequence[str]:
    """Pieces of at most so many bytes: between paragraphs, else between lines, else anywhere."""
    if len(markdown.encode()) <= most:
        return [markdown]
    for gap in ("\n\n", "\n"):
        if gap in markdown.strip():
            return _joined(markdown.split(gap), gap, most)
    pieces, rest = [], markdown
    while len(rest.encode()) > most:
        cut = rest.encode()[:most].decode(errors="ignore")
        end = cut.rfind(" ", len(cut) // 2) + 1 or len(cut)
        pieces.append(rest[:end])
        rest = rest[end:]
    return [*pieces, rest]


def _joined(texts: Sequence[str], gap: str, most: int) -> Sequence[str]:
    pieces: list[str] = []
    for text in texts:
        together = f"{pieces[-1]}{gap}{text}" if pieces else text
        if pieces and len(together.encode()) <= most:
            pieces[-1] = together
        elif text.strip():
            pieces += split(text, most)
    return pieces


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
                return f"**{text}**" if text else ""
            case "bullet_list" | "ordered_list":
                return "\n".join(self._items(node, depth))
            case "blockquote":
                inside = "\n\n".join(
                    filter(None, (self.block(one, depth) for one in node.children))
                )
                return "\n".join(f"> {line}" for line in inside.splitlines())
            case "fence" | "code_block":
                code = node.content.strip("\n").replace(_FENCE, _ZERO_WIDTH.join(_FENCE))
                return f"{_FENCE}\n{code}\n{_FENCE}"
            case "table":
                return "\n".join(self._table(node))
            case "hr":
                return "---"
            case _:
                return escape(node.content) if not node.children else ""

    def _items(self, node: SyntaxTreeNode, depth: int) -> Iterator[str]:
        first = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        for number, item in enumerate(node.children, first or 0):
            mark = "-" if first is None else f"{number}."
            parts = [self.block(one, depth + 1) for one in item.children]
            head, *rest = parts or [""]
            yield f"{_INDENT * depth}{mark} {head.lstrip()}"
            yield from filter(None, rest)

    def _table(self, node: SyntaxTreeNode) -> Iterator[str]:
        rows = [row for part in node.children for row in part.children]
        for number, row in enumerate(rows):
            cells = [self.block(cell.children[0]) if cell.children else "" for cell in row.children]
            yield "| " + " | ".join(cell.replace("|", "｜") for cell in cells) + " |"
            if number == 0:
                yield "|" + " --- |" * len(cells)

    def _inline(self, node: SyntaxTreeNode, inside: frozenset[str] = frozenset()) -> str:
        return "".join(self._piece(child, inside) for child in node.children)

    def _piece(self, node: SyntaxTreeNode, inside: frozenset[str]) -> str:
        match node.type:
            case "text":
                return escape(node.content)
            case "softbreak":
                return BREAK if self.breaks else _softbreak(node)
            case "hardbreak":
                return BREAK
            case "code_inline":
                return f"`{node.content.replace('`', 'ˋ')}`"
            case "link":
                return self._link(node, inside)
            case "image":
                return escape(node.content)
            case kind if kind in _MARKS:
                text = self._inline(node, inside | {kind})
                if kind in inside or not text.strip():
                    return text
                return f"{_MARKS[kind]}{text.strip()}{_MARKS[kind]}"
            case _:
                return self._inline(node, inside) if node.children else escape(node.content)

    def _link(self, node: SyntaxTreeNode, inside: frozenset[str]) -> str:
        url = str(node.attrs.get("href", ""))
        if self.links is None and not url.startswith(_WEB):
            return f"{escape(text_of(node))} ({escape(url)})"
        is_led_to = self.links is None or url in self.links
        return link(url, text_of(node)) if is_led_to else self._inline(node, inside)


def _softbreak(node: SyntaxTreeNode) -> str:
    before, after = node.previous_sibling, node.next_sibling
    ends = before.content[-1:] if before is not None else ""
    begins = after.content[:1] if after is not None else ""
    return "" if _is_wide(ends) and _is_wide(begins) else " "


def _is_wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in "WF"
