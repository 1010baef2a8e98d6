"""The sections of a snapshot as passages need them: parsed once, kept while they are in demand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ingest.article import Block, Chunk
from ingest.chunk_table import ChunkTable
from ingest.image_marks import without_images
from ingest.lexical import tokenise
from ingest.units import split_block

KEPT = 1000  # chunks of about 15 kB; parsing them anew was a third of a turn
SECTION_CHUNKS = 3  # at most, of a section that is told as a whole
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, list item or table row with what a question is compared with."""

    text: str
    terms: frozenset[str]
    has_digit: bool

    @classmethod
    def read(cls, text: str) -> "Unit":
        return cls(text, frozenset(tokenise(text)), DIGIT.search(text) is not None)


@dataclass(frozen=True, slots=True)
class ReadChunk:
    chunk: Chunk
    blocks: Sequence[tuple[Block, Sequence[Unit]]]


class SectionReader:
    def __init__(self, chunks: ChunkTable) -> None:
        self._chunks = chunks
        self.read = lru_cache(KEPT)(self._read)

    def _read(self, row: int) -> ReadChunk:
        chunk = self._chunks[row]
        # Images are for the article's page: no answer shows one.
        blocks = [replace(b, markdown=without_images(b.markdown)) for b in chunk.blocks if b.plain]
        units = [tuple(map(Unit.read, split_block(block))) for block in blocks]
        return ReadChunk(chunk, tuple(zip(blocks, units, strict=True)))

    def section(self, row: int) -> list[int]:
        """The chunk and its neighbours of the same section, in reading order."""
        rows = [row]
        for step in (-1, 1):
            other = row + step
            while len(rows) < SECTION_CHUNKS and self._continues(row, other):
                rows.append(other)
                other += step
        return sorted(rows)

    def _continues(self, row: int, other: int) -> bool:
        articles = self._chunks.articles
        return (
            0 <= other < len(articles)
            and bool(articles[other] == articles[row])
            and self.read(other).chunk.anchor == self.read(row).chunk.anchor
        )
