"""Ingestion from a folder to a published snapshot, embedding only what changed."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.article import Article, Chunk, Problem
from ingest.chunking import chunk
from ingest.documents import Document, discover
from ingest.embedding.space import BATCH, Space, Vectors
from ingest.errors import IngestError, SnapshotError
from ingest.glossary import Glossary, read_glossary
from ingest.images import Images, Reference, collect_images, references_in
from ingest.parsing import parse
from ingest.publishing import SnapshotIndex
from ingest.snapshot import VECTOR_VERSIONS, VERSIONS, Draft, Manifest, Snapshot, SpaceCard
from ingest.unit_vectors import UnitVectors
from ingest.units import embedded_text, units_of

# Told what is being done and how far it is: (stage, done, total).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    snapshot: str
    articles: int
    chunks: int
    embedded: int  # chunks whose vectors had to be computed
    reused: int
    removed: int  # articles of the snapshot before that are gone
    errors: tuple[Problem, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "seconds": round(self.seconds, 2)}


@dataclass(slots=True)
class KnowledgeBase:
    """Everything that was read below one folder."""

    chunks: list[Chunk] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    glossary: Glossary = field(default_factory=Glossary)
    images: Images = field(default_factory=Images)
    references: list[Reference] = field(default_factory=list)  # to images, of public articles
    problems: list[Problem] = field(default_factory=list)


def ingest(
    root: Path,
    index: SnapshotIndex,
    spaces: Sequence[Space],
    *,
    full: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Raises IngestError when nothing can be published; the published snapshot then stays."""
    started = time.monotonic()
    base = read(root, progress)
    if not base.chunks:
        raise IngestError(f"no article with text below {root}")
    before = None if full else _published(index)
    vectors = Embedding(spaces, before, progress)
    manifest = before.manifest if before and _is_same(before, base, spaces) else None
    if manifest is None:
        draft = vectors.draft(base)
        progress("publish", 0, 1)
        manifest = index.publish(draft.write)
        progress("publish", 1, 1)
    known = set(before.manifest.sources) if before else set()
    return Report(
        snapshot=manifest.id,
        articles=len(base.sources),
        chunks=len(base.chunks),
        embedded=vectors.embedded,
        reused=len(base.chunks) - vectors.embedded,
        removed=len(known - set(base.sources)),
        errors=tuple(base.problems),
        seconds=time.monotonic() - started,
    )


def read(root: Path, progress: Progress = lambda stage, done, total: None) -> KnowledgeBase:
    """Parse and chunk every document; a bad one only adds to the problems."""
    if not root.is_dir():
        raise IngestError(f"{root} is not a folder")
    base = KnowledgeBase()
    base.glossary, problems = read_glossary(root)
    base.problems.extend(problems)
    found = list(discover(root))
    for number, item in enumerate(found):
        progress("read", number, len(found))
        if isinstance(item, Problem):
            base.problems.append(item)
        else:
            _add(base, item)
    base.images, problems = collect_images(root, base.references)
    base.problems.extend(problems)
    progress("read", len(found), len(found))
    return base


def _add(base: KnowledgeBase, document: Document) -> None:
    article, problems = parse(document)
    base.problems.extend(problems)
    if article is None:
        return
    chunks = chunk(article)
    if not chunks:
        base.problems.append(Problem(article.path, 1, "no text that could be answered from"))
        return
    base.chunks.extend(chunks)
    base.references.extend(references_in(article))
    base.sources[article.path] = document.sha256


def _published(index: SnapshotIndex) -> Snapshot | None:
    """What can be reused; a damaged snapshot is rebuilt from the documents."""
    try:
        return index.load(VECTOR_VERSIONS) if index.current() else None
    except SnapshotError:
        return None


def _is_same(before: Snapshot, base: KnowledgeBase, spaces: Sequence[Space]) -> bool:
    manifest: Manifest = before.manifest
    return (
        dict(manifest.versions) == VERSIONS
        and manifest.sources == base.sources
        and manifest.spaces == tuple(SpaceCard.of(space) for space in spaces)
        and before.glossary == base.glossary
        and before.images.names == base.images.names
    )


