"""How bundled ONNX models run: one thread a call, as many calls at once as there are cores."""

import os
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

THREADS = min(os.cpu_count() or 1, 8)
BATCH = 8


class OnnxEncoder(Embeddings):
    """Small batches of like length side by side measured 1.7 times faster than over all cores."""

    dims: int

    @abstractmethod
    def run(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One call of the model: float32 (n, dims)."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = np.zeros((len(texts), self.dims), np.float32)

        def encode_batch(rows: NDArray[np.intp]) -> None:
            vectors[rows] = self.run([texts[row] for row in rows])

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(encode_batch, _batches_by_length(texts)))
        return vectors  # type: ignore[return-value]  # an array serves as rows

    def embed_query(self, text: str) -> list[float]:
        return self.run([text])[0]  # type: ignore[return-value]


def open_session(model: Path, custom_operators: str | None = None) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena keeps the memory of the largest batch for ever
    if custom_operators:
        options.register_custom_ops_library(custom_operators)
    return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _batches_by_length(texts: Sequence[str]) -> Iterator[NDArray[np.intp]]:
    order = np.argsort([len(text) for text in texts], kind="stable")
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]
