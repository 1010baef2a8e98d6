"""A block that is too large for a chunk, cut where a reader would cut it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from ingest.article import Block, BlockKind
from ingest.blocks import read_fragment
from ingest.budget import count_tokens, cut
from ingest.inline import render_inline
from ingest.markdown import tokenize_inline
from ingest.sentences import sentence_spans

_ITEM = re.compile(r"^(?=(?:-|\d+\.) )", re.M)
_ITEM_MARKER = re.compile(r"(?:-|\d+\.) ")
_BAR = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"\\.|(\*\*|~~|`+)|(\[)|(\]\()")
_QUOTE_MARK = re.compile(r"^> ?", re.M)


def split(block: Block, budget: int) -> Iterator[Block]:
    """Blocks of at most `budget` tokens; all but paragraphs stay whole up to twice that."""
    limit = budget if block.kind is BlockKind.PARAGRAPH else 2 * budget
    if count_tokens(block.plain) <= limit:
        yield block
    else:
        yield from _SPLITTERS[block.kind](block, budget)


def _split_paragraph(block: Block, budget: int) -> Iterator[Block]:
    for piece in split_text(block.markdown, budget):
        plain = render_inline(tokenize_inline(piece)).plain
        if plain:
            yield Block(BlockKind.PARAGRAPH, piece, plain, block.line)


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
    items = [item.rstrip("\n") for item in _ITEM.split(block.markdown) if item.strip()]
    for group in _group(items, budget):
        if len(group) == 1 and count_tokens(group[0]) > 2 * budget:
            yield from _split_item(group[0], block.line, budget)
        else:
            yield from read_fragment("\n".join(group), block.line)


def _split_item(item: str, line: int, budget: int) -> Iterator[Block]:
    marker = match[0] if (match := _ITEM_MARKER.match(item)) else ""
    content = item[len(marker) :].replace("\n" + " " * len(marker), "\n")
    for inner in read_fragment(content, line):
        for piece in split(inner, budget):
            if marker and piece.kind is BlockKind.PARAGRAPH:
                yield Block(BlockKind.LIST, marker + piece.markdown, piece.plain, line)
            else:
                yield piece
            marker = ""


def _split_table(block: Block, budget: int) -> Iterator[Block]:
    header, ruler, *rows = block.markdown.split("\n")
    size = count_tokens(header)
    if size > budget // 2:
        for row in rows:
            yield from _split_row(header, row, block.line, budget)
        return
    for group in _group(rows, budget - size):
        if len(group) == 1 and count_tokens(group[0]) > 2 * budget - size:
            yield from _split_row(header, group[0], block.line, budget)
        else:
            yield from read_fragment("\n".join((header, ruler, *group)), block.line)


def _split_row(header: str, row: str, line: int, budget: int) -> Iterator[Block]:
    """A row too wide for its header: `name: value` pairs as a paragraph."""
    names, values = _cells(header), _cells(row)
    names += [""] * (len(values) - len(names))
    pairs = [
        f"{name}: {value}" if name else value
        for name, value in zip(names, values, strict=False)
        if value
    ]
    for group in _group(pairs, budget):
        plain = render_inline(tokenize_inline("; ".join(group))).plain
        whole = Block(BlockKind.PARAGRAPH, "; ".join(group), plain, line)
        yield from split(whole, budget)


def _cells(row: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(row)[1:-1]]


def _split_code(block: Block, budget: int) -> Iterator[Block]:
    opening, *lines, closing = block.markdown.split("\n")
    lines = [piece for line in lines for piece in _cut_line(line, budget)]
    for group in _group(lines, budget):
        code = "\n".join(group)
        if code.strip():
            yield Block(BlockKind.CODE, f"{opening}\n{code}\n{closing}", code, block.line)


def _cut_line(line: str, budget: int) -> list[str]:
    return cut(line, budget) if count_tokens(line) > budget else [line]


def _split_quote(block: Block, budget: int) -> Iterator[Block]:
    for inner in read_fragment(_QUOTE_MARK.sub("", block.markdown), block.line):
        for piece in split(inner, budget):
            quoted = "\n".join(f"> {line}".rstrip() for line in piece.markdown.split("\n"))
            yield Block(BlockKind.QUOTE, quoted, piece.plain, block.line)


def _group(parts: Iterable[str], budget: int) -> Iterator[list[str]]:
    """Neighbours together up to the budget; a part that is larger stands alone."""
    group: list[str] = []
    size = 0
    for part in parts:
        tokens = count_tokens(part)
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
