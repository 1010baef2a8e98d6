"""Fit how a request for a person is told: `python -m evals.fit_requests`.

Logistic regression over the readings of a message (`bot.services.request_wording`). Of a request
the reading that speaks loudest stands for it, found anew after each fit; of what is no request
every reading counts against. The cut is the lowest at which messages that were left out are told
with the wanted precision.

Data: own requests and look-alikes (`evals/data/messages/requests.jsonl`), frames of such
(`evals/request_frames.toml`), which are never counted, and own questions; for the
committed weights also dialogues_dev and ordinary questions as in `evals.ordinary`. The figures that
come first are of a model fitted, and cut, on the own data alone, over sources it has not seen; then
those of each fold of all that the committed weights are fitted on. Lines that stand together are
left out together, parallels in dialogues_dev too. Bitext and the own dialogues are only counted.
"""

import argparse
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.vector_request import BUCKETS, FORMAT, READ_CHARS, WEIGHTS, buckets, scale
from bot.domain.conversation import Locale
from bot.domain.understanding import Intent
from bot.ports import RequestClause
from bot.services.intents import IntentClassifier
from bot.services.request_wording import RequestWords
from evals import ordinary, public_sets
from evals.cases import OWN_CASES, read_rows
from evals.cuts import Array, Mask, cut
from evals.dialogues import OWN_DIALOGUES, turns_of
from ingest.embedding.catalogue import multilingual

OWN = OWN_CASES / "messages" / "requests.jsonl"
FRAMES = Path(__file__).with_name("request_frames.toml")
ASKING = frozenset({"own-en-107", "own-zh-109"})  # own questions that do ask for a person
COPIES = 6  # of a frame
FOLDS = 5
BLOCK = 12  # lines that stand together
DIALOGUES, UTTERANCES = 13, 35  # of the development set, as for tone
STRENGTH = 1.0  # inverse of the regularisation
NGRAM_SCALE, VECTOR_SCALE = 3.0, 4.0  # how much each may say beside the named signals
ROUNDS = 4
PRECISION = 0.94
OWN_SOURCES = frozenset({"own", "own questions", "frames"})
FITTED = frozenset({*OWN_SOURCES, "dialogues", "utterances", "ordinary"})
ASKED_IN_BITEXT = frozenset({"contact_human_agent", "contact_customer_service"})
SIGNALS = ("asks", "kept", "trapped", "plain", *RequestWords.load().kinds)
DIGITS = 3
LEAST = 0.05  # weight of an n-gram that is kept


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    locale: Locale
    wanted: bool
    source: str
    fold: int


def samples(data: Path) -> Iterator[Sample]:
    for place, row in enumerate(read_rows(OWN)):
        fold = place // BLOCK % FOLDS
        yield Sample(row["text"], Locale(row["locale"]), row["wants_human"], "own", fold)
    yield from _framed()
    for case in ordinary.own_questions():
        if case.id not in ASKING:
            yield Sample(case.query, case.locale, False, "own questions", _fold(case.query))
    folder = data / "dialogues_dev"
    for source, file in (
        ("dialogues", folder / "dialogues.jsonl"),
        ("own dialogues", OWN_DIALOGUES),
    ):
        for row in read_rows(file):
            for turn in turns_of(row):
                fold = _block(turn.dialogue, DIALOGUES) if source == "dialogues" else 0
                yield Sample(turn.text, turn.locale, turn.wants_human, source, fold)
    for row in read_rows(folder / "utterances.jsonl"):
        fold = _block(row["id"], UTTERANCES)
        yield Sample(row["text"], Locale(row["locale"]), row["wants_human"], "utterances", fold)
    for text, locale in {c.query: c.locale for c in ordinary.public_questions(data)}.items():
        yield Sample(text, locale, False, "ordinary", _fold(text))
    for row in read_rows(data / "support_bitext_en" / "dev.jsonl"):
        wanted = row["intent"] in ASKED_IN_BITEXT
        yield Sample(row["text"], Locale.EN, wanted, "bitext", 0)


def _framed() -> Iterator[Sample]:
    """Each frame with some of what fills it."""
    book = tomllib.loads(FRAMES.read_text("utf-8"))
    for locale in Locale:
        filling = book[locale.value]
        for kind in ("asks", "asks_not"):
            for place, frame in enumerate(filling[kind]):
                for copy in range(COPIES):
                    text = _filled(frame, filling, crc32(f"{frame}{copy}".encode()))
                    yield Sample(text, locale, kind == "asks", "frames", place % FOLDS)


def _filled(frame: str, filling: Mapping[str, Sequence[str]], seed: int) -> str:
    def choice(match: re.Match[str]) -> str:
        words = filling[match[1]]
        return words[(seed + 7 * match.start()) % len(words)]

    return re.sub(r"<(\w+)>", choice, frame)


def _fold(text: str) -> int:
    return crc32(text.encode()) % FOLDS


def _block(identifier: str, size: int) -> int:
    return int(identifier.rpartition("-")[2]) // size % FOLDS


