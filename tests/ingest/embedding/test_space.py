import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from ingest.embedding.space import PASSAGE_CHARACTERS, QUERY_CHARACTERS, Space
from ingest.errors import IngestError

DIMS = 3


class Canned(Embeddings):
    """Gives the row it was made with for every text, or raises."""

    def __init__(self, row: Any = (3.0, 4.0, 0.0), error: Exception | None = None) -> None:
        self.row = row
        self.error = error
        self.seen: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.seen.append(text)
        if self.error:
            raise self.error
        return self.row


def space_of(embeddings: Embeddings) -> Space:
    return Space("s", "some-model", "0" * 64, DIMS, frozenset({"en"}), lambda: embeddings)


def test_vectors_have_length_one() -> None:
    space = space_of(Canned())
    passages = space.passages(["a", "b"])
    assert passages.dtype == np.float32
    np.testing.assert_allclose(passages, [[0.6, 0.8, 0.0]] * 2, rtol=1e-6)
    np.testing.assert_allclose(space.query("a"), [0.6, 0.8, 0.0], rtol=1e-6)


def test_no_texts_ask_no_model() -> None:
    model = Canned(error=RuntimeError("must not be asked"))
    assert space_of(model).passages([]).shape == (0, DIMS)


def test_long_texts_are_cut() -> None:
    model = Canned()
    space_of(model).passages(["x" * 100_000])
    space_of(model).query("y" * 100_000)
    assert model.seen == ["x" * PASSAGE_CHARACTERS, "y" * QUERY_CHARACTERS]


def test_half_a_surrogate_pair_does_not_reach_the_model() -> None:
    model = Canned()
    space_of(model).passages(["a\ud83d"])
    space_of(model).query("\udc00看板")
    assert model.seen == ["a?", "?看板"]


def test_the_model_is_loaded_once_however_many_ask_at_first() -> None:
    loads: list[int] = []
    together = threading.Barrier(4)

    def load() -> Embeddings:
        loads.append(1)
        return Canned()

    space = Space("s", "some-model", "0" * 64, DIMS, frozenset({"en"}), load)

    def ask() -> None:
        together.wait()
        space.query("a")

    with ThreadPoolExecutor(4) as pool:
        for asked in [pool.submit(ask) for _ in range(4)]:
            asked.result()
    assert loads == [1]


def test_nothing_is_loaded_to_compare_fingerprints() -> None:
    def load() -> Embeddings:
        raise AssertionError("loaded")

    space = Space("s", "some-model", "0" * 64, DIMS, frozenset({"en"}), load)
    assert space.fingerprint == f"some-model@{'0' * 64}:{DIMS}"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ((1.0, float("nan"), 0.0), "nan or infinity"),
        ((1.0, float("-inf"), 0.0), "nan or infinity"),
        ((1.0, 0.0), r"shape \(\d, 2\) instead of \(\d, 3\)"),
        ((1.0, 0.0, 0.0, 0.0, 0.0, 0.0), r"shape \(\d, 6\)"),
        ("none", "no vectors"),
        (None, "shape"),
    ],
)
def test_what_is_no_vector_is_refused(row: Any, complaint: str) -> None:
    for ask in (lambda s: s.passages(["a", "b"]), lambda s: s.query("a")):
        with pytest.raises(IngestError, match=f"some-model gave.*{complaint}"):
            ask(space_of(Canned(row)))


class Miscounting(Canned):
    def __init__(self, rows: Sequence[Sequence[float]]) -> None:
        super().__init__()
        self.rows = rows

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [list(row) for row in self.rows]


@pytest.mark.parametrize(
    "rows",
    [
        [(1.0, 0.0, 0.0)],
        [(1.0, 0.0, 0.0)] * 3,
        [(1.0, 0.0)] * 3,  # as many numbers as two vectors have
        [(1.0, 0.0, 0.0), (1.0, 0.0)],
        [],
    ],
)
def test_a_vector_too_few_or_too_many_is_refused(rows: Sequence[Sequence[float]]) -> None:
    with pytest.raises(IngestError, match="some-model gave"):
        space_of(Miscounting(rows)).passages(["a", "b"])


def test_a_failing_model_is_named_with_its_own_words() -> None:
    model = Canned(error=ConnectionError("no route to host"))
    with pytest.raises(IngestError, match="some-model failed: ConnectionError: no route to host"):
        space_of(model).passages(["a"])


def test_a_failure_does_not_quote_the_question() -> None:
    model = Canned(error=ValueError("cannot embed 'my password is swordfish'"))
    with pytest.raises(IngestError) as failure:
        space_of(model).query("my password is swordfish")
    assert str(failure.value) == "embedding model some-model failed: ValueError"


@pytest.mark.parametrize("method", ["passages", "query"])
def test_a_model_that_cannot_be_loaded_is_named(method: str) -> None:
    def load() -> Embeddings:
        raise OSError("damaged")

    space = Space("s", "some-model", "0" * 64, DIMS, frozenset({"en"}), load)
    with pytest.raises(IngestError, match="some-model failed: OSError"):
        getattr(space, method)("text")


@pytest.mark.parametrize("method", ["passages", "query"])
def test_what_to_do_about_a_missing_model_is_passed_on(method: str) -> None:
    def load() -> Embeddings:
        raise IngestError("not installed; run: make install")

    space = Space("s", "some-model", "0" * 64, DIMS, frozenset({"en"}), load)
    with pytest.raises(IngestError, match=r"^not installed; run: make install$"):
        getattr(space, method)("text")
