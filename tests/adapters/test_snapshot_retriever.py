import asyncio
import logging
from collections.abc import Callable
from errno import EMFILE
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.snapshot_retriever import MAX_RETRY_S, RETRY_S, SnapshotRetriever
from bot.domain.errors import KnowledgeBaseUnavailable
from bot.ports import IndexStatus, Query
from ingest import snapshot as snapshots
from ingest.embedding.space import Space
from ingest.errors import SnapshotError
from ingest.pipeline import ingest
from ingest.publishing import CURRENT, SnapshotIndex
from tests.adapters.test_snapshot_search import RANKINGS
from tests.ingest.knowledge import hashed_space, write_articles


class Published:
    """A knowledge base, its index and a retriever over it."""

    def __init__(self, folder: Path, *spaces: Space) -> None:
        self.kb = write_articles(folder / "kb")
        self.index = SnapshotIndex(folder / "index")
        self.spaces = list(spaces or [hashed_space()])
        self.time_s = 100.0
        self.retriever = SnapshotRetriever(
            self.index.folder, self.spaces, RANKINGS, clock=lambda: self.time_s
        )

    def publish(self, text: str = "Text.") -> str:
        write_articles(self.kb, {"en/extra.md": f"# Extra\n\n{text}\n"})
        return ingest(self.kb, self.index, self.spaces).snapshot


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published(tmp_path)


async def test_without_an_index_it_says_what_to_run(published: Published) -> None:
    with pytest.raises(KnowledgeBaseUnavailable, match="run: firstline ingest KB_DIR"):
        await published.retriever.search(Query("boards"))
    assert published.retriever.status().snapshot is None


async def test_the_first_search_loads_the_snapshot(published: Published) -> None:
    snapshot = published.publish()
    assert (await published.retriever.search(Query("boards"))).snapshot == snapshot


async def test_a_new_snapshot_is_taken_over(published: Published) -> None:
    published.publish()
    await published.retriever.refresh()
    newer = published.publish("Zeppelins are explained here.")
    assert (await published.retriever.refresh()).snapshot == newer
    found = await published.retriever.search(Query("zeppelins"))
    assert found.passages[0].path == "en/extra.md"


async def test_no_search_fails_while_snapshots_are_swapped(published: Published) -> None:
    published.publish()
    await published.retriever.refresh()
    stop = asyncio.Event()
    seen: set[str] = set()

    async def ask() -> None:
        while not stop.is_set():
            seen.add((await published.retriever.search(Query("boards"))).snapshot)

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    for number in range(4):
        await asyncio.to_thread(published.publish, f"Text {number}.")
        await published.retriever.refresh()
        await asyncio.sleep(0)
    await published.retriever.search(Query("boards"))
    stop.set()
    await asyncio.gather(*asking)
    assert len(seen) > 1


def damage_a_file(published: Published, snapshot: str) -> None:
    (published.index.path(snapshot) / "unit_codes.npy").write_bytes(b"\x00")


def damage_the_pointer(published: Published, snapshot: str) -> None:
    (published.index.folder / CURRENT).write_bytes(b"\xff\xfe")


def name_a_missing_snapshot(published: Published, snapshot: str) -> None:
    (published.index.folder / CURRENT).write_text(f"missing {'0' * 64}\n")