class Embedding:
    """Vectors of chunks and units, taken from the snapshot before where the text is the same."""

    def __init__(
        self, spaces: Sequence[Space], before: Snapshot | None, progress: Progress
    ) -> None:
        self._spaces = spaces
        self._before = before
        self._progress = progress
        self.embedded = 0

    def draft(self, base: KnowledgeBase) -> Draft:
        dense = {space.name: self._chunk_vectors(space, base.chunks) for space in self._spaces}
        return Draft(
            base.chunks,
            base.sources,
            self._spaces,
            dense,
            self._unit_vectors(self._spaces[0], base.chunks),
            base.glossary,
            base.images,
        )

    def _chunk_vectors(
        self, space: Space, chunks: Sequence[Chunk]
    ) -> tuple[Vectors, NDArray[np.int32]]:
        rows = [row for row, chunk in enumerate(chunks) if chunk.locale in space.languages]
        known = self._known_chunks(space)
        texts = [embedded_text(chunks[row]) for row in rows]
        vectors, fresh = self._fill(space.dims, texts, known, space.passages, f"embed {space.name}")
        if space is self._spaces[0]:
            self.embedded = fresh
        return vectors, np.asarray(rows, np.int32)

    def _unit_vectors(self, space: Space, chunks: Sequence[Chunk]) -> UnitVectors:
        units = [units_of(chunk) for chunk in chunks]
        offsets = np.concatenate([[0], np.cumsum([len(u) for u in units])]).astype(np.int64)
        texts = [unit for of_chunk in units for unit in of_chunk]
        known = self._known_units(space)
        vectors, _ = self._fill(space.dims, texts, known, space.sentences, "embed sentences")
        return UnitVectors.build(vectors, offsets)

    def _fill(
        self,
        dims: int,
        texts: Sequence[str],
        known: Mapping[bytes, Vectors],
        embed: Callable[[Sequence[str]], Vectors],
        stage: str,
    ) -> tuple[Vectors, int]:
        """Vectors of all texts, and how many had none yet; equal texts are embedded once."""
        keys = [_key(text) for text in texts]
        vectors = np.zeros((len(texts), dims), np.float32)
        missing: dict[bytes, str] = {}
        for row, key in enumerate(keys):
            if key in known:
                vectors[row] = known[key]
            else:
                missing[key] = texts[row]
        fresh = dict(zip(missing, self._embed(embed, list(missing.values()), stage), strict=True))
        for row, key in enumerate(keys):
            if key in fresh:
                vectors[row] = fresh[key]
        return vectors, sum(key in fresh for key in keys)

    def _embed(
        self, embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str], stage: str
    ) -> Iterator[Vectors]:
        for start in range(0, len(texts), BATCH):
            self._progress(stage, start, len(texts))
            yield from embed(texts[start : start + BATCH])
        self._progress(stage, len(texts), len(texts))

    def _reusable(self, space: Space) -> Snapshot | None:
        before = self._before
        if before is None or SpaceCard.of(space) not in before.manifest.spaces:
            return None
        return before

    def _known_chunks(self, space: Space) -> dict[bytes, Vectors]:
        before = self._reusable(space)
        if before is None:
            return {}
        index = before.dense[space.name]
        texts = (embedded_text(before.chunks[row]) for row in index.rows)
        return _keyed(texts, index.vectors(np.arange(len(index.rows))))

    def _known_units(self, space: Space) -> dict[bytes, Vectors]:
        before = self._reusable(space)
        if before is None:
            return {}
        texts = (unit for chunk in before.chunks for unit in units_of(chunk))
        units = before.units
        return _keyed(texts, units.vectors(np.arange(len(units.scales))))


def _keyed(texts: Iterable[str], vectors: Vectors) -> dict[bytes, Vectors]:
    return {_key(text): vector for text, vector in zip(texts, vectors, strict=True)}


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


__all__ = ["Article", "KnowledgeBase", "Progress", "Report", "ingest", "read"]
