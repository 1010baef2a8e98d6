"""Requests for a person from the words of a clause, its sentence vector and what patterns found.

Logistic regression over hashed n-grams, a vector of the space of all languages and named signals;
the clause that speaks loudest for a request decides. The weights come from
`python -m evals.fit_requests`, which states the data it used.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.adapters.space_similarity import SpaceSimilarity
from bot.domain.errors import ModelUnavailable
from bot.ports import RequestClause

WEIGHTS = Path(__file__).with_name("request_weights.json")
FORMAT = 1
BUCKETS = 8192  # of hashed n-grams
READ_CHARS = 200  # of a clause
_MOST_VECTORS = 3  # of a message: a vector takes about a millisecond
NOTHING = -99.0  # log-odds of a message that says nothing
_TOKEN = re.compile(r"[a-z']+|[A-Z]+|\d+|[^\W\d_]|[?□]")

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """Log-odds: weights by the name of a signal, by the bucket of an n-gram, of a vector."""

    named: Mapping[str, float]
    ngrams: Vector
    vector: Vector | None
    bias: float

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Linear":
        ngrams = np.zeros(BUCKETS, np.float32)
        for bucket, weight in data["ngrams"].items():
            ngrams[int(bucket)] = weight
        vector = np.asarray(data["vector"], np.float32) if "vector" in data else None
        return cls(dict(data["named"]), ngrams, vector, float(data["bias"]))

    def words(self, clause: RequestClause) -> float:
        """Without the vector."""
        found = buckets(clause)
        said = float(self.ngrams[found].sum()) * scale(len(found))
        named = sum(weight * clause.named.get(name, 0.0) for name, weight in self.named.items())
        return self.bias + named + said


@dataclass(frozen=True, slots=True)
class RequestWeights:
    words: Linear
    words_alone: Linear  # where there is no vector

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "RequestWeights":
        return cls(Linear.from_json(data["words"]), Linear.from_json(data["words_alone"]))


@cache
def load(path: Path = WEIGHTS) -> RequestWeights:
    return RequestWeights.from_json(json.loads(path.read_text("utf-8")))


class VectorRequest:
    def __init__(self, weights: RequestWeights, similarity: SpaceSimilarity | None = None) -> None:
        self._weights = weights
        self._similarity = similarity

    def judge(self, clauses: Sequence[RequestClause]) -> float:
        linear = self._weights.words
        if self._similarity is None or linear.vector is None:
            return self._alone(clauses)
        said = sorted(((linear.words(clause), clause.text) for clause in clauses), reverse=True)
        try:
            return max(
                (
                    words + float(linear.vector @ self._similarity.vector(text[:READ_CHARS]))
                    for words, text in said[:_MOST_VECTORS]
                ),
                default=NOTHING,
            )
        except ModelUnavailable:
            return self._alone(clauses)

    def _alone(self, clauses: Sequence[RequestClause]) -> float:
        return max(map(self._weights.words_alone.words, clauses), default=NOTHING)


def buckets(clause: RequestClause) -> list[int]:
    """Of all n-grams, each once: words and characters of Chinese, and letters within words."""
    read = (*_ngrams(clause.text[:READ_CHARS]), *_ngrams(clause.kinds[:READ_CHARS]))
    return sorted({crc32(ngram.encode()) % BUCKETS for ngram in read})


def scale(count: int) -> float:
    """Of one n-gram among so many: a long clause does not say more by its length alone."""
    return 1 / math.sqrt(max(count, 1))


def _ngrams(text: str) -> Iterator[str]:
    tokens = ["^", *_TOKEN.findall(text), "$"]
    for size in (1, 2, 3, 4):
        yield from (" ".join(tokens[at : at + size]) for at in range(len(tokens) - size + 1))
    for token in tokens:
        if token.islower() and token.isascii() and len(token) > 3:
            padded = f"<{token}>"
            yield from (padded[at : at + 4] for at in range(len(padded) - 3))
