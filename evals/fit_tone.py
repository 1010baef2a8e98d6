"""Fit how tone is weighed: `python -m evals.fit_tone`.

Two steps of logistic regression. The first reads one message: a sentence vector of the space of all
languages and the named signals of its wording; ordinary questions stand against it as calm, each at
full weight. The second weighs what the first found with the course of the conversation, and tells
tone and whether a person should be offered. It sees only what the first says of messages that it
was not fitted on. Biases are moved so that one half is where F1 is best at a precision of 0.85.

Data: dialogues_dev; own wordings (`evals/tone_wordings.toml`); ordinary questions as in
`evals.ordinary`; at small weight, for how anger is worded, GoEmotions and CPED; JDDC's turns that
nobody called dissatisfied. Figures are cross-validated: whole dialogues are left out, with their
parallels in the other language. The own dialogues (`evals/data/dialogues.jsonl`) are not among the
data.
"""

import argparse
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.vector_tone import FORMAT, MOST, WEIGHTS, of_mood, of_words
from bot.domain.conversation import Locale
from bot.domain.understanding import START, ToneLabel
from bot.ports import Affect, Judgement
from bot.services.hearing import Listener, Utterance, circumstances
from bot.services.intents import IntentClassifier
from evals import ordinary, public_sets
from evals.cases import read_rows
from evals.dialogues import SpokenTurn, turns_of
from evals.intervals import interval
from ingest.embedding.catalogue import multilingual

OWN_WORDINGS = Path(__file__).with_name("tone_wordings.toml")
FOLDS = 5
UTTERANCES, DIALOGUES = 35, 13  # that stand together: parallels are near in the other language
STRENGTH = 1.0  # inverse of the regularisation
WORDING, NEUTRAL = 0.05, 0.3  # weights of messages from other trades
SECOND_STEP = 0.5  # of an ordinary question, which has no course
PRECISION = 0.85
FLAT = 0.005  # of F1: as good as the best; of those the cut that finds most is taken
VECTOR_SCALE = 2.0  # how much a vector may say beside the named signals
_NO_MOOD = frozenset({"urgent", "urgent_before"})  # what happened is not how somebody sounds

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sample:
    turn: SpokenTurn
    source: str  # dialogues, utterances, own wordings, ordinary, neutral, wording
    fold: int
    weight: float = 1.0


class HeldOut:
    """A tone model that says of each message what was found without it."""

    def __init__(self) -> None:
        self.affects: dict[tuple[str, tuple[float, ...]], Affect] = {}

    def read(self, spoken: str, signals: Mapping[str, float]) -> Affect:
        return self.affects.get(_key(spoken, signals), Affect(0.0, 0.0))

    def judge(self, affect: Affect, known: Mapping[str, float]) -> Judgement:
        raise NotImplementedError


