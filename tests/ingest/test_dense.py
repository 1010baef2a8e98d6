from pathlib import Path

import faiss
import numpy as np
import pytest

from ingest import dense
from ingest.dense import DenseIndex
from ingest.embedding.space import Vectors


def unit_vectors(count: int, dims: int = 16, seed: int = 0) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, dims)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rows(count: int) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    return np.arange(0, 2 * count, 2, dtype=np.int32)  # the space holds every other chunk


def test_the_nearest_comes_first() -> None:
    vectors = unit_vectors(50)
    index = DenseIndex.build(vectors, rows(50))
    assert index.search(vectors[7], 3, np.ones(100, bool))[0] == 14


def test_what_is_not_allowed_is_never_found() -> None:
    vectors = unit_vectors(50)
    index = DenseIndex.build(vectors, rows(50))
    allowed = np.zeros(100, bool)
    allowed[[2, 4]] = True
    assert set(index.search(vectors[7], 10, allowed)) == {2, 4}


def test_nothing_allowed_finds_nothing() -> None:
    index = DenseIndex.build(unit_vectors(5), rows(5))
    assert len(index.search(unit_vectors(1)[0], 3, np.zeros(10, bool))) == 0


def test_similarity_to_a_chunk_outside_of_the_space_is_unknown() -> None:
    vectors = unit_vectors(5)
    index = DenseIndex.build(vectors, rows(5))
    found = index.similarities(vectors[1], np.array([2, 3, 99], np.int32))
    assert found[0] == pytest.approx(1.0, abs=1e-5)
    assert np.isnan(found[1:]).all()


def test_an_empty_space_answers() -> None:
    index = DenseIndex.build(np.empty((0, 16), np.float32), rows(0))
    query = unit_vectors(1)[0]
    assert len(index.search(query, 3, np.ones(4, bool))) == 0
    assert np.isnan(index.similarities(query, np.array([1], np.int32))).all()


def test_a_loaded_index_finds_the_same(tmp_path: Path) -> None:
    vectors = unit_vectors(200)
    index = DenseIndex.build(vectors, rows(200))
    index.save(tmp_path / "space")
    loaded = DenseIndex.load(tmp_path / "space")
    everything = np.ones(400, bool)
    for query in unit_vectors(10, seed=1):
        assert np.array_equal(
            index.search(query, 5, everything), loaded.search(query, 5, everything)
        )


def test_a_large_space_is_approximate_and_still_filters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "FLAT_UP_TO", 1_000)
    vectors = unit_vectors(4_000)
    DenseIndex.build(vectors, rows(4_000)).save(tmp_path / "space")
    index = DenseIndex.load(tmp_path / "space")
    assert isinstance(index.index, faiss.IndexIVF)
    everything = np.ones(8_000, bool)
    found = [index.search(vectors[i], 1, everything)[0] == 2 * i for i in range(100)]
    assert np.mean(found) > 0.95
    allowed = np.zeros(8_000, bool)
    allowed[:100] = True
    assert index.search(vectors[3_000], 5, allowed).max() < 100
    assert index.similarities(vectors[7], np.array([14], np.int32))[0] == pytest.approx(1, abs=0.02)
