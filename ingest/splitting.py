"""A block that is too large for a chunk, cut where a reader would cut it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from ingest.article import Block, BlockKind
from ingest.blocks import plain_of, quote
from ingest.budget import count_tokens, cut
from ingest.image_marks import images_in, without_images
from ingest.inline import render_inline
from ingest.markdown import tokenize_inline
from ingest.sentences import sentence_spans

_BAR = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"\\.|(\*\*|~~|`+)|(\[)|(\]\()")

Part = TypeVar("Part")


def split(block: Block, budget: int) -> Iterator[Block]:
    """Blocks of at most `budget` tokens; all but paragraphs stay whole up to twice that."""
    limit = budget if block.kind is BlockKind.PARAGRAPH else 2 * budget
    if count_tokens(block.plain) <= limit:
        yield block
    elif block.kind in (BlockKind.LIST, BlockKind.QUOTE) and not block.parts:
        yield from _split_paragraph(block, budget)
    else:
        yield from _SPLITTERS[block.kind](block, budget)


def _split_paragraph(block: Block, budget: int) -> Iterator[Block]:
    """Its images, which have no place between the pieces, follow them."""
    for piece in split_text(without_images(block.markdown), budget):
        inline = render_inline(tokenize_inline(piece))
        if inline.plain:
            yield Block(BlockKind.PARAGRAPH, inline.markdown, inline.plain, block.line)
    if images := images_in(block.markdown):
        yield Block(BlockKind.PARAGRAPH, " ".join(images), "", block.line)


def split_text(text: str, budget: int) -> list[str]:
    """Whole sentences as long as they fit; a sentence that does not is cut between words."""
    pieces: list[str] = []
    group: tuple[int, int] | None = None
    size = 0
    for start, end in _closed_spans(text, budget):
        tokens = count_tokens(text[start:end])
        if group and size + tokens <= budget:
            group, size = (group[0], end), size + tokens
            continue
        if group:
            pieces.append(text[group[0] : group[1]])
        group, size = (start, end), tokens
        if tokens > budget:
            pieces.extend(piece.strip() for piece in cut(text[start:end], budget))
            group = None
    if group:
        pieces.append(text[group[0] : group[1]])
    return pieces


def _closed_spans(text: str, budget: int) -> Iterator[tuple[int, int]]:
    """Sentences, those inside of one emphasis or link together as long as they fit."""
    waiting: list[tuple[int, int]] = []
    for span in sentence_spans(text):
        waiting.append(span)
        whole = text[waiting[0][0] : span[1]]
        if _is_closed(whole):
            yield waiting[0][0], span[1]
            waiting = []
        elif count_tokens(whole) > budget:
            yield from waiting
            waiting = []
    yield from waiting


def _is_closed(text: str) -> bool:
    marks = _MARKS.findall(text)
    emphasis = sum(1 for mark, _, _ in marks if mark)
    opened = sum(1 for _, bracket, _ in marks if bracket)
    closed = sum(1 for _, _, target in marks if target)
    return emphasis % 2 == 0 and opened <= closed


def _split_list(block: Block, budget: int) -> Iterator[Block]:
    for group in _group(block.parts, budget, lambda item: count_tokens(item.plain)):
        if len(group) == 1 and count_tokens(group[0].plain) > 2 * budget:
            yield from _split_item(group[0], budget)
        else:
            markdown = "\n".join(item.markdown for item in group)
            yield Block(BlockKind.LIST, markdown, plain_of(group), group[0].line)


def _split_item(item: Block, budget: int) -> Iterator[Block]:
    """The first paragraph keeps the item's marker; what is below it stands alone."""
    marker = item.markdown[: item.markdown.index(" ") + 1]
    for part in item.parts:
        for piece in split(part, budget):
            if marker and piece.kind is BlockKind.PARAGRAPH:
                yield Block(BlockKind.LIST, marker + piece.markdown, piece.plain, piece.line)
            else:
                yield piece
            marker = ""


def _split_quote(block: Block, budget: int) -> Iterator[Block]:
    for part in block.parts:
        for piece in split(part, budget):
            yield Block(BlockKind.QUOTE, quote(piece.markdown), piece.plain, piece.line)


def _split_table(block: Block, budget: int) -> Iterator[Block]:
    """By rows, the header repeated; lines of Markdown and of plain text correspond."""
    header, ruler, *rows = block.markdown.split("\n")
    plain_header, *plain_rows = block.plain.split("\n")
    size = count_tokens(plain_header)
    room = budget - size
    pairs = zip(rows, plain_rows, strict=True)
    for group in _group(pairs, max(room, 0), lambda pair: count_tokens(pair[1])):
        if size > budget // 2 or count_tokens(group[0][1]) > 2 * budget - size:
            for row, _ in group:
                yield from _split_row(header, row, block.line, budget)
            continue
        markdown = "\n".join((header, ruler, *(row for row, _ in group)))
        plain = "\n".join((plain_header, *(row for _, row in group)))
        yield Block(BlockKind.TABLE, markdown, plain, block.line)


def _split_row(header: str, row: str, line: int, budget: int) -> Iterator[Block]:
    """A row too wide for its header: `name: value` pairs as a paragraph."""
    names, values = _cells(header), _cells(row)
    names += [""] * (len(values) - len(names))
    pairs = [
        f"{name}: {value}" if name else value
        for name, value in zip(names, values, strict=False)
        if value
    ]
    for group in _group(pairs, budget, count_tokens):
        plain = render_inline(tokenize_inline("; ".join(group))).plain
        whole = Block(BlockKind.PARAGRAPH, "; ".join(group), plain, line)
        yield from split(whole, budget)


def _cells(row: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(row)[1:-1]]


def _split_code(block: Block, budget: int) -> Iterator[Block]:
    opening, *lines, closing = block.markdown.split("\n")
    lines = [piece for line in lines for piece in _cut_line(line, budget)]
    for group in _group(lines, budget, count_tokens):
        code = "\n".join(group)
        if code.strip():
            yield Block(BlockKind.CODE, f"{opening}\n{code}\n{closing}", code, block.line)


def _cut_line(line: str, budget: int) -> list[str]:
    return cut(line, budget) if count_tokens(line) > budget else [line]


def _group(
    parts: Iterable[Part], budget: int, size_of: Callable[[Part], int]
) -> Iterator[list[Part]]:
    """Neighbours together up to the budget; a part that is larger stands alone."""
    group: list[Part] = []
    size = 0
    for part in parts:
        tokens = size_of(part)
        if group and size + tokens > budget:
            yield group
            group, size = [], 0
        group.append(part)
        size += tokens
    if group:
        yield group


_SPLITTERS: Mapping[BlockKind, Callable[[Block, int], Iterator[Block]]] = {
    BlockKind.PARAGRAPH: _split_paragraph,
    BlockKind.LIST: _split_list,
    BlockKind.TABLE: _split_table,
    BlockKind.CODE: _split_code,
    BlockKind.QUOTE: _split_quote,
}
