import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest import publishing
from ingest.errors import IngestError, SnapshotError
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from ingest.snapshot import MANIFEST, Manifest, Snapshot, verify
from tests.ingest.knowledge import ARTICLES, hashed_space, write_articles


@pytest.fixture
def index(tmp_path: Path) -> SnapshotIndex:
    return SnapshotIndex(tmp_path / "index")


def publish(index: SnapshotIndex, kb: Path, **changed: str) -> str:
    write_articles(kb, ARTICLES | {f"en/{name}.md": text for name, text in changed.items()})
    return ingest(kb, index, [hashed_space()]).snapshot


def files_of(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def test_nothing_is_published_before_the_first_ingestion(index: SnapshotIndex) -> None:
    assert index.current() is None
    with pytest.raises(SnapshotError, match="firstline ingest"):
        index.load()


def test_the_newest_three_are_kept(index: SnapshotIndex, tmp_path: Path) -> None:
    published = [publish(index, tmp_path / "kb", extra=f"# Extra\n\nText {n}.") for n in range(5)]
    assert index.list() == published[-3:]
    assert index.load().id == published[-1]


def test_rollback_goes_back_one_and_then_one_more(index: SnapshotIndex, tmp_path: Path) -> None:
    first, second, third = (
        publish(index, tmp_path / "kb", extra=f"# Extra\n\nText {n}.") for n in range(3)
    )
    assert index.load().id == third
    assert index.rollback() == second
    assert index.load().id == second
    assert index.rollback() == first
    with pytest.raises(SnapshotError, match="no older snapshot"):
        index.rollback()


def test_rollback_refuses_a_damaged_snapshot(index: SnapshotIndex, tmp_path: Path) -> None:
    first = publish(index, tmp_path / "kb")
    second = publish(index, tmp_path / "kb", extra="# Extra\n\nText.")
    (index.path(first) / "chunks.jsonl").write_bytes(b"{}")
    with pytest.raises(SnapshotError, match="damaged"):
        index.rollback()
    assert index.load().id == second


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [flip, truncate, remove, empty])
def test_damage_to_any_file_is_refused(
    index: SnapshotIndex, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Each file of the snapshot in turn, the manifest and CURRENT included."""
    snapshot = publish(index, tmp_path / "kb")
    files = [*files_of(index.path(snapshot)), index.folder / publishing.CURRENT]
    assert len(files) > 10
    for file in files:
        if file.stat().st_size == 0:
            continue
        kept = file.read_bytes()
        damage(file)
        with pytest.raises(SnapshotError):
            index.load()
        file.write_bytes(kept)
    assert index.load().id == snapshot


def test_a_file_of_another_snapshot_is_refused(index: SnapshotIndex, tmp_path: Path) -> None:
    first = publish(index, tmp_path / "kb")
    second = publish(index, tmp_path / "kb", extra="# Extra\n\nOther words entirely.")
    for file in files_of(index.path(second)):
        other = index.path(first) / file.relative_to(index.path(second))
        if other.read_bytes() == file.read_bytes():
            continue
        kept = file.read_bytes()
        shutil.copyfile(other, file)
        with pytest.raises(SnapshotError):
            index.load()
        file.write_bytes(kept)


def test_a_foreign_file_is_refused(index: SnapshotIndex, tmp_path: Path) -> None:
    snapshot = publish(index, tmp_path / "kb")
    (index.path(snapshot) / "planted.pkl").write_bytes(b"\x80\x04.")
    with pytest.raises(SnapshotError, match=r"planted\.pkl"):
        index.load()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99}', "[" * 100_000, "\x00"])
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, "utf-8")
    with pytest.raises(SnapshotError):
        verify(tmp_path)


def test_a_path_in_current_never_leaves_the_index(index: SnapshotIndex, tmp_path: Path) -> None:
    publish(index, tmp_path / "kb")
    (index.folder / publishing.CURRENT).write_text("../../elsewhere 00\n")
    with pytest.raises(SnapshotError, match="damaged"):
        index.load()


def test_a_failing_write_leaves_the_published_snapshot(
    index: SnapshotIndex, tmp_path: Path
) -> None:
    snapshot = publish(index, tmp_path / "kb")

    def write(folder: Path) -> Manifest:
        (folder / "half").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(IngestError, match="No space left"):
        index.publish(write)
    assert index.load().id == snapshot
    assert not list(index.folder.glob(".staging-*"))


# A publisher that dies at the n-th of its file system steps.
DYING_PUBLISHER = """
import os, sys
from pathlib import Path
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.ingest.knowledge import hashed_space

left = int(sys.argv[3])

def watch(event, arguments):
    global left
    if event in ("os.rename", "os.mkdir") or (event == "open" and sys.argv[2] in str(arguments[0])):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)

sys.addaudithook(watch)
ingest(Path(sys.argv[1]), SnapshotIndex(Path(sys.argv[2])), [hashed_space()])
"""


def test_a_killed_publisher_leaves_the_old_or_the_new_snapshot(
    index: SnapshotIndex, tmp_path: Path
) -> None:
    old = publish(index, tmp_path / "kb")
    write_articles(tmp_path / "kb", {"en/extra.md": "# Extra\n\nText."})
    outcomes = set()
    for step in range(0, 80, 6):
        run = subprocess.run(
            [sys.executable, "-c", DYING_PUBLISHER, tmp_path / "kb", index.folder, str(step)],
            cwd=Path(__file__).parents[2],
            check=False,
        )
        articles = index.load().manifest.articles
        outcomes.add((run.returncode, articles))
        if run.returncode == 0:
            break
    assert (-9, len(ARTICLES)) in outcomes, "no kill came before the flip"
    assert all(articles in (len(ARTICLES), len(ARTICLES) + 1) for _, articles in outcomes)
    assert publish(index, tmp_path / "kb", extra="# Extra\n\nNew text.") != old
    assert not list(index.folder.glob(".staging-*"))


def test_readers_see_whole_snapshots_while_publishers_race(
    index: SnapshotIndex, tmp_path: Path
) -> None:
    publish(index, tmp_path / "kb0")
    seen: list[Snapshot] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(index.load())

    def write(number: int) -> None:
        for turn in range(3):
            publish(index, tmp_path / f"kb{number}", extra=f"# Extra\n\n{number} {turn}.")

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(number,)) for number in (1, 2)]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert seen
    assert all(len(snapshot.chunks) == snapshot.manifest.chunks for snapshot in seen)


def test_an_index_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    write_articles(tmp_path / "kb")
    with pytest.raises(IngestError, match="cannot write the index"):
        ingest(tmp_path / "kb", SnapshotIndex(tmp_path / "file" / "index"), [hashed_space()])


def test_files_are_synced_before_current_names_them(
    index: SnapshotIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def record_sync(descriptor: int) -> None:
        events.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    def record_replace(path: Path, target: Path) -> Path:
        events.append(f"flip {target.name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(Path, "replace", record_replace)
    snapshot = publish(index, tmp_path / "kb")
    flip_at = events.index("flip CURRENT")
    synced = {Path(event).name for event in events[:flip_at]}
    assert {path.name for path in files_of(index.path(snapshot))} <= synced
    assert Path(events[flip_at + 1]) == index.folder
