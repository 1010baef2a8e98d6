"""Fit how tone is weighed: `python -m evals.fit_tone`.

Two steps of logistic regression. The first reads one message: its sentence vectors, the pieces of
its wording and the named signals; ordinary questions stand against it as calm, each at full weight.
The second weighs what the first found with the course of the conversation, and tells tone and
whether a person should be offered. It sees only what the first says of messages that it was not
fitted on. Biases are moved so that one half is where F1 is best at a precision of 0.82.

Data (`evals.tone_samples`): dialogues_dev; own messages, dialogues and wordings
(`evals/data/tone/`, `evals/tone_wordings.toml`), own questions in frames
(`evals/tone_frames.toml`); ordinary questions as in `evals.ordinary`; at small weight, for how
anger is worded, GoEmotions and CPED; JDDC's turns that nobody called dissatisfied. Figures are
cross-validated, thresholds too: whole dialogues are left out, with their parallels in the other
language. `--without dev` and `--without own` write nothing and judge what was left out altogether,
which shows how other people's dialogues will be heard. The own dialogues in
`evals/data/dialogues.jsonl` are not among the data.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.vector_request import VectorRequest
from bot.adapters.vector_request import load as load_requests
from bot.adapters.vector_tone import FORMAT, MOST, WEIGHTS, ToneVectors, of_mood, of_words
from bot.adapters.vector_urgency import VectorUrgency
from bot.adapters.vector_urgency import load as load_urgency
from bot.adapters.wording_pieces import PLACES, places
from bot.domain.understanding import START, ToneLabel
from bot.ports import Affect, Judgement
from bot.services.course import CourseReader
from bot.services.hearing import Listener, Utterance, circumstances, said
from bot.services.intents import IntentClassifier
from bot.services.urgency import UrgencyDetector
from evals import public_sets
from evals.dialogues import SpokenTurn
from evals.tone_figures import Array, Mask, report, threshold
from evals.tone_samples import (
    DEVELOPMENT,
    JUDGED,
    LEFT_OUT,
    OWN,
    SPOKEN,
    Sample,
    load_samples,
    without,
)
from ingest.embedding.catalogue import english, multilingual

WORDS_STRENGTH, WHOLE_STRENGTH = 0.2, 1.0  # inverse of the regularisation
SIGNAL_SCALE, VECTOR_SCALE, PIECE_SCALE = 1.5, 2.0, 4.0  # how much each may say of the words
SECOND_STEP = 0.5  # weight of an ordinary question, which has no course
PRECISION = 0.82
GROUPS = {"dev": DEVELOPMENT, "own": OWN}
_NO_MOOD = frozenset({"urgent", "urgent_before"})  # what happened is not how somebody sounds


class Deaf:
    """Finds nothing in words: for hearing all that is not fitted."""

    def read(self, spoken: str, signals: Mapping[str, float]) -> Affect:
        return Affect(0.0, 0.0)

    def judge(self, affect: Affect, known: Mapping[str, float]) -> Judgement:
        raise NotImplementedError


class Hearings:
    """Every message of the samples, heard once; what its words say comes after the first step."""

    def __init__(
        self, samples: Sequence[Sample], similarity: SpaceSimilarity, vectors: ToneVectors
    ) -> None:
        requests = VectorRequest(load_requests(), similarity)
        urgencies = UrgencyDetector.load(VectorUrgency(load_urgency(), vectors))
        classifier = IntentClassifier.load(requests)
        listener = Listener(Deaf(), similarity, classifier, urgencies)
        self._courses = CourseReader(similarity)
        self._heard = {text: listener.utterance(text) for s in samples for text in _texts(s.turn)}

    def of(self, sample: Sample) -> Utterance:
        return self._heard[sample.turn.text]

    def understand(self, samples: Sequence[Sample], upset: Array, hostile: Array) -> None:
        for sample, *found in zip(samples, upset, hostile, strict=True):
            affect = Affect(*map(float, found))
            self._heard[sample.turn.text] = replace(self.of(sample), affect=affect)

    def known(self, turn: SpokenTurn) -> dict[str, float]:
        """What the second step weighs."""
        *earlier, own = (self._heard[text] for text in _texts(turn))
        spoken = [one.in_course for one in (*earlier, own)]
        course = self._courses.read(turn.history, spoken) if turn.history else START
        named = circumstances(own, course, earlier, wants_human=own.wants_human)
        return {**named, **of_words(own.affect, named)}


def _texts(turn: SpokenTurn) -> list[str]:
    return [*said(turn.history), turn.text]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--without", choices=GROUPS)
    arguments = parser.parse_args()
    samples = load_samples(public_sets.required_data())
    if arguments.without:
        samples = without(samples, GROUPS[arguments.without])
    similarity = SpaceSimilarity(multilingual())
    vectors = ToneVectors(similarity, SpaceSimilarity(english()))
    hearings = Hearings(samples, similarity, vectors)
    words = _fit_words(samples, [hearings.of(sample) for sample in samples], vectors)
    hearings.understand(samples, words.left_out["upset"], words.left_out["hostile"])
    whole = _fit_whole(samples, hearings)
    if not arguments.without:
        document = {"format": FORMAT, **words.weights, "whole": whole}
        arguments.output.write_text(_compact(document), "utf-8")


@dataclass(frozen=True, slots=True)
class Words:
    """The first step: what is committed, and what it says of messages it was not fitted on."""

    weights: dict[str, Any]
    left_out: dict[str, Array]


def _fit_words(
    samples: Sequence[Sample], utterances: Sequence[Utterance], encoder: ToneVectors
) -> Words:
    names = list(utterances[0].signals)
    signals = np.array([[u.signals[name] for name in names] for u in utterances])
    vectors = np.array([encoder.of(u.read) for u in utterances])
    trade = np.array([[s.source == "wording" and s.turn.locale == locale for locale in ("zh", "en")]
                      for s in samples], np.float64) * 10  # fmt: skip
    alone = {"named": signals * SIGNAL_SCALE, "pieces": _pieces(utterances) * PIECE_SCALE}
    scales = {"named": SIGNAL_SCALE, "pieces": PIECE_SCALE, "vector": VECTOR_SCALE}
    weights: dict[str, Any] = {"words": {}, "words_alone": {}}
    left_out: dict[str, Array] = {}
    for kind, labels in _labels(samples).items():
        for group, parts in (
            ("words", alone | {"vector": vectors * VECTOR_SCALE}),
            ("words_alone", alone),
        ):
            features = sparse.hstack([*map(sparse.csr_matrix, parts.values()), trade]).tocsr()
            fit = _Fit(features, labels, _weights(samples), _folds(samples), WORDS_STRENGTH)
            model = fit.on(fit.usable)
            ends = np.cumsum([part.shape[1] for part in parts.values()])
            each = dict(zip(parts, np.split(model.coef_[0], ends)[:-1], strict=True))
            weights[group][kind] = _linear(
                names, {name: row * scales[name] for name, row in each.items()}, model.intercept_[0]
            )
            if group == "words":
                left_out[kind] = np.clip(fit.left_out(), -MOST, MOST)
    return Words(weights, left_out)


def _pieces(utterances: Sequence[Utterance]) -> Any:
    """A row an utterance, of length one."""
    found = [places(u.read) for u in utterances]
    rows = np.repeat(np.arange(len(found)), [len(one) for one in found])
    values = np.concatenate([np.full(len(one), len(one) ** -0.5) for one in found if one])
    columns = np.concatenate([np.array(one, np.intp) for one in found if one])
    return sparse.csr_matrix((values, (rows, columns)), (len(found), PLACES))


def _labels(samples: Sequence[Sample]) -> dict[str, Mask]:
    return {
        "upset": np.array([s.turn.is_upset for s in samples]),
        "hostile": np.array([s.turn.tone is ToneLabel.ANGRY for s in samples]),
    }


def _weights(samples: Sequence[Sample]) -> Array:
    return np.array([s.weight for s in samples])


def _folds(samples: Sequence[Sample]) -> NDArray[np.int_]:
    return np.array([s.fold for s in samples])


@dataclass(frozen=True, slots=True)
class _Fit:
    features: Any  # a matrix, dense or sparse
    labels: Mask
    weights: Array
    folds: NDArray[np.int_]
    strength: float

    def on(self, rows: Mask) -> LogisticRegression:
        model = LogisticRegression(C=self.strength, max_iter=3000, tol=1e-3)
        model.fit(self.features[rows], self.labels[rows], sample_weight=self.weights[rows])
        return model

    @property
    def usable(self) -> Mask:
        return np.asarray(self.folds != LEFT_OUT, bool)

    def left_out(self, usable: Mask | None = None) -> Array:
        """Log-odds of each row by a model that saw none of its fold."""
        usable = self.usable if usable is None else usable & self.usable
        found = np.zeros(len(self.labels))
        for fold in np.unique(self.folds):
            there = self.folds == fold
            found[there] = self.on(usable & ~there).decision_function(self.features[there])
        return found

    def cuts(self, found: Array, judged: Mask, least_precision: float) -> Array:
        """For each row the threshold that the rows of other folds give."""
        cuts = np.zeros(len(found))
        for fold in np.unique(self.folds):
            there = self.folds == fold
            seen = judged & self.usable & ~there
            cuts[there] = threshold(self.labels[seen], found[seen], least_precision)
        return cuts


def _fit_whole(samples: Sequence[Sample], hearings: Hearings) -> dict[str, Any]:
    """The second step, over what is said in a support chat."""
    samples = [s for s in samples if s.source != "wording"]
    known = [hearings.known(sample.turn) for sample in samples]
    labels, folds = _labels(samples), _folds(samples)
    weights = np.array([
        s.weight * (SECOND_STEP if s.source in ("ordinary", "neutral") else 1) for s in samples
    ])  # fmt: skip
    judged = np.array([s.source in JUDGED for s in samples])
    ordinary_ones = np.array([s.source == "ordinary" for s in samples])
    document: dict[str, Any] = {}
    chances: dict[str, Array] = {}
    moody = [{k: v for k, v in row.items() if k not in _NO_MOOD} for row in known]
    for kind in ("upset", "hostile"):
        fit = _Fit(_matrix(moody), labels[kind], weights, folds, WHOLE_STRENGTH)
        found = fit.left_out()
        least = PRECISION if kind == "upset" else 0.0
        cut = threshold(labels[kind][judged], found[judged], least)
        model = fit.on(fit.usable)
        document[kind] = _second(moody, model, cut)
        over = found - fit.cuts(found, judged, least)
        chances[kind] = _sigmoid(over)
        report(kind, samples, labels[kind], over >= 0)
        print(f"{kind}: ordinary questions {(over >= 0)[ordinary_ones].mean():.4f}")
    moods = [
        {**row, **of_mood(float(u), float(h), row)}
        for row, u, h in zip(known, chances["upset"], chances["hostile"], strict=True)
    ]
    document["need"] = _fit_need(samples, moods, weights)
    return document


def _fit_need(
    samples: Sequence[Sample], moods: Sequence[Mapping[str, float]], weights: Array
) -> dict[str, Any]:
    spoken = np.array([s.source in SPOKEN for s in samples])
    ordinary_ones = np.array([s.source == "ordinary" for s in samples])
    usable = spoken | ordinary_ones & np.array([not row["urgent"] for row in moods])
    offered = np.array([bool(s.turn.offer_human) for s in samples])
    fit = _Fit(_matrix(moods), offered, weights, _folds(samples), WHOLE_STRENGTH)
    found = fit.left_out(usable)
    asks = np.array([row["wants_human"] > 0 for row in moods])
    surely = np.where(asks, 99.0, found)
    over = surely - fit.cuts(surely, spoken, 0.0)
    report("offer", samples, offered, over >= 0)
    print(f"offer: ordinary questions {(over >= 0)[ordinary_ones].mean():.4f}")
    return _second(
        moods, fit.on(usable & fit.usable), threshold(offered[spoken], surely[spoken], 0.0)
    )


def _second(
    rows: Sequence[Mapping[str, float]], model: LogisticRegression, cut: float
) -> dict[str, Any]:
    return _linear(list(rows[0]), {"named": model.coef_[0]}, model.intercept_[0] - cut)


def _matrix(rows: Sequence[Mapping[str, float]]) -> Array:
    return np.array([list(row.values()) for row in rows], np.float64)


def _linear(names: Sequence[str], parts: Mapping[str, Array], bias: float) -> dict[str, Any]:
    named = dict(zip(names, map(_rounded, parts["named"]), strict=True))
    others = {k: [_rounded(one) for one in v] for k, v in parts.items() if k != "named"}
    return {"named": named, "bias": _rounded(bias), **others}


def _rounded(number: float) -> float:
    return round(float(number), 3)


def _sigmoid(log_odds: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float64)


def _compact(document: Mapping[str, Any]) -> str:
    """A line for each model, so that a difference can be read."""
    lines = []
    for group, models in document.items():
        if isinstance(models, dict):
            inner = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in models.items())
            lines.append(f"{json.dumps(group)}: {{\n{inner}\n}}")
        else:
            lines.append(f"{json.dumps(group)}: {json.dumps(models)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
