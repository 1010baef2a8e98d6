"""Universal Sentence Encoder Multilingual v3, int8: 16 languages in one space of 512 dimensions.

The tokeniser is part of the graph (onnxruntime-extensions): strings in, vectors out.
"""

from functools import cache

import numpy as np
import onnxruntime_extensions as ort_extensions
from numpy.typing import NDArray

from ingest.embedding import onnx_use
from ingest.embedding.bundled import MULTILINGUAL
from ingest.embedding.onnx_encoder import OnnxEncoder, Session, give_back_memory


class MultilingualEncoder(OnnxEncoder):
    dims = onnx_use.DIMS

    def __init__(self) -> None:
        model = onnx_use.build(MULTILINGUAL.locate())
        self._session = Session(model, ort_extensions.get_library_path())

    def run(self, text: str) -> NDArray[np.float32]:
        return self._session.run(np.array([text], dtype=object))


@cache
def load() -> MultilingualEncoder:
    encoder = MultilingualEncoder()
    give_back_memory()
    return encoder
