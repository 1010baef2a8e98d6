"""From the signals of each candidate to one score: linear, with weights per language pair.

A pair may have experts, spaces that know these languages better than the one of all languages.
Where one is missing, the other signals weigh more.

The weights come from `python -m evals.fit_ranking`, which states the data it used.
"""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import ConfigurationError

FEATURES = (
    "chunk",  # cosine of question and chunk, all-language space
    "sentence",  # cosine to the nearest sentence of the chunk
    "mean",  # cosine to the mean of its sentences
    "heading",  # cosine to title and heading path
    "english",  # cosine in the space of English alone; 0 where it is not an expert
    "bilingual",  # 1 less the distance in the space of Chinese and English; 0 likewise
    "lexical",  # BM25 as a share of what the question's terms could reach at most
    "surface",  # the same over characters and unstemmed words
    "article",  # the same for the article as one document
    "introduction",  # 1 before the first heading: what an article says of itself
    "steps",  # 1 where who asks how is given a numbered list
)
EXPERTS = {
    "en-en": ("english", "bilingual"),
    "zh-zh": ("bilingual",),
    "zh-en": ("bilingual",),
    "en-zh": ("bilingual",),
}
# E5 was trained to tell 0.8 from 0.9, others 0.2 from 0.7: its distances are stretched as much.
STRETCH = {"english": 1.0, "bilingual": 5.0}
FIT = "python -m evals.fit_ranking"
WEIGHTS = Path(__file__).with_name("ranking_weights.json")

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Weights of one pair of languages and some of its experts."""

    weights: tuple[float, ...]
    answerability: tuple[float, ...]

    def scores(self, features: Array) -> Array:
        """Log-odds-like, float32 (n,); `features` float32 (n, len(FEATURES))."""
        return features @ np.asarray(self.weights, np.float32)

    def answerable(self, signals: Array) -> float:
        """Calibrated probability that the evidence answers; `signals` as of `evidence_signals`."""
        *weights, bias = self.answerability
        return float(1 / (1 + np.exp(-(signals @ np.asarray(weights, np.float32) + bias))))


@dataclass(frozen=True, slots=True)
class Rankings:
    """By pair of question language and passage language, e.g. `zh-en`, then by its experts."""

    by_pair: Mapping[str, Mapping[tuple[str, ...], Ranking]]

    def of(self, pair: str, spaces: Container[str]) -> Ranking:
        """For a question that was encoded in these spaces."""
        return self.by_pair[pair][tuple(name for name in EXPERTS[pair] if name in spaces)]


def nearness(expert: str, cosines: Array) -> Array:
    """Cosines in an expert's space as a feature."""
    return 1 - np.float32(STRETCH[expert]) * (1 - cosines)


EVIDENCE_SIGNALS = (
    "chunk",
    "sentence",
    "heading",
    "english",
    "bilingual",
    "lexical",
    "margin",
    "terms",
)
_BEST = [FEATURES.index(name) for name in EVIDENCE_SIGNALS if name in FEATURES]


def evidence_signals(features: Array, scores: Array, terms: int) -> Array:
    """What the ranked candidates say of the whole: float32 (len(EVIDENCE_SIGNALS),).

    The best value of each feature among the three best candidates, how far the first stands out
    of the next ones, and how many terms the question has.
    """
    best = np.argsort(-scores)[:10]
    margin = scores[best[0]] - scores[best[1:]].mean() if len(best) > 1 else 0.0
    top = features[best[:3]][:, _BEST].max(axis=0)
    return np.array([*top, margin, min(terms, 12) / 12], np.float32)


@cache
def load() -> Rankings:
    data = json.loads(WEIGHTS.read_text("utf-8"))
    if tuple(data["features"]) != FEATURES or tuple(data["signals"]) != (*EVIDENCE_SIGNALS, "bias"):
        raise ConfigurationError(f"{WEIGHTS.name} is of another version; run: {FIT}")
    return Rankings({pair: _read(fitted) for pair, fitted in data["pairs"].items()})


def _read(fitted: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[tuple[str, ...], Ranking]:
    return {
        tuple(experts.split()): Ranking(tuple(w["ranking"]), tuple(w["answerability"]))
        for experts, w in fitted.items()
    }
