"""What has a vector of its own in a chunk: its heading, then its sentences, items and rows."""

from ingest.article import Block, BlockKind, Chunk
from ingest.sentences import split_sentences

UNITS_VERSION = "3"
SHORTEST = 16  # characters that count; shorter pieces join the next, they mean little alone


def heading_of(chunk: Chunk) -> str:
    return " > ".join((chunk.title, *chunk.heading_path))


def embedded_text(chunk: Chunk) -> str:
    """What stands for the chunk in a dense space."""
    return f"{heading_of(chunk)}\n{chunk.plain}"


def split_block(block: Block) -> list[str]:
    """A block's units in reading order; joined they are its plain text, white space aside."""
    match block.kind:
        case BlockKind.CODE:
            return [block.plain] if block.plain.strip() else []
        case BlockKind.LIST | BlockKind.TABLE:
            return _join_short(block.plain.splitlines())
        case _:
            return _join_short(split_sentences(block.plain))


def units_of(chunk: Chunk) -> list[str]:
    """The heading first, so that unit 0 of every chunk is its heading."""
    return [heading_of(chunk), *(unit for block in chunk.blocks for unit in split_block(block))]


def _join_short(pieces: list[str]) -> list[str]:
    units: list[str] = []
    pending = ""
    for piece in pieces:
        pending = f"{pending} {piece.strip()}".strip()
        if _weight(pending) >= SHORTEST:
            units.append(pending)
            pending = ""
    if pending:
        if units:
            units[-1] = f"{units[-1]} {pending}"
        else:
            units.append(pending)
    return units


def _weight(text: str) -> int:
    """A Chinese character says about as much as two or three letters."""
    return sum(3 if "\u3400" <= character <= "\u9fff" else 1 for character in text)
