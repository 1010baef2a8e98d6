"""Fit how is told that something has happened which cannot wait: `python -m evals.fit_urgency`.

Logistic regression over sentence vectors, pieces of the wording and what the patterns of
`urgency.toml` find: one model says whether anything of the kind is told, six of what kind it is.
The cut is the lowest at which messages that were left out are told with the wanted precision.

Data: own reports of incidents and what looks like them (`evals/data/messages/urgency.jsonl`), own
look-alikes of requests for a person, own questions, and ordinary questions as in `evals.ordinary`,
which report nothing. Lines that stand together are left out together. The figures are of models
that have not seen the fold.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.vector_tone import ToneVectors
from bot.adapters.vector_urgency import FORMAT, TOLD, WEIGHTS
from bot.adapters.wording_pieces import PLACES, places
from bot.domain.conversation import Locale
from bot.domain.understanding import Urgency
from bot.services.speech import hear
from bot.services.urgency import UrgencyDetector
from evals import ordinary, public_sets
from evals.cases import OWN_CASES, read_rows
from evals.cuts import Array, Mask, cut
from ingest.embedding.catalogue import english, multilingual

OWN = OWN_CASES / "messages" / "urgency.jsonl"
LOOK_ALIKES = OWN_CASES / "messages" / "requests.jsonl"
FOLDS = 5
BLOCK = 8  # lines that stand together
STRENGTH = 1.0  # inverse of the regularisation
SIGNAL_SCALE, VECTOR_SCALE, PIECE_SCALE = 0.5, 8.0, 3.0  # how much each may say
PRECISION = 0.9
DIGITS, PIECE_DIGITS = 3, 2


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    locale: Locale
    urgency: Urgency | None
    source: str
    fold: int


def samples(data: Path) -> Iterator[Sample]:
    for place, row in enumerate(read_rows(OWN)):
        kind = Urgency(row["urgency"]) if row["urgency"] else None
        yield Sample(row["text"], Locale(row["locale"]), kind, "own", place // BLOCK % FOLDS)
    asked = {
        **{r["text"]: (Locale(r["locale"]), "look-alikes")
           for r in read_rows(LOOK_ALIKES) if not r["wants_human"]},
        **{case.query: (case.locale, "own questions") for case in ordinary.own_questions()},
        **{case.query: (case.locale, "ordinary") for case in ordinary.public_questions(data)},
    }  # fmt: skip
    for text, (locale, source) in asked.items():
        yield Sample(text, locale, None, source, crc32(text.encode()) % FOLDS)


@dataclass(frozen=True, slots=True)
class Features:
    names: tuple[str, ...]
    matrix: sparse.csr_matrix
    ends: tuple[int, ...]  # of the columns of each part: named, vector, pieces

    @classmethod
    def of(cls, spoken: Sequence[str], vectors: ToneVectors) -> "Features":
        detector = UrgencyDetector.load()
        found = [detector.found(one) for one in spoken]
        names = tuple(found[0])
        parts = (
            SIGNAL_SCALE * sparse.csr_matrix([[row[name] for name in names] for row in found]),
            VECTOR_SCALE * sparse.csr_matrix(np.array([vectors.of(one) for one in spoken])),
            PIECE_SCALE * _pieces(spoken),
        )
        ends = np.cumsum([part.shape[1] for part in parts])
        return cls(names, sparse.hstack(parts).tocsr(), tuple(map(int, ends)))


def _pieces(spoken: Sequence[str]) -> sparse.csr_matrix:
    """A row a message, of length one."""
    found = [places(one) for one in spoken]
    rows = np.repeat(np.arange(len(found)), [len(one) for one in found])
    columns = np.array([place for one in found for place in one], np.intp)
    values = np.array([len(one) ** -0.5 for one in found for _ in one])
    return sparse.csr_matrix((values, (rows, columns)), (len(found), PLACES))


def fit(features: Features, labels: Mask, chosen: Mask) -> LogisticRegression:
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    return model.fit(features.matrix[chosen], labels[chosen])


def left_out(features: Features, labels: Mask, among: Mask, folds: NDArray[np.int_]) -> Array:
    found = np.zeros(len(labels))
    for fold in range(FOLDS):
        there = folds == fold
        model = fit(features, labels, among & ~there)
        found[there] = model.decision_function(features.matrix[there])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    said = list(samples(public_sets.required_data()))
    vectors = ToneVectors(SpaceSimilarity(multilingual()), SpaceSimilarity(english()))
    features = Features.of([hear(sample.text).spoken for sample in said], vectors)
    folds = np.array([sample.fold for sample in said])
    told = np.array([sample.urgency is not None for sample in said])
    everything = np.ones(len(said), bool)
    found = left_out(features, told, everything, folds)
    least = cut(found, told, PRECISION)
    alone = _by_patterns(said)
    backed = least - cut(found[alone], told[alone], PRECISION)
    document = {TOLD: _linear(features, fit(features, told, everything), least, max(backed, 0.0))}
    kinds = {}
    for kind in Urgency:
        labels = np.array([sample.urgency is kind for sample in said])
        kinds[kind] = left_out(features, labels, told, folds)
        document[kind] = _linear(features, fit(features, labels, told), 0.0)
    _report(said, told, found + np.where(alone, backed, 0) >= least, kinds)
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in document.items())
    arguments.output.write_text(f'{{\n"format": {FORMAT},\n{lines}\n}}\n', "utf-8")


def _by_patterns(said: Sequence[Sample]) -> Mask:
    patterns = UrgencyDetector.load()
    return np.array([patterns.kind(hear(one.text).spoken) is not None for one in said])


def _report(said: Sequence[Sample], told: Mask, found: Mask, kinds: dict[Urgency, Array]) -> None:
    alone = _by_patterns(said)
    for source in dict.fromkeys(sample.source for sample in said):
        for locale in Locale:
            there = np.array([s.source == source and s.locale is locale for s in said])
            print(
                f"{source:13} {locale} n={there.sum():4} told={(told & there).sum():3}"
                f" | {_figures(told[there], found[there])}"
                f" | patterns alone {_figures(told[there], alone[there])}"
            )
    names = list(kinds)
    loudest = np.argmax(np.array([kinds[name] for name in names]), axis=0)
    heard = told & found
    right = [said[int(at)].urgency is names[int(loudest[at])] for at in np.flatnonzero(heard)]
    print(f"kind right, of {heard.sum()} heard: {np.mean(right):.3f}")


def _figures(told: Mask, found: Mask) -> str:
    right, alarms = (told & found).sum(), (found & ~told).sum()
    return (
        f"recall {right / max(told.sum(), 1):.3f} precision {right / max(found.sum(), 1):.3f}"
        f" false {alarms}/{(~told).sum()}"
    )


def _linear(
    features: Features, model: LogisticRegression, least: float, backed: float = 0.0
) -> dict[str, object]:
    """`backed`: how much more the verdict of the patterns says than the model learnt."""
    named, vector, pieces = np.split(model.coef_[0], features.ends)[:3]
    signals = dict(zip(features.names, SIGNAL_SCALE * named, strict=True))
    signals[TOLD] += backed
    return {
        "named": {name: round(float(one), DIGITS) for name, one in signals.items()},
        "bias": round(float(model.intercept_[0] - least), DIGITS),
        "vector": [round(float(one), DIGITS) for one in VECTOR_SCALE * vector],
        "pieces": [round(float(one), PIECE_DIGITS) for one in PIECE_SCALE * pieces],
    }


if __name__ == "__main__":
    main()
