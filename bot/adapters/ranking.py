"""From the signals of each candidate to one score: linear, with weights per language pair.

A pair may have experts, spaces that know these languages better than the one of all languages.
Where one is missing, the other signals weigh more.

The weights come from `python -m evals.fit_ranking` and `python -m evals.fit_answerability`, which
state the data they used.
"""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
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
WEIGHTS = Path(__file__).with_name("ranking_weights.json")
ANSWERABILITY_WEIGHTS = Path(__file__).with_name("answerability_weights.json")

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
    "score",  # of the best candidate, as ranked
    "english",  # the best of three candidates in the space of English alone
    "article",  # BM25 of the best candidate's article
    "rarity",  # of the question's known terms, all together
    "terms",  # how many it has
    "length",  # of the question
)
MOST_RARITY, MOST_TERMS, MOST_CHARACTERS = 40.0, 12, 200  # beyond which more says nothing


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words of a question say about how hard it is to answer."""

    terms: int
    rarity: float
    characters: int


def evidence_signals(features: Array, scores: Array, wording: Wording) -> Array:
    """What the ranked candidates say of the whole: float32 (len(EVIDENCE_SIGNALS),)."""
    best = np.argsort(-scores)[:3]
    return np.array(
        [
            scores[best[0]],
            features[best, FEATURES.index("english")].max(),
            features[best[0], FEATURES.index("article")],
            min(wording.rarity, MOST_RARITY) / MOST_RARITY,
            min(wording.terms, MOST_TERMS) / MOST_TERMS,
            min(wording.characters, MOST_CHARACTERS) / MOST_CHARACTERS,
        ],
        np.float32,
    )


@cache
def load() -> Rankings:
    names = (*EVIDENCE_SIGNALS, "bias")
    answerability = _read(ANSWERABILITY_WEIGHTS, names, "evals.fit_answerability")
    return Rankings(
        {
            pair: {
                experts: replace(found, answerability=tuple(answerability[pair][" ".join(experts)]))
                for experts, found in by_experts.items()
            }
            for pair, by_experts in load_order().by_pair.items()
        }
    )


def load_order() -> Rankings:
    """Weights that rank, and that do not know how likely an answer is."""
    return Rankings(
        {
            pair: {tuple(experts.split()): Ranking(tuple(w), ()) for experts, w in found.items()}
            for pair, found in _read(WEIGHTS, FEATURES, "evals.fit_ranking").items()
        }
    )


def _read(path: Path, names: Sequence[str], fit: str) -> Mapping[str, Mapping[str, list[float]]]:
    """Weights by pair of languages, then by the experts, their names with blanks between."""
    data = json.loads(path.read_text("utf-8"))
    if tuple(data["names"]) != tuple(names):
        raise ConfigurationError(f"{path.name} is of another version; run: python -m {fit}")
    pairs: Mapping[str, Mapping[str, list[float]]] = data["pairs"]
    return pairs
