"""all-MiniLM-L6-v2, int8: an expert for English questions over English pages, 384 dimensions."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ingest.embedding.bundled import ENGLISH, ENGLISH_TOKENIZER
from ingest.embedding.onnx_encoder import OnnxEncoder, open_session

TOKENS = 256


class EnglishEncoder(OnnxEncoder):
    dims = 384

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(ENGLISH_TOKENIZER.locate()))
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()
        self._session = open_session(ENGLISH.locate())

    def run(self, text: str) -> NDArray[np.float32]:
        ids = np.array([self._tokenizer.encode(text).ids], np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        hidden: NDArray[np.float32] = self._session.run(None, inputs)[0]
        mean: NDArray[np.float32] = hidden[0].mean(axis=0)  # the model's own pooling
        return mean


@cache
def load() -> EnglishEncoder:
    return EnglishEncoder()
