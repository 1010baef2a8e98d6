"""Tone from sentence vectors, pieces of the wording and named signals: logistic regression.

Of a message without Chinese characters there are two vectors, of the space of all languages and of
the English one. The weights come from `python -m evals.fit_tone`, which states the data it used.
Where the spaces are not at hand the rest alone is weighed, with weights of its own.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.wording_pieces import places
from bot.domain.errors import ModelUnavailable
from bot.ports import Affect, Judgement

WEIGHTS = Path(__file__).with_name("tone_weights.json")
FORMAT = 3
ENGLISH_CHARS = 120  # read by the English space, whose time grows with the length
MOST = 6.0  # log-odds of the words, beyond which more says nothing
SPEAKS = 0.15  # log-odds from which a signal is a reason
# What is weighed and tells an agent nothing.
SILENT = frozenset(
    {
        *("short", "long", "asks", "trails_off", "several", "likeness"),
        *("plain_request", "polite_request", "plain_words", "upset_question"),
        *("asks_barely", "asks_barely_at_first", "wants_human"),
        *("chinese", "continued", "after_answer", "after_question", "after_handoff"),
    }
)

_HAN = re.compile(r"[\u3400-\u9fff]")

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """Log-odds: weights by the name of a signal, of a vector, of pieces by place, and the bias."""

    named: Mapping[str, float]
    vector: Vector | None
    pieces: Vector | None
    bias: float

    def __call__(
        self, signals: Mapping[str, float], vector: Vector | None = None, spoken: str = ""
    ) -> float:
        total = self.bias + sum(w * signals.get(name, 0.0) for name, w in self.named.items())
        if self.vector is not None and vector is not None:
            total += float(self.vector @ vector)
        if self.pieces is not None and (there := places(spoken)):
            total += float(self.pieces[list(there)].sum()) / math.sqrt(len(there))
        return total

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Linear":
        vector, pieces = (
            np.asarray(data[name], np.float32) if name in data else None
            for name in ("vector", "pieces")
        )
        return cls(dict(data["named"]), vector, pieces, float(data["bias"]))


@dataclass(frozen=True, slots=True)
class ToneWeights:
    words: Mapping[str, Linear]  # upset, hostile: of the words, with their vector
    words_alone: Mapping[str, Linear]  # the same where there is no vector
    whole: Mapping[str, Linear]  # upset, hostile, need: with the course of the conversation

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ToneWeights":
        groups = (
            {k: Linear.from_json(v) for k, v in data[g].items()}
            for g in ("words", "words_alone", "whole")
        )
        return cls(*groups)


@cache
def load(path: Path = WEIGHTS) -> ToneWeights:
    return ToneWeights.from_json(json.loads(path.read_text("utf-8")))


class VectorTone:
    def __init__(self, weights: ToneWeights, vectors: "ToneVectors | None" = None) -> None:
        self._weights = weights
        self._vectors = vectors

    def read(self, spoken: str, signals: Mapping[str, float]) -> Affect:
        vector = self._vector(spoken)
        models = self._weights.words_alone if vector is None else self._weights.words
        upset, hostile = (
            _bounded(models[n](signals, vector, spoken)) for n in ("upset", "hostile")
        )
        return Affect(upset, hostile)

    def judge(self, affect: Affect, circumstances: Mapping[str, float]) -> Judgement:
        known = {**circumstances, **of_words(affect, circumstances)}
        upset, hostile = (_probability(self._weights.whole[n](known)) for n in ("upset", "hostile"))
        known |= of_mood(upset, hostile, known)
        need = _probability(self._weights.whole["need"](known))
        return Judgement(upset, hostile, need, self._reasons(circumstances))

    def _reasons(self, signals: Mapping[str, float]) -> tuple[str, ...]:
        words, whole = self._weights.words["upset"].named, self._weights.whole["upset"].named
        said = {n: v * (words.get(n, 0.0) + whole.get(n, 0.0)) for n, v in signals.items()}
        strongest = sorted(said.items(), key=lambda item: -item[1])
        return tuple(name for name, weight in strongest if weight >= SPEAKS and name not in SILENT)

    def _vector(self, spoken: str) -> Vector | None:
        if self._vectors is None:
            return None
        try:
            return self._vectors.of(spoken)
        except ModelUnavailable:
            return None


class ToneVectors:
    """Of a message: both spaces' vectors, one behind the other; zeros for what is not read."""

    def __init__(self, shared: SpaceSimilarity, english: SpaceSimilarity) -> None:
        self._shared = shared
        self._english = english
        self._nothing = np.zeros(shared.dims, np.float32), np.zeros(english.dims, np.float32)

    def of(self, spoken: str) -> Vector:
        """Raises ModelUnavailable."""
        shared, english = self._nothing
        if spoken:
            shared = self._shared.vector(spoken)
            if not _HAN.search(spoken):
                english = self._english.vector(spoken[:ENGLISH_CHARS])
        return np.concatenate([shared, english])


def of_words(affect: Affect, known: Mapping[str, float]) -> dict[str, float]:
    """What the words say, and what they say where an answer failed or none has been given."""
    upset = affect.upset / MOST
    failed, same = known["last_failed"], known["same_answer"]
    return {
        "words_upset": upset,
        "words_hostile": affect.hostile / MOST,
        "words_speak": max(upset, 0.0),
        "words_after_failure": upset * failed,
        "words_at_first": upset * (1 - known["continued"]),
        "failure_unthanked": failed * (1 - known["calm_words"]),
        "failed_with_the_same": failed * same,
        "curt_after_the_same": known["curt"] * same,
        "same_at_all": float(same > 0),
        "upset_before_failure": known["upset_just_before"] * failed,
    }


def of_mood(upset: float, hostile: float, known: Mapping[str, float]) -> dict[str, float]:
    """What `need` sees beside the circumstances."""
    return {
        "upset": upset,
        "hostile": hostile,
        "upset_after_failure": upset * known["last_failed"],
        "upset_in_the_course": upset * known["continued"],
        "upset_at_first": upset * (1 - known["continued"]),
    }


def _bounded(log_odds: float) -> float:
    return max(-MOST, min(log_odds, MOST))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(log_odds, 30.0))))
