"""How bundled ONNX models run: one text a call, as many calls at once as there are cores."""

import ctypes
import os
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

THREADS = min(os.cpu_count() or 1, 8)


class OnnxEncoder(Embeddings):
    """A text's vector is the same whatever else is embedded.

    Batches would break that, since quantised models take their ranges over the whole batch
    (cosines to the vector alone fell to 0.993), and for chunks they were 10 to 30 % slower.
    """

    dims: int

    @abstractmethod
    def run(self, text: str) -> NDArray[np.float32]:
        """One call of the model: float32 (dims,)."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = np.empty((len(texts), self.dims), np.float32)
        with ThreadPoolExecutor(THREADS) as pool:
            for row, vector in enumerate(pool.map(self.run, texts)):
                vectors[row] = vector
        return vectors  # type: ignore[return-value]  # an array serves as rows

    def embed_query(self, text: str) -> list[float]:
        return self.run(text)  # type: ignore[return-value]


def open_session(model: Path, custom_operators: str | None = None) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena keeps the memory of the longest text for ever
    if custom_operators:
        options.register_custom_ops_library(custom_operators)
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    _give_back_memory()
    return session


def _give_back_memory() -> None:
    """Parsing a model leaves tens of MB that glibc keeps for later, when nothing needs them."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
