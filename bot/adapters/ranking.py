"""From the signals of each candidate to one score: linear, with weights per language pair.

The weights come from `python -m evals.fit_ranking`, which states the data it used.
"""

import json
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
    "expert",  # cosine in the space of the pair's expert; 0 without one
    "has_expert",
    "lexical",  # BM25 as a share of what the question's terms could reach at most
    "surface",  # the same over characters and unstemmed words
    "article",  # the same for the article as one document
    "introduction",  # 1 before the first heading: what an article says of itself
    "steps",  # 1 where who asks how is given a numbered list
)
FIT = "python -m evals.fit_ranking"
WEIGHTS = Path(__file__).with_name("ranking_weights.json")

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Weights by (question language, passage language), e.g. `zh-en`."""

    weights: dict[str, tuple[float, ...]]
    answerability: dict[str, tuple[float, ...]]

    def scores(self, question_locale: str, passage_locale: str, features: Array) -> Array:
        """Log-odds-like, float32 (n,); `features` float32 (n, len(FEATURES))."""
        weights = np.asarray(self.weights[f"{question_locale}-{passage_locale}"], np.float32)
        return features @ weights

    def answerable(self, question_locale: str, passage_locale: str, signals: Array) -> float:
        """Calibrated probability that the evidence answers; `signals` as of `evidence_signals`."""
        *weights, bias = self.answerability[f"{question_locale}-{passage_locale}"]
        return float(1 / (1 + np.exp(-(signals @ np.asarray(weights, np.float32) + bias))))


EVIDENCE_SIGNALS = ("chunk", "sentence", "heading", "expert", "lexical", "margin", "terms")


def evidence_signals(features: Array, scores: Array, terms: int) -> Array:
    """What the ranked candidates say of the whole: float32 (len(EVIDENCE_SIGNALS),).

    The best value of each feature among the three best candidates, how far the first stands out
    of the next ones, and how many terms the question has.
    """
    best = np.argsort(-scores)[:10]
    top = features[best[:3]].max(axis=0)
    margin = scores[best[0]] - scores[best[1:]].mean() if len(best) > 1 else 0.0
    chunk, sentence, _, heading, expert, _, lexical, *_ = top
    return np.array(
        [chunk, sentence, heading, expert, lexical, margin, min(terms, 12) / 12], np.float32
    )


@cache
def load() -> Ranking:
    data = json.loads(WEIGHTS.read_text("utf-8"))
    if tuple(data["features"]) != FEATURES or tuple(data["signals"]) != (*EVIDENCE_SIGNALS, "bias"):
        raise ConfigurationError(f"{WEIGHTS.name} is of another version; run: {FIT}")
    return Ranking(
        {pair: tuple(values) for pair, values in data["ranking"].items()},
        {pair: tuple(values) for pair, values in data["answerability"].items()},
    )
