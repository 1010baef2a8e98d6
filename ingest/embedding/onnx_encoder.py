"""How bundled ONNX models run: one text a call, as many calls at once as there are cores."""

import os
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import onnxruntime as ort
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.embedding.onnx_graph import Model

THREADS = min(os.cpu_count() or 1, 8)


class OnnxEncoder(Embeddings):
    """A text's vector is the same whatever else is embedded.

    Batches would break that, since quantised models take their ranges over the whole batch.
    """

    dims: int

    @abstractmethod
    def run(self, text: str) -> NDArray[np.float32]:
        """One call of the model: float32 (dims,)."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if len(texts) == 1:  # of a message: starting a thread costs as much as a short text
            return self.run(texts[0])[np.newaxis]  # type: ignore[return-value]
        vectors = np.empty((len(texts), self.dims), np.float32)
        with ThreadPoolExecutor(THREADS) as pool:
            for row, vector in enumerate(pool.map(self.run, texts)):
                vectors[row] = vector
        return vectors  # type: ignore[return-value]  # an array serves as rows

    def embed_query(self, text: str) -> list[float]:
        return self.run(text)  # type: ignore[return-value]


class Session:
    """An open model with one input and one output. What it was made of can be let go."""

    def __init__(self, model: Model, custom_operators: str | None = None) -> None:
        tables = [ort.OrtValue.ortvalue_from_numpy(table) for table in model.tables.values()]
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it keeps the memory of the longest text for ever
        options.add_external_initializers(list(model.tables), tables)
        if custom_operators:
            options.register_custom_ops_library(custom_operators)
        self._session = ort.InferenceSession(
            model.graph, options, providers=["CPUExecutionProvider"]
        )
        (self._input,) = (given.name for given in self._session.get_inputs())

    def run(self, value: NDArray[np.generic]) -> Any:
        """The output: an array of the shape the model declares."""
        return self._session.run(None, {self._input: value})[0]