@dataclass(frozen=True, slots=True)
class Readings:
    """A row a reading; `starts` is where those of each message begin."""

    features: csr_matrix
    message: NDArray[np.int_]
    starts: NDArray[np.int_]

    @classmethod
    def of(
        cls, heard: Sequence[Sequence[RequestClause]], space: SpaceSimilarity | None
    ) -> "Readings":
        clauses = [clause for message in heard for clause in message]
        named = csr_matrix([[clause.named[name] for name in SIGNALS] for clause in clauses])
        columns = [named, _ngrams(clauses)]
        if space is not None:
            columns.append(csr_matrix(VECTOR_SCALE * np.array(
                [space.vector(clause.text[:READ_CHARS]) for clause in clauses]
            )))  # fmt: skip
        sizes = [len(message) for message in heard]
        starts = np.cumsum([0, *sizes[:-1]])
        return cls(hstack(columns).tocsr(), np.repeat(np.arange(len(heard)), sizes), starts)

    def loudest(self, model: LogisticRegression) -> tuple[Array, NDArray[np.int_]]:
        """Of each message what its best reading scores, and which that is."""
        found = model.decision_function(self.features)
        best = np.maximum.reduceat(found, self.starts)
        rows = np.lexsort((-found, self.message))
        return best, rows[self.starts]


def _ngrams(clauses: Sequence[RequestClause]) -> csr_matrix:
    places, columns, values = [], [], []
    for place, clause in enumerate(clauses):
        found = buckets(clause)
        places += [place] * len(found)
        columns += found
        values += [NGRAM_SCALE * scale(len(found))] * len(found)
    return csr_matrix((values, (places, columns)), shape=(len(clauses), BUCKETS))


def fit(readings: Readings, wanted: Mask, chosen: Mask) -> LogisticRegression:
    """On the chosen messages."""
    against = np.flatnonzero((chosen & ~wanted)[readings.message])
    asking = chosen & wanted
    best = readings.starts  # the first reading is a sentence
    for _ in range(ROUNDS):
        rows = np.concatenate([best[asking], against])
        labels = np.arange(len(rows)) < asking.sum()
        model = LogisticRegression(C=STRENGTH, max_iter=2000)
        model.fit(readings.features[rows], labels)
        _, best = readings.loudest(model)
    return model


def left_out(readings: Readings, wanted: Mask, chosen: Mask, folds: NDArray[np.int_]) -> Array:
    found = np.zeros(len(wanted))
    for fold in range(FOLDS):
        there = folds == fold
        found[there] = readings.loudest(fit(readings, wanted, chosen & ~there))[0][there]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    everything = _heard(list(samples(public_sets.required_data())))
    document: dict[str, Any] = {"format": FORMAT}
    for group, space in (("words", SpaceSimilarity(multilingual())), ("words_alone", None)):
        document[group] = _fit_group(group, everything, space)
    text = json.dumps(document, separators=(",", ":"))
    arguments.output.write_text(f"{text}\n", "utf-8")


def _heard(said: Sequence[Sample]) -> list[tuple[Sample, Sequence[RequestClause]]]:
    """Messages of marks alone have nothing to read."""
    classifier = IntentClassifier.load()
    heard = ((sample, classifier.request_clauses(sample.text)) for sample in said)
    return [(sample, clauses) for sample, clauses in heard if clauses]


def _fit_group(
    group: str,
    everything: Sequence[tuple[Sample, Sequence[RequestClause]]],
    space: SpaceSimilarity | None,
) -> dict[str, Any]:
    said = [sample for sample, _ in everything]
    readings = Readings.of([clauses for _, clauses in everything], space)
    wanted = np.array([sample.wanted for sample in said])
    folds = np.array([sample.fold for sample in said])
    alone = IntentClassifier.load()
    patterns = np.array([alone.classify(sample.text).intent is Intent.PERSON for sample in said])
    bias = 0.0
    for name, sources in (("own data alone", OWN_SOURCES), ("all that is fitted on", FITTED)):
        chosen = np.array([sample.source in sources for sample in said])
        found = left_out(readings, wanted, chosen, folds)
        judged = chosen & np.array([sample.source != "frames" for sample in said])
        bias = cut(found[judged], wanted[judged], PRECISION)
        model = fit(readings, wanted, chosen)
        found = np.where(chosen, found, readings.loudest(model)[0])
        print(f"{group}, {name}: cut {bias:.3f}")
        _report(said, wanted, found >= bias, patterns)
    return _document(model, bias)


def _report(said: Sequence[Sample], wanted: Mask, found: Mask, patterns: Mask) -> None:
    for source in dict.fromkeys(sample.source for sample in said):
        for locale in Locale:
            there = np.array([s.source == source and s.locale is locale for s in said])
            if there.any():
                print(
                    f"  {source:13} {locale} n={there.sum():4} requests={(wanted & there).sum():3}"
                    f" | {_figures(wanted[there], found[there])}"
                    f" | patterns alone {_figures(wanted[there], patterns[there])}"
                )


def _figures(wanted: Mask, found: Mask) -> str:
    right = (wanted & found).sum()
    alarms = (found & ~wanted).sum()
    return (
        f"recall {right / max(wanted.sum(), 1):.3f} precision {right / max(found.sum(), 1):.3f}"
        f" false {alarms}/{(~wanted).sum()}"
    )


def _document(model: LogisticRegression, bias: float) -> dict[str, Any]:
    weights = model.coef_[0]
    ngrams = NGRAM_SCALE * weights[len(SIGNALS) : len(SIGNALS) + BUCKETS]
    vector = VECTOR_SCALE * weights[len(SIGNALS) + BUCKETS :]
    document: dict[str, Any] = {
        "named": {
            name: round(float(weight), DIGITS)
            for name, weight in zip(SIGNALS, weights, strict=False)
        },
        "ngrams": {
            str(place): round(float(ngrams[place]), 2)
            for place in np.flatnonzero(np.abs(ngrams) >= LEAST)
        },
        "bias": round(float(model.intercept_[0] - bias), DIGITS),
    }
    if len(vector):
        document["vector"] = [round(float(weight), DIGITS) for weight in vector]
    return document


if __name__ == "__main__":
    main()