@pytest.mark.parametrize("damage", [damage_a_file, damage_the_pointer, name_a_missing_snapshot])
async def test_a_damaged_snapshot_is_refused_and_the_old_one_kept(
    published: Published,
    damage: Callable[[Published, str], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    old = published.publish()
    await published.retriever.refresh()
    damage(published, published.publish("Newer."))
    with caplog.at_level(logging.ERROR):
        status = await published.retriever.refresh()
        await published.retriever.refresh()
    assert status.snapshot == old
    assert status.refused
    assert len(caplog.records) == 1, "said once, not at every look"
    assert (await published.retriever.search(Query("boards"))).snapshot == old


async def test_a_mended_snapshot_is_taken_over_again(published: Published) -> None:
    published.publish()
    await published.retriever.refresh()
    damage_a_file(published, published.publish("Newer."))
    await published.retriever.refresh()
    newest = published.publish("Newest.")
    status = await published.retriever.refresh()
    assert (status.snapshot, status.refused) == (newest, None)


async def test_a_pointer_that_was_missing_for_a_moment_is_no_longer_refused(
    published: Published,
) -> None:
    snapshot = published.publish()
    await published.retriever.refresh()
    pointer = published.index.folder / CURRENT
    aside = pointer.rename(published.index.folder / "aside")
    assert (await published.retriever.refresh()).refused is not None
    aside.rename(pointer)
    assert await published.retriever.refresh() == IndexStatus(snapshot)


async def test_going_back_to_the_served_snapshot_ends_the_refusal(published: Published) -> None:
    served = published.publish()
    await published.retriever.refresh()
    damage_a_file(published, published.publish("Newer."))
    assert (await published.retriever.refresh()).refused is not None
    published.index.rollback()
    assert await published.retriever.refresh() == IndexStatus(served)


class Loads:
    """Counts how often a snapshot is loaded; while `error` is set, loading fails with it."""

    def __init__(self, load: Callable[..., snapshots.Snapshot]) -> None:
        self._load = load
        self.error: Exception | None = None
        self.count = 0

    def __call__(self, folder: Path, *expected: Any) -> snapshots.Snapshot:
        self.count += 1
        if self.error is not None:
            raise self.error
        return self._load(folder, *expected)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    loads = Loads(snapshots.Snapshot.load)
    monkeypatch.setattr(snapshots.Snapshot, "load", loads)
    return loads


@pytest.mark.parametrize(
    "error", [OSError(EMFILE, "Too many open files"), SnapshotError("chunks cannot be loaded")]
)
async def test_what_failed_for_a_moment_is_tried_again(
    published: Published, loads: Loads, error: Exception
) -> None:
    snapshot = published.publish()
    loads.error = error
    assert await published.retriever.refresh() == IndexStatus(None, str(error))
    loads.error = None
    assert (await published.retriever.refresh()).refused == str(error), "not before its time"
    published.time_s += RETRY_S
    assert await published.retriever.refresh() == IndexStatus(snapshot)


async def test_a_damaged_snapshot_is_verified_ever_more_seldom(
    published: Published, loads: Loads
) -> None:
    published.publish()
    loads.error = SnapshotError("damaged")
    for _ in range(3600):
        await published.retriever.refresh()
        published.time_s += 1
    assert 15 <= loads.count <= 25
    published.time_s += MAX_RETRY_S
    loads.error = None
    assert (await published.retriever.refresh()).refused is None


async def test_a_new_snapshot_does_not_wait_for_a_refused_one(
    published: Published, loads: Loads
) -> None:
    published.publish()
    loads.error = SnapshotError("damaged")
    await published.retriever.refresh()
    newer = published.publish("Newer.")
    loads.error = None
    assert await published.retriever.refresh() == IndexStatus(newer)


async def test_vectors_of_another_model_are_refused(published: Published, tmp_path: Path) -> None:
    published.publish()
    other = SnapshotRetriever(published.index.folder, [hashed_space(model="another")], RANKINGS)
    with pytest.raises(KnowledgeBaseUnavailable, match="the settings say another"):
        await other.search(Query("boards"))


async def test_a_snapshot_of_another_version_is_refused(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.publish()
    monkeypatch.setitem(snapshots.VERSIONS, "tokeniser", "another")
    status = await published.retriever.refresh()
    assert status.snapshot is None
    assert status.refused is not None
    assert "another version" in status.refused


async def test_rollback_is_taken_over_like_any_other_snapshot(published: Published) -> None:
    first = published.publish()
    published.publish("Newer.")
    await published.retriever.refresh()
    published.index.rollback()
    assert (await published.retriever.refresh()).snapshot == first
