"""all-MiniLM-L6-v2, int8: an expert for English questions over English pages, 384 dimensions."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ingest.embedding import heap, onnx_minilm
from ingest.embedding.bundled import ENGLISH, ENGLISH_TOKENIZER
from ingest.embedding.onnx_encoder import OnnxEncoder, Session

TOKENS = 256


class EnglishEncoder(OnnxEncoder):
    dims = onnx_minilm.DIMS

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(ENGLISH_TOKENIZER.locate()))
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()
        self._session = Session(onnx_minilm.build(ENGLISH.locate()))

    def run(self, text: str) -> NDArray[np.float32]:
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        vector: NDArray[np.float32] = self._session.run(ids)[0]
        return vector


@cache
def load() -> EnglishEncoder:
    encoder = EnglishEncoder()
    heap.give_back()
    return encoder
