"""Tokens to what a reader sees: headings, and blocks of clean Markdown beside their plain text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from markdown_it.token import Token

from ingest.article import Block, BlockKind
from ingest.html import html_to_markdown
from ingest.image_marks import images_in
from ingest.inline import Inline, render_inline
from ingest.markdown import tokenize

ADMONITION = re.compile(
    r"(?:note|info|tip|hint|warn(?:ing)?|danger|caution|important|attention|success|error|alert"
    r"|question|faq|example|quote|abstract|summary|seealso|notice|提示|注意|警告|说明|信息|危险)",
    re.I,
)
_ALERT = re.compile(r"\[!(\w+)\][+-]?[ \t]*(?:\n|$)?", re.I)
_TITLE = re.compile(r"title\s*=\s*[\"']?([^\"'}]+)")
_HEADING_ATTRIBUTES = re.compile(
    r"[ \t]*\{:?[ \t]*((?:[#.][\w.:-]+|[\w-]+=\S+)(?:[ \t]+\S+)*)[ \t]*\}\s*$"
)
_CUSTOM_ID = re.compile(r"(?:^|\s)#([\w.:-]+)")
_FENCE_RUN = re.compile(r"`{3,}")
_QUOTABLE = (BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.QUOTE)


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    markdown: str
    plain: str
    line: int
    custom_id: str | None = None


Piece = Heading | Block


def read_blocks(text: str, first_line: int = 1, mdx: bool = False) -> list[Piece]:
    """Headings and blocks in document order; raises MarkdownTooComplex."""
    references: dict[str, Any] = {}
    tokens = tokenize(text, mdx, references)
    return _Reader(tokens, first_line, references).read()


class _Reader:
    """Walks the flat token list; containers are ranges of it."""

    def __init__(
        self, tokens: Sequence[Token], first_line: int, references: dict[str, Any]
    ) -> None:
        self.tokens = tokens
        self.references = references
        self.first_line = first_line
        self.closing = _match_closing(tokens)
        self.line = first_line
        self.definitions: dict[str, range] = {}
        self.footnotes: list[str] = []  # referred to, not written yet
        for index, token in enumerate(tokens):
            if token.type == "footnote_reference_open":
                self.definitions[token.meta["label"]] = range(index + 1, self.closing[index])

    def read(self) -> list[Piece]:
        return list(self._read(0, len(self.tokens)))

    def _read(self, start: int, end: int) -> Iterator[Piece]:
        index = start
        while index < end:
            token = self.tokens[index]
            if token.map:
                self.line = self.first_line + token.map[0]
            close = self.closing[index]
            yield from self._read_one(token, index, close)
            index = close + 1
            if token.level == 0 and self.footnotes:
                yield from self._read_footnotes()

    def _read_one(self, token: Token, index: int, close: int) -> Iterator[Piece]:
        match token.type:
            case "paragraph_open" | "admonition_title_open":
                inline = self._inline(index + 1)
                if inline.plain or images_in(inline.markdown):
                    kind = BlockKind.PARAGRAPH
                    yield Block(kind, inline.markdown, inline.plain, self.line)
            case "heading_open":
                yield from self._heading(token, index)
            case "bullet_list_open" | "ordered_list_open":
                yield from self._list(token, index, close)
            case "table_open":
                yield from self._table(index, close)
            case "fence" | "code_block":
                yield from self._code(token)
            case "blockquote_open":
                yield from _quote(self._read(index + 1, close))
            case "container_directive_open":
                yield from self._directive(token, index, close)
            case "admonition_open":
                yield from self._admonition(token, index, close)
            case "html_block":
                yield from self._html(token)
            case "footnote_reference_open":
                if self.definitions.pop(token.meta["label"], None):
                    yield from self._read(index + 1, close)

    def _inline(self, index: int) -> Inline:
        inline = render_inline(self.tokens[index].children or [])
        self.footnotes.extend(inline.footnotes)
        return inline

    def _read_footnotes(self) -> Iterator[Piece]:
        """A footnote follows the block that refers to it first."""
        while self.footnotes:
            definition = self.definitions.pop(self.footnotes.pop(0), None)
            if definition is not None:
                line = self.line
                yield from self._read(definition.start, definition.stop)
                self.line = line

    def _heading(self, token: Token, index: int) -> Iterator[Piece]:
        inline = self._inline(index + 1)
        markdown, plain, custom_id = inline.markdown, inline.plain, None
        if attributes := _HEADING_ATTRIBUTES.search(plain):
            plain = plain[: attributes.start()]
            markdown = _HEADING_ATTRIBUTES.sub("", markdown)
            found = _CUSTOM_ID.search(attributes[1])
            custom_id = found[1] if found else None
        if plain:
            level = int(token.tag[1:])
            yield Heading(level, _one_line(markdown), _one_line(plain), self.line, custom_id)

    def _list(self, token: Token, index: int, close: int) -> Iterator[Piece]:
        line = self.line
        number = int(token.attrGet("start") or 1) if token.type.startswith("ordered") else None
        items: list[Block] = []
        item = index + 1
        while item < close:
            end = self.closing[item]
            marker = "-" if number is None else f"{number}."
            blocks = [_without_heading(piece) for piece in self._read(item + 1, end)]
            if blocks:
                items.append(_item(marker, blocks))
            if number is not None:
                number += 1
            item = end + 1
        if items:
            markdown = "\n".join(item.markdown for item in items)
            yield Block(BlockKind.LIST, markdown, plain_of(items), line, tuple(items))

    def _table(self, index: int, close: int) -> Iterator[Piece]:
        rows: list[list[Inline]] = []
        for position in range(index + 1, close):
            token = self.tokens[position]
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._inline(position))
        yield from _draw_table(rows, self.line)

    def _code(self, token: Token) -> Iterator[Piece]:
        code = token.content.strip("\n")
        if not code.strip():
            return
        longest = max((len(run) for run in _FENCE_RUN.findall(code)), default=2)
        fence = "`" * (longest + 1)
        language = token.info.strip().split(maxsplit=1)[0] if token.info.strip() else ""
        language = re.sub(r"[^\w+#.-].*", "", language)
        yield Block(BlockKind.CODE, f"{fence}{language}\n{code}\n{fence}", code, self.line)

    def _html(self, token: Token) -> Iterator[Piece]:
        markdown = html_to_markdown(token.content)
        if markdown.strip():
            tokens = tokenize(markdown, references=self.references)
            for piece in _Reader(tokens, 1, self.references).read():
                yield replace(piece, line=self.line)

    def _directive(self, token: Token, index: int, close: int) -> Iterator[Piece]:
        """`::: tip Title`; of what is not an admonition but layout only the content counts."""
        name, _, title = token.info.strip().partition(" ")
        name, _, attributes = name.partition("{")
        named = _TITLE.search(f"{attributes} {title}")
        if not ADMONITION.fullmatch(name.strip("[]")):
            yield from self._read(index + 1, close)
            return
        title = named[1].strip() if named else "" if attributes else title.strip()
        yield from _admonition(title, self.line, self._read(index + 1, close))

    def _admonition(self, token: Token, index: int, close: int) -> Iterator[Piece]:
        """`!!! note "Title"`; a title that only repeats the kind says nothing."""
        start = index + 1
        if self.tokens[start].type == "admonition_title_open":
            start = self.closing[start] + 1
        title = token.content.strip('" ')
        if title.lower() == str(token.meta["tag"]).lower():
            title = ""
        yield from _admonition(title, self.line, self._read(start, close))


def _match_closing(tokens: Sequence[Token]) -> list[int]:
    """For every token the index of the one that closes it; its own when it opens nothing."""
    closing = list(range(len(tokens)))
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.nesting == 1:
            opened.append(index)
        elif token.nesting == -1:
            closing[opened.pop()] = index
    return closing


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _without_heading(piece: Piece) -> Block:
    """Inside of a list or a quote a heading is only a bold line."""
    if isinstance(piece, Block):
        return piece
    return Block(BlockKind.PARAGRAPH, f"**{piece.markdown}**", piece.plain, piece.line)


def _item(marker: str, blocks: Sequence[Block]) -> Block:
    first = blocks[0]
    parts = [first.markdown]
    for before, block in pairwise(blocks):
        is_tight = before.kind is BlockKind.PARAGRAPH and block.kind is BlockKind.LIST
        parts.append(("\n" if is_tight else "\n\n") + block.markdown)
    indent = " " * (len(marker) + 1)
    markdown = "".join(parts).replace("\n", f"\n{indent}").replace(f"\n{indent}\n", "\n\n")
    return Block(
        BlockKind.LIST, f"{marker} {markdown}", plain_of(blocks), first.line, tuple(blocks)
    )


def _quote(pieces: Iterable[Piece]) -> Iterator[Block]:
    """What can be said in a quote becomes one; code and tables stand beside it."""
    blocks = (_without_heading(piece) for piece in pieces)
    for is_quotable, group in groupby(blocks, key=lambda block: block.kind in _QUOTABLE):
        if not is_quotable:
            yield from group
        elif merged := _merge_quote(list(group)):
            yield merged


def _merge_quote(blocks: list[Block]) -> Block | None:
    if alert := _ALERT.match(blocks[0].markdown):
        head = blocks[0]
        markdown = head.markdown[alert.end() :].lstrip()
        plain = _ALERT.sub("", head.plain, count=1).lstrip()
        rest = [replace(head, markdown=markdown, plain=plain)] if plain else []
        blocks = rest + blocks[1:]
    if not blocks:
        return None
    markdown = "\n\n".join(block.markdown for block in blocks)
    return Block(BlockKind.QUOTE, quote(markdown), plain_of(blocks), blocks[0].line, tuple(blocks))


def plain_of(blocks: Iterable[Block]) -> str:
    """What is read of blocks that stand below each other; of an image that is nothing."""
    return "\n".join(block.plain for block in blocks if block.plain)


def quote(markdown: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in markdown.split("\n"))


def _admonition(title: str, line: int, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """A quote led by its title; with headings inside it is part of the text like any other."""
    inner = list(pieces)
    if title and not ADMONITION.fullmatch(title):
        inner.insert(0, Block(BlockKind.PARAGRAPH, f"**{title}**", title, line))
    if any(isinstance(piece, Heading) for piece in inner):
        yield from inner
    else:
        yield from _quote(inner)


def _draw_table(rows: list[list[Inline]], line: int) -> Iterator[Block]:
    cells = [[_cell(cell) for cell in row] for row in rows]
    cells = [row for row in cells if any(plain for _, plain in row)]
    if not cells:
        return
    width = max(map(len, cells))
    header, *body = cells
    if not body:
        texts = [cell for cell in header if cell[1]]
        markdown = " ".join(markdown for markdown, _ in texts)
        yield Block(BlockKind.PARAGRAPH, markdown, " ".join(plain for _, plain in texts), line)
        return
    lines = ["| " + " | ".join(markdown for markdown, _ in row) + " |" for row in cells]
    lines.insert(1, "|" + " --- |" * width)
    plain = "\n".join(" ".join(plain for _, plain in row if plain) for row in cells)
    yield Block(BlockKind.TABLE, "\n".join(lines), plain, line)


def _cell(inline: Inline) -> tuple[str, str]:
    markdown = inline.markdown.replace("  \n", " ").replace("|", "\\|")
    return markdown, inline.plain.replace("\n", " ")
