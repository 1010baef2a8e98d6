"""The graph that is made gives what the bundled one gives."""

from functools import cache

import numpy as np
import onnxruntime as ort
import onnxruntime_extensions as ort_extensions
import pytest
from numpy.typing import NDArray

from ingest.embedding import onnx_multilingual
from ingest.embedding.bundled import MULTILINGUAL

pytestmark = pytest.mark.models

TEXTS = [
    "",
    "x",
    "。",
    "a b",
    "How do I add a column to a board?",
    "怎样在看板上添加一列？",
    "把甘特图导出为 PDF (A3) — 2026年11月",
    "Ünïcödé \U0001f4c5 \u202e end",
    "| Plan | Price |\n| --- | --- |\n| Team | 8.00 |",
    "An administrator decides who may see the budget of a project. " * 20,
    "管理员决定谁可以查看项目预算。" * 40,
]


@cache
def bundled() -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.register_custom_ops_library(ort_extensions.get_library_path())
    return ort.InferenceSession(str(MULTILINGUAL.locate()), options)


def embed_as_bundled(text: str) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = bundled().run(None, {"inputs": np.array([text], object)})[0][0]
    return vector


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
def test_a_text_has_the_vector_it_has_in_the_bundled_graph(text: str) -> None:
    expected, found = embed_as_bundled(text), onnx_multilingual.load().run(text)
    assert found @ expected > 0.999
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