def _key(read: str, signals: Mapping[str, float]) -> tuple[str, tuple[float, ...]]:
    return read, tuple(signals.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    samples = list(_samples(public_sets.required_data()))
    similarity = SpaceSimilarity(multilingual())
    model = HeldOut()
    heard = Listener(model, similarity, IntentClassifier.load())
    utterances = [heard.utterance(sample.turn.text) for sample in samples]
    words = _fit_words(samples, utterances, similarity)
    for utterance, upset, hostile in zip(
        utterances, words.left_out["upset"], words.left_out["hostile"], strict=True
    ):
        model.affects[_key(utterance.read, utterance.signals)] = Affect(
            float(upset), float(hostile)
        )
    heard = Listener(model, similarity, IntentClassifier.load())
    whole = _fit_whole(samples, heard)
    document = {"format": FORMAT, **words.weights, "whole": whole}
    arguments.output.write_text(_compact(document), "utf-8")


def _samples(data: Path) -> Iterator[Sample]:
    folder = data / "dialogues_dev"
    for row in read_rows(folder / "dialogues.jsonl"):
        for turn in turns_of(row):
            yield Sample(turn, "dialogues", _block(turn.dialogue, DIALOGUES))
    for row in read_rows(folder / "utterances.jsonl"):
        turn = SpokenTurn(
            row["id"], 1, Locale(row["locale"]), row["text"], (), ToneLabel(row["tone"]),
            row["wants_human"],
        )  # fmt: skip
        yield Sample(turn, "utterances", _block(turn.dialogue, UTTERANCES))
    yield from _own_wordings()
    seen: set[str] = set()
    for case in (*ordinary.own_questions(), *ordinary.public_questions(data)):
        if case.query not in seen:
            seen.add(case.query)
            yield _alone(case.query, case.locale, "ordinary", ToneLabel.CALM, 1.0)
    yield from _wordings(data)


def _own_wordings() -> Iterator[Sample]:
    """In step, as one stands beside its like in the other language."""
    book = tomllib.loads(OWN_WORDINGS.read_text("utf-8"))
    for locale in Locale:
        for tone, texts in book[locale.value].items():
            for place, text in enumerate(texts):
                turn = SpokenTurn(
                    f"wording-{tone}-{place}", 1, locale, text, (), ToneLabel(tone),
                    wants_human=False,
                )  # fmt: skip
                yield Sample(turn, "own wordings", place % FOLDS)


def _wordings(data: Path) -> Iterator[Sample]:
    """What people of other trades have labelled."""
    for row in read_rows(data / "satisfaction_jddc_zh" / "dev.jsonl"):
        if row["satisfaction"] != "dissatisfied" and not row["explicit_escalation"]:
            yield _alone(row["utterance"], Locale.ZH, "neutral", ToneLabel.CALM, NEUTRAL)
    for row in read_rows(data / "emotion_goemotions_en" / "dev.jsonl"):
        if row["frustration"] or not row["negative"]:
            tone = ToneLabel.CALM
            if row["frustration"]:
                angry = "anger" in row["labels"]
                tone = ToneLabel.ANGRY if angry else ToneLabel.FRUSTRATED
            yield _alone(row["text"], Locale.EN, "wording", tone, WORDING)
    for row in read_rows(data / "emotion_cped_zh" / "dev.jsonl"):
        if row["emotion"] == "anger":
            yield _alone(row["utterance"], Locale.ZH, "wording", ToneLabel.ANGRY, WORDING)
        elif row["sentiment"] in ("neutral", "positive") and crc32(row["id"].encode()) % 2:
            yield _alone(row["utterance"], Locale.ZH, "wording", ToneLabel.CALM, WORDING)


def _alone(text: str, locale: Locale, source: str, tone: ToneLabel, weight: float) -> Sample:
    name = f"{crc32(text.encode()):08x}"
    turn = SpokenTurn(name, 1, locale, text, (), tone, wants_human=False, offer_human=False)
    return Sample(turn, source, crc32(name.encode()) % FOLDS, weight)


def _block(identifier: str, size: int) -> int:
    return int(identifier.rpartition("-")[2]) // size % FOLDS


@dataclass(frozen=True, slots=True)
class Words:
    """The first step: what is committed, and what it says of messages it was not fitted on."""

    weights: dict[str, Any]
    left_out: dict[str, Array]


def _fit_words(
    samples: Sequence[Sample], utterances: Sequence[Utterance], similarity: SpaceSimilarity
) -> Words:
    names = list(utterances[0].signals)
    signals = np.array([[u.signals[name] for name in names] for u in utterances])
    empty = np.zeros(512)
    vectors = np.array([similarity.vector(u.read) if u.read else empty for u in utterances])
    trade = np.array([[s.source == "wording" and s.turn.locale is loc for loc in Locale]
                      for s in samples], np.float64) * 10  # fmt: skip
    weights: dict[str, Any] = {"words": {}, "words_alone": {}}
    left_out: dict[str, Array] = {}
    for kind, labels in _labels(samples).items():
        for group, features in (
            ("words", np.hstack([signals, vectors * VECTOR_SCALE])),
            ("words_alone", signals),
        ):
            fit = _Fit(np.hstack([features, trade]), labels, _weights(samples), _folds(samples))
            model = fit.on(np.ones(len(samples), bool))
            coefficients = model.coef_[0][: features.shape[1]]
            coefficients[len(names) :] *= VECTOR_SCALE
            weights[group][kind] = _linear(names, coefficients, model.intercept_[0])
            if group == "words":
                left_out[kind] = np.clip(fit.left_out(), -MOST, MOST)
    return Words(weights, left_out)


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
    features: Array
    labels: Mask
    weights: Array
    folds: NDArray[np.int_]

    def on(self, rows: Mask) -> LogisticRegression:
        model = LogisticRegression(C=STRENGTH, max_iter=3000)
        model.fit(self.features[rows], self.labels[rows], sample_weight=self.weights[rows])
        return model

    def left_out(self, usable: Mask | None = None) -> Array:
        """Log-odds of each row by a model that saw none of its fold."""
        usable = np.ones(len(self.labels), bool) if usable is None else usable
        found = np.zeros(len(self.labels))
        for fold in range(FOLDS):
            there = self.folds == fold
            found[there] = self.on(usable & ~there).decision_function(self.features[there])
        return found


def _fit_whole(samples: Sequence[Sample], heard: Listener) -> dict[str, Any]:
    """The second step, over what is said in a support chat."""
    samples = [s for s in samples if s.source != "wording"]
    known = [_known(sample.turn, heard) for sample in samples]
    labels, folds = _labels(samples), _folds(samples)
    weights = np.array([
        s.weight * (SECOND_STEP if s.source in ("ordinary", "neutral") else 1) for s in samples
    ])  # fmt: skip
    judged = np.array([s.source in ("dialogues", "utterances") for s in samples])
    spoken = np.array([s.source == "dialogues" for s in samples])
    ordinary_ones = np.array([s.source == "ordinary" for s in samples])
    document: dict[str, Any] = {}
    chances: dict[str, Array] = {}
    moody = [{k: v for k, v in row.items() if k not in _NO_MOOD} for row in known]
    for kind in ("upset", "hostile"):
        fit = _Fit(_matrix(moody), labels[kind], weights, folds)
        found = fit.left_out()
        least = PRECISION if kind == "upset" else 0.0
        threshold = _threshold(labels[kind][judged], found[judged], least)
        model = fit.on(np.ones(len(samples), bool))
        document[kind] = _linear(list(moody[0]), model.coef_[0], model.intercept_[0] - threshold)
        chances[kind] = _sigmoid(found - threshold)
        _report(kind, samples, labels[kind], found >= threshold)
        print(f"{kind}: ordinary questions {(found >= threshold)[ordinary_ones].mean():.4f}")
    moods = [
        {**row, **of_mood(float(u), float(h), row)}
        for row, u, h in zip(known, chances["upset"], chances["hostile"], strict=True)
    ]
    offered = np.array([bool(s.turn.offer_human) for s in samples])
    calm = ordinary_ones & np.array([not row["urgent"] for row in known])
    fit = _Fit(_matrix(moods), offered, weights, folds)
    found = fit.left_out(spoken | calm)
    asks = np.array([row["wants_human"] > 0 for row in known])
    threshold = _threshold(offered[spoken], np.where(asks, 99, found)[spoken], 0.0)
    model = fit.on(spoken | calm)
    document["need"] = _linear(list(moods[0]), model.coef_[0], model.intercept_[0] - threshold)
    _report("offer", samples, offered, asks | (found >= threshold))
    print(f"offer: ordinary questions {(found >= threshold)[ordinary_ones].mean():.4f}")
    return document


def _known(turn: SpokenTurn, heard: Listener) -> dict[str, float]:
    own = heard.utterance(turn.text)
    course = heard.course(turn.text, turn.history) if turn.history else START
    earlier = heard.earlier(turn.history)
    named = circumstances(own, course, earlier, wants_human=own.wants_human)
    return {**named, **of_words(own.affect)}


def _matrix(rows: Sequence[Mapping[str, float]]) -> Array:
    return np.array([list(row.values()) for row in rows], np.float64)


def _threshold(truth: Mask, found: Array, least_precision: float) -> float:
    """Where F1 is best among those that are as precise as wanted."""
    candidates = np.unique(np.quantile(found, np.linspace(0.3, 0.98, 200)))
    rated = [(f1_of(truth, found >= cut), precision_of(truth, found >= cut), cut)
             for cut in candidates]  # fmt: skip
    precise = [one for one in rated if one[1] >= least_precision] or rated
    best = max(precise)[0]
    return float(min(cut for f1, _, cut in precise if f1 >= best - FLAT))


def precision_of(truth: Mask, found: Mask) -> float:
    return float((truth & found).sum() / max(found.sum(), 1))


def recall_of(truth: Mask, found: Mask) -> float:
    return float((truth & found).sum() / max(truth.sum(), 1))


def f1_of(truth: Mask, found: Mask) -> float:
    both = 2 * (truth & found).sum()
    return float(both / max(truth.sum() + found.sum(), 1))


def _report(name: str, samples: Sequence[Sample], truth: Mask, found: Mask) -> None:
    """By language and kind; dialogues are resampled whole."""
    for source in ("dialogues", "utterances"):
        for locale in (None, *Locale):
            rows = np.array([
                s.source == source and (locale is None or s.turn.locale is locale) for s in samples
            ])  # fmt: skip
            if name == "offer" and source == "utterances":
                continue
            groups = [s.turn.dialogue for s, chosen in zip(samples, rows, strict=True) if chosen]
            statistics: dict[str, Callable[..., float]] = {
                "F1": f1_of, "precision": precision_of, "recall": recall_of
            }  # fmt: skip
            said = " ".join(
                f"{key} {_with_interval(stat, truth[rows], found[rows], groups)}"
                for key, stat in statistics.items()
            )
            print(f"{name:8} {source:10} {locale or 'both':5} n={rows.sum()} {said}")


def _with_interval(
    statistic: Callable[..., float], truth: Mask, found: Mask, groups: Sequence[str]
) -> str:
    places: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    members = list(places.values())

    def over(chosen: Array) -> float:
        rows = np.concatenate([members[int(one)] for one in chosen])
        return statistic(truth[rows], found[rows])

    low, high = interval(over, [np.arange(len(members), dtype=np.float64)]) or (0.0, 0.0)
    return f"{statistic(truth, found):.3f} ({low:.3f} to {high:.3f})"


def _linear(names: Sequence[str], coefficients: Array, bias: float) -> dict[str, Any]:
    named = dict(zip(names, map(_rounded, coefficients), strict=False))
    vector = [_rounded(one) for one in coefficients[len(names) :]]
    return {"named": named, "bias": _rounded(bias)} | ({"vector": vector} if vector else {})


def _rounded(number: float) -> float:
    return round(float(number), 4)


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
