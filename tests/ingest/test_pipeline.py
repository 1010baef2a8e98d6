from pathlib import Path

import numpy as np
import pytest

from ingest import snapshot as snapshots
from ingest.errors import IngestError
from ingest.pipeline import Report, ingest
from ingest.publishing import SnapshotIndex
from tests.ingest.knowledge import ARTICLES, embedded_by, hashed_space, write_articles


@pytest.fixture
def index(tmp_path: Path) -> SnapshotIndex:
    return SnapshotIndex(tmp_path / "index")


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "kb")


def test_every_article_is_in_the_snapshot(index: SnapshotIndex, kb: Path) -> None:
    report = ingest(kb, index, [hashed_space()])
    snapshot = index.load()
    assert {chunk.path for chunk in snapshot.chunks} == set(ARTICLES)
    assert (report.articles, report.chunks) == (len(ARTICLES), len(snapshot.chunks))
    assert (report.embedded, report.reused, report.removed) == (report.chunks, 0, 0)


def test_nothing_changed_publishes_nothing(index: SnapshotIndex, kb: Path) -> None:
    first = ingest(kb, index, [hashed_space()])
    space = hashed_space()
    second = ingest(kb, index, [space])
    assert second.snapshot == first.snapshot
    assert (second.embedded, second.reused) == (0, first.chunks)
    assert embedded_by(space) == []


def test_only_what_changed_is_embedded(index: SnapshotIndex, kb: Path) -> None:
    ingest(kb, index, [hashed_space()])
    text = ARTICLES["en/boards.md"].replace("24 columns", "30 columns")
    write_articles(kb, {"en/boards.md": text})
    space = hashed_space()
    report = ingest(kb, index, [space])
    assert report.embedded == 1
    assert embedded_by(space)
    assert all("30 columns" in text for text in embedded_by(space))


def test_reused_vectors_are_those_of_a_full_ingestion(
    index: SnapshotIndex, kb: Path, tmp_path: Path
) -> None:
    ingest(kb, index, [hashed_space()])
    write_articles(kb, {"en/new.md": "# New\n\nAn article about webhooks.\n"})
    ingest(kb, index, [hashed_space()])
    fresh = SnapshotIndex(tmp_path / "fresh")
    ingest(kb, fresh, [hashed_space()])
    reused, full = index.load(), fresh.load()
    rows = np.arange(len(full.chunks))
    assert np.allclose(
        reused.dense["hashed"].vectors(rows), full.dense["hashed"].vectors(rows), atol=1e-6
    )
    assert np.allclose(
        reused.units.vectors(np.arange(len(full.units.scales))),
        full.units.vectors(np.arange(len(full.units.scales))),
        atol=0.01,
    )


def test_full_embeds_everything_again(index: SnapshotIndex, kb: Path) -> None:
    ingest(kb, index, [hashed_space()])
    report = ingest(kb, index, [hashed_space()], full=True)
    assert report.embedded == report.chunks


def test_another_model_embeds_everything_again(index: SnapshotIndex, kb: Path) -> None:
    ingest(kb, index, [hashed_space()])
    report = ingest(kb, index, [hashed_space(model="another")])
    assert report.embedded == report.chunks


@pytest.mark.parametrize("version", ["chunker", "tokeniser"])
def test_vectors_outlive_a_version_that_does_not_shape_them(
    index: SnapshotIndex, kb: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    first = ingest(kb, index, [hashed_space()])
    monkeypatch.setitem(snapshots.VERSIONS, version, "another")
    report = ingest(kb, index, [hashed_space()])
    assert report.embedded == 0
    assert report.snapshot != first.snapshot
    assert index.load().manifest.versions[version] == "another"


def test_a_deleted_article_is_gone(index: SnapshotIndex, kb: Path) -> None:
    ingest(kb, index, [hashed_space()])
    (kb / "en/login.md").unlink()
    report = ingest(kb, index, [hashed_space()])
    assert report.removed == 1
    assert "en/login.md" not in {chunk.path for chunk in index.load().chunks}


def test_a_bad_document_hurts_only_itself(index: SnapshotIndex, kb: Path) -> None:
    (kb / "en/bad.md").write_bytes("# 看板\n".encode("gbk"))
    report = ingest(kb, index, [hashed_space()])
    assert [problem.path for problem in report.errors] == ["en/bad.md"]
    assert report.articles == len(ARTICLES)


def test_an_empty_folder_leaves_the_published_snapshot(
    index: SnapshotIndex, kb: Path, tmp_path: Path
) -> None:
    first = ingest(kb, index, [hashed_space()])
    (tmp_path / "empty").mkdir()
    with pytest.raises(IngestError, match="no article"):
        ingest(tmp_path / "empty", index, [hashed_space()])
    assert index.load().id == first.snapshot


def test_a_missing_folder_is_named(index: SnapshotIndex, tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="nowhere"):
        ingest(tmp_path / "nowhere", index, [hashed_space()])


def test_a_damaged_snapshot_is_rebuilt(index: SnapshotIndex, kb: Path) -> None:
    first = ingest(kb, index, [hashed_space()])
    (index.path(first.snapshot) / "chunks.jsonl").write_bytes(b"")
    report = ingest(kb, index, [hashed_space()])
    assert report.embedded == report.chunks
    assert index.load().id == report.snapshot != first.snapshot


def test_a_space_holds_only_its_languages(index: SnapshotIndex, kb: Path) -> None:
    ingest(kb, index, [hashed_space(), hashed_space("english", "en")])
    snapshot = index.load()
    held = {snapshot.chunks[int(row)].locale for row in snapshot.dense["english"].rows}
    assert held == {"en"}
    assert len(snapshot.dense["hashed"].rows) == len(snapshot.chunks)


def test_progress_reaches_the_end_of_every_stage(index: SnapshotIndex, kb: Path) -> None:
    last: dict[str, tuple[int, int]] = {}
    ingest(
        kb,
        index,
        [hashed_space()],
        progress=lambda stage, done, total: last.update({stage: (done, total)}),
    )
    assert set(last) == {"read", "embed hashed", "embed sentences", "publish"}
    assert all(done == total for done, total in last.values())


def test_the_glossary_travels_in_the_snapshot(index: SnapshotIndex, kb: Path) -> None:
    (kb / "glossary.yaml").write_text("terms:\n- {en: [board, kanban], zh: [看板]}\n", "utf-8")
    ingest(kb, index, [hashed_space()])
    assert index.load().glossary.groups == (("board", "kanban", "看板"),)


def test_a_changed_glossary_publishes_without_embedding(index: SnapshotIndex, kb: Path) -> None:
    first = ingest(kb, index, [hashed_space()])
    (kb / "glossary.yaml").write_text("terms:\n- {en: [board, kanban]}\n", "utf-8")
    second = ingest(kb, index, [hashed_space()])
    assert second.snapshot != first.snapshot
    assert second.embedded == 0


def test_the_report_is_json_with_the_names_of_the_contract(index: SnapshotIndex, kb: Path) -> None:
    (kb / "empty.md").write_text("")
    report: Report = ingest(kb, index, [hashed_space()])
    document = report.as_json()
    assert set(document) == {
        "snapshot", "articles", "chunks", "embedded", "reused", "removed", "errors", "seconds",
    }  # fmt: skip
    assert set(document["errors"][0]) == {"path", "line", "reason"}
