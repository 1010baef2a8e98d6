"""What holds for every bundled model, and how an encoder calls it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.embedding.catalogue import english, multilingual
from ingest.embedding.onnx_encoder import OnnxEncoder
from ingest.embedding.space import PASSAGE_CHARACTERS, QUERY_CHARACTERS, Space

SPACES = [multilingual, english]
TEXTS = [
    "A board holds at most 24 columns.",
    "forgot",
    "",
    "看板最多可以有 24 列。",
    "You sign in with your mail address and your password. " * 12,
    "x " * 600,
    "Gantt \U0001f4c5 \u202e \x00 end",
]


class Lengths(OnnxEncoder):
    dims = 2

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def run(self, text: str) -> NDArray[np.float32]:
        self.threads.add(threading.get_ident())
        if text == "bad":
            raise ValueError("bad text")
        return np.array([len(text), 1], np.float32)


def test_rows_come_in_the_order_of_the_texts() -> None:
    texts = ["x" * (n * 7 % 50) for n in range(100)]
    rows = np.asarray(Lengths().embed_documents(texts))
    assert rows[:, 0].tolist() == [len(text) for text in texts]


def test_no_texts_are_no_rows() -> None:
    assert np.asarray(Lengths().embed_documents([])).shape == (0, 2)


def test_one_text_is_run_where_it_is_asked_for() -> None:
    encoder = Lengths()
    assert np.asarray(encoder.embed_documents(["one"])).tolist() == [[3, 1]]
    assert encoder.threads == {threading.get_ident()}


def test_what_fails_for_one_text_fails_for_all() -> None:
    with pytest.raises(ValueError, match="bad text"):
        Lengths().embed_documents(["good", "bad", "good"])


@pytest.mark.models
@pytest.mark.parametrize("make", SPACES)
def test_vectors_are_of_the_stated_dimensions_and_of_length_one(make: Callable[[], Space]) -> None:
    space = make()
    vectors = np.vstack([space.passages(TEXTS), space.query(TEXTS[0])])
    assert vectors.shape == (len(TEXTS) + 1, space.dims)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.models
@pytest.mark.parametrize("make", SPACES)
def test_a_vector_does_not_depend_on_its_neighbours(make: Callable[[], Space]) -> None:
    space = make()
    alone = np.vstack([space.passages([text]) for text in TEXTS])
    np.testing.assert_allclose(space.passages(TEXTS), alone, atol=1e-6)
    np.testing.assert_allclose(space.passages(TEXTS[::-1])[::-1], alone, atol=1e-6)


@pytest.mark.models
@pytest.mark.parametrize("make", SPACES)
def test_different_texts_have_different_vectors(make: Callable[[], Space]) -> None:
    vectors = make().passages(TEXTS)
    cosines = vectors @ vectors.T - np.eye(len(TEXTS))
    assert cosines.max() < 0.99


@pytest.mark.models
@pytest.mark.parametrize("make", SPACES)
def test_what_stands_behind_the_cut_changes_nothing(make: Callable[[], Space]) -> None:
    space = make()
    long = "columns of a board " * 5_264  # a little over 100,000 characters
    np.testing.assert_array_equal(space.query(long), space.query(long[:QUERY_CHARACTERS]))
    np.testing.assert_array_equal(
        space.passages([long]), space.passages([long[:PASSAGE_CHARACTERS]])
    )


@pytest.mark.models
@pytest.mark.parametrize("make", SPACES)
def test_questions_asked_at_the_same_time_do_not_mix(make: Callable[[], Space]) -> None:
    space = make()
    alone = [space.query(text) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(space.query, TEXTS * 8))
    for number, vector in enumerate(together):
        np.testing.assert_allclose(vector, alone[number % len(TEXTS)], atol=1e-6)


@pytest.mark.models
def test_the_runtime_keeps_nothing_to_report(tmp_path: Path) -> None:
    """It would keep a device id and a database of events below the home folder."""
    code = "from ingest.embedding import onnx_english; onnx_english.load().run('a question')"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "XDG_"))}
    subprocess.run(  # our own code
        [sys.executable, "-c", code], check=True, env={**environment, "HOME": str(tmp_path)}
    )
    assert list(tmp_path.rglob("*")) == []
