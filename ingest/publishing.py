"""Snapshots on disk: written aside, made durable, renamed, and only then named by CURRENT.

INDEX/CURRENT                    "<id> <SHA-256 of its manifest>"
INDEX/snapshots/<id>/...         the newest three
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from ingest.errors import IngestError, SnapshotError
from ingest.snapshot import MANIFEST, VERSIONS, Manifest, Snapshot, hash_file, verify

KEPT = 3
CURRENT = "CURRENT"
SNAPSHOTS = "snapshots"


@dataclass(frozen=True, slots=True)
class Pointer:
    """What CURRENT says."""

    snapshot: str
    manifest_sha256: str


class SnapshotIndex:
    """The folder that holds the published snapshots of one knowledge base."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Pointer | None:
        """The published snapshot, or None when nothing was published yet."""
        try:
            line = (self.folder / CURRENT).read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise SnapshotError(f"{self.folder / CURRENT} cannot be read: {error}") from error
        words = line.split()
        if line != " ".join(words) + "\n" or len(words) != 2 or Path(words[0]).name != words[0]:
            raise SnapshotError(f"{self.folder / CURRENT} is damaged; run: firstline ingest")
        return Pointer(*words)

    def load(self, versions: Collection[str] = VERSIONS.keys()) -> Snapshot:
        """The published snapshot, verified; raises SnapshotError."""
        pointer = self.current()
        if pointer is None:
            raise SnapshotError(f"no index at {self.folder}; run: firstline ingest KB_DIR")
        return Snapshot.load(self.path(pointer.snapshot), pointer.manifest_sha256, versions)

    def path(self, snapshot: str) -> Path:
        return self.folder / SNAPSHOTS / snapshot

    def list(self) -> list[str]:
        """Ids, oldest first."""
        folder = self.folder / SNAPSHOTS
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def publish(self, write: Callable[[Path], Manifest]) -> Manifest:
        """Write a snapshot aside, then make it current; readers see the old or the new, whole."""
        with self._locked():
            staging = Path(mkdtemp(prefix=".staging-", dir=self.folder))
            try:
                manifest = write(staging)
                _make_durable(staging)
                verify(staging)
                target = self.path(manifest.id)
                target.parent.mkdir(exist_ok=True)
                staging.rename(target)
                _sync(target.parent)
                self._point_at(manifest.id)
            except OSError as error:
                raise IngestError(f"cannot write the index at {self.folder}: {error}") from error
            finally:
                shutil.rmtree(staging, ignore_errors=True)
            self._prune()
            return manifest

    def rollback(self) -> str:
        """Make the snapshot before the current one current; returns its id."""
        with self._locked():
            pointer = self.current()
            older = [i for i in self.list() if pointer is not None and i < pointer.snapshot]
            if not older:
                raise SnapshotError("there is no older snapshot to go back to")
            verify(self.path(older[-1]))
            self._point_at(older[-1])
            return older[-1]

    def _point_at(self, snapshot: str) -> None:
        digest = hash_file(self.path(snapshot) / MANIFEST).sha256
        aside = self.folder / f".{CURRENT}"
        with aside.open("w", encoding="utf-8") as file:
            file.write(f"{snapshot} {digest}\n")
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.folder / CURRENT)
        _sync(self.folder)

    def _prune(self) -> None:
        """Readers that still map a removed snapshot keep its files until they let go."""
        pointer = self.current()
        keep = set(self.list()[-KEPT:]) | ({pointer.snapshot} if pointer else set())
        for snapshot in self.list():
            if snapshot not in keep:
                shutil.rmtree(self.path(snapshot), ignore_errors=True)
        for left_behind in self.folder.glob(".staging-*"):
            shutil.rmtree(left_behind, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One publisher at a time; a second one waits."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / ".lock").open("w")
        except OSError as error:
            raise IngestError(f"cannot write the index at {self.folder}: {error}") from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _make_durable(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
