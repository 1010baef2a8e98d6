"""The graph that multiplies in int8 gives nearly what the bundled one gives in float32."""

from functools import cache

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ingest.embedding import onnx_english
from ingest.embedding.bundled import ENGLISH, ENGLISH_TOKENIZER

pytestmark = pytest.mark.models

TEXTS = [
    "invite guest",
    "How do I invite a guest to my project?",
    "Why can't I see the Gantt chart after the update?",
    "| Plan | Price |\n| --- | --- |\n| Team | 8.00 |",
    "An administrator decides who may see the budget of a project. " * 15,
]


@cache
def bundled() -> ort.InferenceSession:
    return ort.InferenceSession(str(ENGLISH.locate()))


def embed_as_bundled(text: str) -> NDArray[np.float32]:
    tokenizer = Tokenizer.from_file(str(ENGLISH_TOKENIZER.locate()))
    tokenizer.enable_truncation(onnx_english.TOKENS)
    ids = np.array([tokenizer.encode(text).ids], np.int64)
    inputs = {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.zeros_like(ids),
    }
    hidden: NDArray[np.float32] = bundled().run(None, inputs)[0][0]
    mean: NDArray[np.float32] = hidden.mean(axis=0)
    return mean / np.linalg.norm(mean)


def embed(text: str) -> NDArray[np.float32]:
    vector = onnx_english.load().run(text)
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
def test_a_text_has_nearly_the_vector_it_has_in_the_bundled_graph(text: str) -> None:
    assert embed(text) @ embed_as_bundled(text) > 0.985


def test_texts_lie_as_far_apart_as_they_do_in_the_bundled_graph() -> None:
    found, expected = (np.array([run(text) for text in TEXTS]) for run in (embed, embed_as_bundled))
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=0.03)
