"""The chunks of a snapshot on disk: one JSON line each, read when they are needed."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.article import Block, BlockKind, Chunk

LOCALES = ("zh", "en")
AUDIENCES = ("public", "internal")
INTRODUCTION, STEPS = 1, 2  # flags: stands before the first heading; holds a numbered list
NUMBERED = re.compile(r"^\s*1[.)]\s", re.MULTILINE)


class ChunkTable:
    """Small columns in memory, each (chunks,); texts stay in the mapped file. Articles that are
    translations of one another share a group."""

    def __init__(self, folder: Path) -> None:
        self._offsets: NDArray[np.int64] = np.load(folder / "chunk_offsets.npy", allow_pickle=False)
        columns: NDArray[np.int32] = np.load(folder / "chunk_columns.npy", allow_pickle=False)
        self.locales, self.audiences, self.articles, self.groups, flags = columns.T
        self.is_introduction = (flags & INTRODUCTION) > 0
        self.has_steps = (flags & STEPS) > 0
        with (folder / "chunks.jsonl").open("rb") as file:
            self._text = mmap(file.fileno(), 0, access=ACCESS_READ) if len(self) else b""

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, row: int) -> Chunk:
        line = self._text[self._offsets[row] : self._offsets[row + 1]]
        return _from_json(json.loads(line))

    def __iter__(self) -> Iterator[Chunk]:
        return (self[row] for row in range(len(self)))


def save_chunks(chunks: Sequence[Chunk], folder: Path) -> None:
    articles: dict[str, int] = {}
    groups: dict[str, int] = {}
    offsets, columns = [0], []
    with (folder / "chunks.jsonl").open("wb") as file:
        for chunk in chunks:
            file.write(json.dumps(_to_json(chunk), ensure_ascii=False).encode() + b"\n")
            offsets.append(file.tell())
            article = articles.setdefault(chunk.path, len(articles))
            group = groups.setdefault(chunk.translation_of or chunk.path, len(groups))
            locale, audience = LOCALES.index(chunk.locale), AUDIENCES.index(chunk.audience)
            columns.append((locale, audience, article, group, _flags(chunk)))
    np.save(folder / "chunk_offsets.npy", np.array(offsets, np.int64))
    np.save(folder / "chunk_columns.npy", np.array(columns, np.int32).reshape(-1, 5))


def _flags(chunk: Chunk) -> int:
    lists = (block.markdown for block in chunk.blocks if block.kind is BlockKind.LIST)
    has_steps = any(NUMBERED.search(markdown) for markdown in lists)
    return (INTRODUCTION if chunk.anchor is None else 0) | (STEPS if has_steps else 0)


def _to_json(chunk: Chunk) -> dict[str, Any]:
    return {
        "path": chunk.path,
        "ordinal": chunk.ordinal,
        "anchor": chunk.anchor,
        "title": chunk.title,
        "heading_path": chunk.heading_path,
        "locale": chunk.locale,
        "audience": chunk.audience,
        "line": chunk.line,
        "blocks": [(b.kind.value, b.markdown, b.plain, b.line) for b in chunk.blocks],
        "questions": chunk.questions,
        "translation_of": chunk.translation_of,
        "review_by": chunk.review_by.isoformat() if chunk.review_by else None,
    }


def _from_json(data: dict[str, Any]) -> Chunk:
    blocks = tuple(Block(BlockKind(kind), *rest) for kind, *rest in data.pop("blocks"))
    review_by = data.pop("review_by")
    return Chunk(
        blocks=blocks,
        heading_path=tuple(data.pop("heading_path")),
        questions=tuple(data.pop("questions")),
        review_by=date.fromisoformat(review_by) if review_by else None,
        **data,
    )
