from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.bench.synthetic import PIECE, disturb, enlarge, mix
from ingest.article import Block, BlockKind, Chunk
from ingest.embedding.space import Space, Vectors
from ingest.glossary import Glossary
from ingest.publishing import SnapshotIndex
from ingest.snapshot import Draft, Snapshot
from ingest.unit_vectors import UnitVectors
from ingest.units import units_of

SIZE = 11


def _space(name: str, dims: int, *languages: str) -> Space:
    def load() -> None:
        raise AssertionError("nothing is to be embedded")

    return Space(name, name, "0" * 64, dims, frozenset(languages), load)  # type: ignore[arg-type]


SPACES = (_space("multilingual", 16, "zh", "en"), _space("english", 8, "en"))


def _chunk(path: str, locale: str, *texts: str) -> Chunk:
    blocks = tuple(Block(BlockKind.PARAGRAPH, text, text, 1) for text in texts)
    return Chunk(path, 0, None, "Title", (), locale, "public", 1, blocks, questions=("Why?",))


CHUNKS = (
    _chunk("export.md", "en", "Open the project settings. Choose Export as CSV.", "Then wait."),
    _chunk("导出.md", "zh", "打开项目设置，选择导出为 CSV 文件。然后等待。"),
    _chunk("import.md", "en", "Import takes files of ten megabytes."),
)


def _vectors(space: Space, rows: Sequence[int]) -> tuple[Vectors, NDArray[np.int32]]:
    return np.eye(space.dims, dtype=np.float32)[list(rows)], np.asarray(rows, np.int32)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    counts = [len(units_of(chunk)) for chunk in CHUNKS]
    units = np.eye(16, dtype=np.float32)[: sum(counts)]
    draft = Draft(
        chunks=CHUNKS,
        sources={chunk.path: "0" * 64 for chunk in CHUNKS},
        spaces=SPACES,
        dense={
            "multilingual": _vectors(SPACES[0], [0, 1, 2]),
            "english": _vectors(SPACES[1], [0, 2]),
        },
        units=UnitVectors.build(units, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)),
        glossary=Glossary(),
    )
    index = SnapshotIndex(tmp_path / "small")
    index.publish(draft.write)
    return index.load()


def test_a_large_draft_can_be_published_and_read(snapshot: Snapshot, tmp_path: Path) -> None:
    index = SnapshotIndex(tmp_path / "large")

    index.publish(enlarge([snapshot], SPACES, SIZE).write)

    large = index.load()
    assert len(large.chunks) == SIZE
    assert len({chunk.path for chunk in large.chunks}) == SIZE
    assert large.units.offsets[-1] == len(large.units.scales)


def test_every_unit_of_a_mixed_text_has_a_vector(snapshot: Snapshot) -> None:
    draft = enlarge([snapshot], SPACES, SIZE)

    counts = np.diff(draft.units.offsets)

    assert counts.tolist() == [len(units_of(chunk)) for chunk in draft.chunks]


def test_vectors_stay_near_their_originals_and_in_their_language(snapshot: Snapshot) -> None:
    draft = enlarge([snapshot], SPACES, SIZE)

    vectors, rows = draft.dense["english"]
    nearest = vectors @ np.eye(8, dtype=np.float32)[[0, 2]].T

    assert [draft.chunks[row].locale for row in rows] == ["en"] * len(rows)
    assert rows.tolist() == [n for n in range(SIZE) if n % 3 != 1]
    assert nearest.argmax(axis=1).tolist() == [n % 2 for n in range(len(rows))]


def test_two_snapshots_are_numbered_through(snapshot: Snapshot) -> None:
    draft = enlarge([snapshot, snapshot], SPACES, 6)

    vectors, rows = draft.dense["multilingual"]
    nearest = (vectors @ np.eye(16, dtype=np.float32)[:3].T).argmax(axis=1)

    assert rows.tolist() == list(range(6))
    assert nearest.tolist() == [0, 1, 2, 0, 1, 2]


def test_mixed_texts_keep_language_and_length() -> None:
    random = np.random.default_rng(1)

    english = mix("open the project settings", ["export", "file"], "en", random)
    chinese = mix("打开项目设置，选择导出", ["等待", "文件"], "zh", random)

    assert len(english.split()) == 4
    assert english != "open the project settings"
    assert set(english.split()) <= {"open", "the", "project", "settings", "export", "file"}
    assert " " not in chinese
    assert len(PIECE.findall("打开项目设置，选择导出")) == 4


def test_a_text_without_words_stays() -> None:
    assert mix("  ", ["word"], "en", np.random.default_rng(1)) == "  "


def test_disturbed_vectors_have_length_one() -> None:
    vectors = np.eye(64, dtype=np.float32)

    disturbed = disturb(vectors, np.random.default_rng(1))

    assert np.allclose(np.linalg.norm(disturbed, axis=1), 1, atol=1e-5)
    cosines = (disturbed * vectors).sum(axis=1)
    assert 0.8 < cosines.mean() < 0.95
