"""Universal Sentence Encoder Multilingual v3, int8: 16 languages in one space of 512 dimensions.

The tokeniser is part of the graph (onnxruntime-extensions): strings in, vectors out.
"""

from functools import cache

import numpy as np
import onnxruntime_extensions as ort_extensions
from numpy.typing import NDArray

from ingest.embedding.bundled import MULTILINGUAL
from ingest.embedding.onnx_encoder import OnnxEncoder, open_session


class MultilingualEncoder(OnnxEncoder):
    dims = 512

    def __init__(self) -> None:
        self._session = open_session(MULTILINGUAL.locate(), ort_extensions.get_library_path())

    def run(self, text: str) -> NDArray[np.float32]:
        inputs = np.array([text], dtype=object)
        vectors: NDArray[np.float32] = self._session.run(None, {"inputs": inputs})[0]
        vector: NDArray[np.float32] = vectors[0]
        return vector


@cache
def load() -> MultilingualEncoder:
    return MultilingualEncoder()
