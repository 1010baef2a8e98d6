"""Many chunks from a few: real vectors with noise, real texts with words of others mixed in.

A draft is built without any embedding; its postings keep the term frequencies of the originals.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.article import Block, Chunk
from ingest.embedding.space import Space, Vectors
from ingest.glossary import Glossary
from ingest.snapshot import Draft, Snapshot
from ingest.unit_vectors import UnitVectors
from ingest.units import units_of

NOISE = 0.5  # length of what is added to a vector of length one: about 0.89 cosine to the original
MIXED_SHARE = 0.5  # of the words of a text that come from other chunks of its language
PIECE = re.compile(r"[\u3400-\u9fff]{1,4}|[^\s\u3400-\u9fff]+")
SLICE = 4_096  # chunks whose units are disturbed at once

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Originals:
    """The chunks of some snapshots under one numbering, with their vectors."""

    snapshots: Sequence[Snapshot]
    chunks: Sequence[Chunk]

    @classmethod
    def of(cls, snapshots: Sequence[Snapshot]) -> "Originals":
        return cls(snapshots, [chunk for snapshot in snapshots for chunk in snapshot.chunks])

    def chunk_vectors(self, space: Space) -> tuple[Vectors, Rows]:
        """Vectors of the chunks that the space holds, and their numbers, ascending."""
        vectors, rows, base = [], [], 0
        for snapshot in self.snapshots:
            index = snapshot.dense[space.name]
            vectors.append(index.vectors(np.arange(len(index.rows))))
            rows.append(index.rows.astype(np.int64) + base)
            base += len(snapshot.chunks)
        return np.concatenate(vectors), np.concatenate(rows)

    def unit_vectors(self) -> tuple[Vectors, Rows]:
        """Vectors of all units, and where each chunk's begin: int64 (chunks + 1,)."""
        parts = [s.units.vectors(np.arange(len(s.units.scales))) for s in self.snapshots]
        counts = np.concatenate([np.diff(snapshot.units.offsets) for snapshot in self.snapshots])
        return np.concatenate(parts), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def enlarge(snapshots: Sequence[Snapshot], spaces: Sequence[Space], size: int) -> Draft:
    """`size` chunks: the originals again and again, each time as other articles."""
    originals = Originals.of(snapshots)
    random = np.random.default_rng(0)
    parents = np.arange(size, dtype=np.int64) % len(originals.chunks)
    chunks = list(_mix_chunks(originals.chunks, parents, random))
    return Draft(
        chunks=chunks,
        sources={chunk.path: "0" * 64 for chunk in chunks},
        spaces=spaces,
        dense={space.name: _chunk_vectors(originals, space, parents, random) for space in spaces},
        units=_unit_vectors(originals, chunks, parents, random),
        glossary=Glossary(),
    )


def _mix_chunks(
    originals: Sequence[Chunk], parents: Rows, random: np.random.Generator
) -> Iterator[Chunk]:
    words: dict[str, list[str]] = {}
    for chunk in originals:
        words.setdefault(chunk.locale, []).extend(PIECE.findall(chunk.plain))
    for number, parent in enumerate(parents):
        chunk = originals[parent]
        blocks = tuple(
            _mix_block(block, words.get(chunk.locale, []), chunk.locale, random)
            for block in chunk.blocks
        )
        path = f"{number // len(originals):04}/{chunk.path}"
        yield replace(chunk, path=path, blocks=blocks, questions=(), translation_of=None)


def _mix_block(
    block: Block, words: Sequence[str], locale: str, random: np.random.Generator
) -> Block:
    """Line by line, so that items and rows stay as many."""
    lines = (mix(line, words, locale, random) for line in block.plain.splitlines())
    text = "\n".join(lines)
    return replace(block, plain=text, markdown=text)


def mix(text: str, words: Sequence[str], locale: str, random: np.random.Generator) -> str:
    """The text's words in another order, a share of them exchanged for `words`."""
    own = PIECE.findall(text)
    if not own or not words:
        return text
    foreign = random.random(len(own)) < MIXED_SHARE
    drawn = random.integers(len(words), size=len(own))
    mixed = [
        words[index] if is_foreign else piece
        for piece, is_foreign, index in zip(own, foreign, drawn, strict=True)
    ]
    shuffled = [mixed[position] for position in random.permutation(len(mixed))]
    if locale != "zh":
        return " ".join(shuffled)
    return "".join(f" {piece} " if piece[0].isascii() else piece for piece in shuffled)


def disturb(vectors: Vectors, random: np.random.Generator) -> Vectors:
    """float32 (n, dims) of length one, each near the vector it came from."""
    count, dims = vectors.shape
    noise = random.standard_normal((count, dims), np.float32) * np.float32(NOISE / np.sqrt(dims))
    disturbed = vectors + noise
    lengths = np.linalg.norm(disturbed, axis=1, keepdims=True)
    return np.asarray(disturbed / np.maximum(lengths, 1e-9), np.float32)


def _chunk_vectors(
    originals: Originals, space: Space, parents: Rows, random: np.random.Generator
) -> tuple[Vectors, NDArray[np.int32]]:
    vectors, held = originals.chunk_vectors(space)
    position = np.full(len(originals.chunks), -1, np.int64)
    position[held] = np.arange(len(held))
    rows = np.flatnonzero(position[parents] >= 0)
    return disturb(vectors[position[parents[rows]]], random), rows.astype(np.int32)


def _unit_vectors(
    originals: Originals, chunks: Sequence[Chunk], parents: Rows, random: np.random.Generator
) -> UnitVectors:
    """Mixed texts need not have as many units as their originals: those take turns."""
    vectors, begins = originals.unit_vectors()
    counts = np.array([len(units_of(chunk)) for chunk in chunks], np.int64)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    owners = np.repeat(np.arange(len(chunks)), counts)
    place = np.arange(offsets[-1]) - offsets[owners]
    parent = parents[owners]
    sources = begins[parent] + place % (begins[parent + 1] - begins[parent])
    parts = []
    for start in range(0, len(chunks), SLICE):
        own = offsets[start : start + SLICE + 1]
        disturbed = disturb(vectors[sources[own[0] : own[-1]]], random)
        parts.append(UnitVectors.build(disturbed, own - own[0]))
    return UnitVectors(
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.scales for part in parts]),
        offsets,
        np.concatenate([part.lengths for part in parts]),
    )
