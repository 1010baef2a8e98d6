"""One published state of a knowledge base: its chunks, indexes, glossary and manifest."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.article import Chunk
from ingest.chunk_table import ChunkTable, save_chunks
from ingest.chunking import CHUNKER_VERSION
from ingest.dense import DenseIndex
from ingest.embedding.space import Space, Vectors
from ingest.errors import SnapshotError
from ingest.glossary import Glossary
from ingest.images import Images
from ingest.lexical import TOKENISER_VERSION
from ingest.lexicon import Lexicon
from ingest.unit_vectors import UnitVectors
from ingest.units import UNITS_VERSION

FORMAT = 1
MANIFEST = "manifest.json"
VERSIONS = {
    "chunker": CHUNKER_VERSION,
    "units": UNITS_VERSION,
    "tokeniser": TOKENISER_VERSION,
}
VECTOR_VERSIONS = ("units",)  # of what decides which text a vector stands for


@dataclass(frozen=True, slots=True)
class SpaceCard:
    """What a snapshot says of one of its dense spaces."""

    name: str
    model: str
    sha256: str
    dims: int
    languages: tuple[str, ...]

    @classmethod
    def of(cls, space: Space) -> "SpaceCard":
        languages = tuple(sorted(space.languages))
        return cls(space.name, space.model, space.sha256, space.dims, languages)


@dataclass(frozen=True, slots=True)
class FileCard:
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    id: str
    created_at: str
    articles: int
    chunks: int
    spaces: tuple[SpaceCard, ...]
    sources: Mapping[str, str]  # path of each article -> SHA-256 of the file it was read from
    files: Mapping[str, FileCard] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=lambda: dict(VERSIONS))
    format: int = FORMAT

    def as_text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> "Manifest":
        try:
            data = json.loads(text)
            if data["format"] != FORMAT:
                raise SnapshotError(f"snapshot format {data['format']} is not {FORMAT}")
            spaces = tuple(
                SpaceCard(**{**card, "languages": tuple(card["languages"])})
                for card in data.pop("spaces")
            )
            files = {name: FileCard(**card) for name, card in data.pop("files").items()}
            return cls(spaces=spaces, files=files, **data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SnapshotError(f"the manifest cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class Draft:
    """A snapshot in memory, before it is written."""

    chunks: Sequence[Chunk]
    sources: Mapping[str, str]
    spaces: Sequence[Space]
    dense: Mapping[str, tuple[Vectors, NDArray[np.int32]]]  # by space: vectors and their chunks
    units: UnitVectors
    glossary: Glossary
    images: Images = field(default_factory=Images)

    def write(self, folder: Path) -> Manifest:
        """Write every file and, last, the manifest with their hashes."""
        save_chunks(self.chunks, folder)
        Lexicon.build(self.chunks).save(folder)
        for name, (vectors, rows) in self.dense.items():
            DenseIndex.build(vectors, rows).save(folder / name)
        self.units.save(folder)
        self.glossary.save(folder)
        self.images.save(folder)
        created_at = datetime.now(UTC)
        files = {path.relative_to(folder).as_posix(): hash_file(path) for path in _files(folder)}
        manifest = Manifest(
            id=f"{created_at:%Y%m%dT%H%M%S%f}-{_digest(files)[:8]}",
            created_at=created_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            articles=len(self.sources),
            chunks=len(self.chunks),
            spaces=tuple(SpaceCard.of(space) for space in self.spaces),
            sources=self.sources,
            files=files,
        )
        (folder / MANIFEST).write_text(manifest.as_text(), "utf-8")
        return manifest


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as it is searched; its big parts are mapped, not read."""

    manifest: Manifest
    chunks: ChunkTable
    lexicon: Lexicon
    dense: Mapping[str, DenseIndex]
    units: UnitVectors
    glossary: Glossary
    images: Images

    @property
    def id(self) -> str:
        return self.manifest.id

    @classmethod
    def load(
        cls,
        folder: Path,
        manifest_sha256: str | None = None,
        versions: Collection[str] = VERSIONS.keys(),
    ) -> "Snapshot":
        """Nothing is parsed before its hash matches; raises SnapshotError.

        To be searched, all `versions` have to be ours; to take vectors over, fewer.
        """
        manifest = verify(folder, manifest_sha256)
        if any(manifest.versions.get(name) != VERSIONS[name] for name in versions):
            raise SnapshotError(
                f"{folder.name} was made by another version; run: firstline ingest KB_DIR"
            )
        try:
            return cls(
                manifest,
                ChunkTable(folder),
                Lexicon.load(folder),
                {card.name: DenseIndex.load(folder / card.name) for card in manifest.spaces},
                UnitVectors.load(folder),
                Glossary.load(folder),
                Images.load(folder),
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise SnapshotError(f"{folder.name} cannot be loaded: {error}") from error


def verify(folder: Path, manifest_sha256: str | None = None) -> Manifest:
    """Check every hash of a snapshot; raises SnapshotError naming the file that does not match."""
    path = folder / MANIFEST
    if not path.is_file():
        raise SnapshotError(f"{folder.name} has no manifest")
    if manifest_sha256 and hash_file(path).sha256 != manifest_sha256:
        raise SnapshotError(f"{folder.name}/{MANIFEST} is damaged")
    try:
        manifest = Manifest.from_text(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise SnapshotError(f"{folder.name}/{MANIFEST} is damaged") from error
    stray = {p.relative_to(folder).as_posix() for p in _files(folder)} - set(manifest.files)
    if stray - {MANIFEST}:
        raise SnapshotError(f"{folder.name} holds a foreign file: {min(stray - {MANIFEST})}")
    for name, card in manifest.files.items():
        file = folder / name
        if not file.is_file():
            raise SnapshotError(f"{folder.name}/{name} is missing")
        if file.stat().st_size != card.size or hash_file(file) != card:
            raise SnapshotError(f"{folder.name}/{name} is damaged")
    return manifest


def hash_file(path: Path) -> FileCard:
    with path.open("rb") as file:
        return FileCard(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_symlink())


def _digest(files: Mapping[str, FileCard]) -> str:
    text = json.dumps({name: card.sha256 for name, card in files.items()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
