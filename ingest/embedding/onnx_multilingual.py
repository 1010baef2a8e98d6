"""Universal Sentence Encoder Multilingual v3, int8: 16 languages in one space of 512 dimensions.

The tokeniser is an operator of onnxruntime-extensions.
"""

from functools import cache

import numpy as np
import onnxruntime_extensions as ort_extensions
from numpy.typing import NDArray

from ingest.embedding import heap, onnx_use
from ingest.embedding.bundled import MULTILINGUAL
from ingest.embedding.onnx_encoder import OnnxEncoder, Session
from ingest.embedding.onnx_file import OnnxFile


class MultilingualEncoder(OnnxEncoder):
    dims = onnx_use.DIMS

    def __init__(self) -> None:
        weights = onnx_use.Weights(OnnxFile(MULTILINGUAL.locate()))
        operators = ort_extensions.get_library_path()
        self._tokeniser = Session(onnx_use.build_tokeniser(weights), operators)
        self._pieces = onnx_use.Pieces(weights)
        self._session = Session(onnx_use.build(weights))

    def run(self, text: str) -> NDArray[np.float32]:
        pieces = self._tokeniser.run(np.array([text], dtype=object))
        vector: NDArray[np.float32] = self._session.run(self._pieces.embed(pieces))[0]
        return vector


@cache
def load() -> MultilingualEncoder:
    encoder = MultilingualEncoder()
    heap.give_back()
    return encoder
