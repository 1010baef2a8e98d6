"""Fit the probability that the evidence answers: `python -m evals.fit_answerability`.

Logistic regression on the signals of the search as it ranks with the committed weights; one model
for all pairs of languages, each of whose signals are first brought to mean 0 and deviation 1, and a
bias of its own for each pair. Few signals and one model: what is fitted to one knowledge base has
to hold for the next. The figures are over knowledge bases that were left out; the committed weights
are fitted on all.

Every question with known pages is asked a second time of a knowledge base that lacks them: the rest
is as near as a miss can be. The own cases are also asked of the articles of the other language
alone, or no set but one would know of questions across languages.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.adapters import ranking
from bot.adapters.ranking import ANSWERABILITY_WEIGHTS, EVIDENCE_SIGNALS, EXPERTS
from bot.domain.conversation import Locale
from bot.domain.understanding import Intent
from bot.ports import Query
from bot.services.understanding import QuestionReader
from evals import public_sets
from evals.abridged_search import AbridgedSearch, Omission
from evals.cases import OWN_CASES, Case, Collection, load_folder
from evals.fit_ranking import PAIRS, subsets, write_weights
from evals.metrics import auroc, calibration_error
from ingest.embedding.catalogue import choose_spaces
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex

ALL_EXPERTS = ("english", "bilingual")
FOREIGN = 240  # questions about other subjects, asked of each help centre
HELP_CENTRES = ("dev_qa", "colloquial", "own")  # whole ones; the rest are passages
FEWEST = 50  # questions from which a pair of languages has a mean of its own
STRENGTH = 0.3  # inverse of the regularisation
REFUSED = 0.08  # of the answerable questions, where the report looks

Array = NDArray[np.float64]


class Kind(StrEnum):
    ANSWERABLE = "answerable"
    NEAR = "near"  # about the product, and no page answers
    REMOVED = "removed"  # its pages were taken out
    FOREIGN = "foreign"  # about other things, or what only the account of who asks could tell


# Of all that is asked: the more of what no page answers, the less is answered.
SHARES = {Kind.ANSWERABLE: 0.52, Kind.NEAR: 0.05, Kind.REMOVED: 0.03, Kind.FOREIGN: 0.4}


@dataclass(frozen=True, slots=True)
class Question:
    kind: Kind
    dataset: str
    collection: str
    pair: str
    signals: Array

    @property
    def is_answerable(self) -> bool:
        return self.kind is Kind.ANSWERABLE


@dataclass(frozen=True, slots=True)
class Model:
    """By pair of languages: signals, then the bias."""

    weights: dict[str, Array]

    @classmethod
    def fit(cls, questions: Sequence[Question]) -> "Model":
        masses = _masses(questions)
        scales = {pair: _scale(questions, masses, pair) for pair in PAIRS}
        rows = [
            np.concatenate([_scaled(q.signals, scales[q.pair]), _one_hot(q.pair)])
            for q in questions
        ]
        model = LogisticRegression(C=STRENGTH, max_iter=3000)
        model.fit(rows, [q.is_answerable for q in questions], masses)
        shared, biases = np.split(model.coef_[0], [len(EVIDENCE_SIGNALS)])
        weights = {}
        for number, pair in enumerate(PAIRS):
            mean, deviation = scales[pair]
            own = np.divide(shared, deviation, out=np.zeros_like(shared), where=deviation > 0)
            bias = model.intercept_[0] + biases[number] - own @ mean
            weights[pair] = np.append(own, bias)
        return cls(weights)

    def answerable(self, question: Question) -> float:
        *own, bias = self.weights[question.pair]
        return float(1 / (1 + np.exp(-(question.signals @ np.array(own) + bias))))


def _masses(questions: Sequence[Question]) -> Array:
    """What each question counts, 1 in the mean: every kind its share, and within a kind a
    collection by the root of its size, lest a large one speak for all."""
    sizes = Counter((q.kind, q.collection) for q in questions)
    totals = Counter[Kind]()
    for (kind, _), size in sizes.items():
        totals[kind] += np.sqrt(size)
    masses = np.array(
        [SHARES[q.kind] / totals[q.kind] / np.sqrt(sizes[q.kind, q.collection]) for q in questions]
    )
    return np.asarray(masses / masses.mean())


def _scale(questions: Sequence[Question], masses: Array, pair: str) -> tuple[Array, Array]:
    """Mean and deviation of a pair's signals, or of all where it has few questions; a signal that
    is always the same gets no deviation."""
    own = np.array([question.pair == pair for question in questions])
    known = own if own.sum() >= FEWEST else np.ones_like(own)
    signals = np.array([question.signals for question in questions])[known]
    mean = np.average(signals, axis=0, weights=masses[known])
    deviation = np.sqrt(np.average((signals - mean) ** 2, axis=0, weights=masses[known]))
    return mean, np.where(deviation > 1e-6, deviation, 0)


def _scaled(signals: Array, scale: tuple[Array, Array]) -> Array:
    mean, deviation = scale
    return np.divide(signals - mean, deviation, out=np.zeros_like(signals), where=deviation > 0)


def _one_hot(pair: str) -> Array:
    return np.array([float(pair == other) for other in PAIRS])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="keep indexes here between runs")
    parser.add_argument("--output", type=Path, default=ANSWERABILITY_WEIGHTS)
    arguments = parser.parse_args()
    folder = public_sets.required_data()
    with TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        collections = list(_collections(folder, work))
        models = {experts: _fit(collections, work, experts) for experts in subsets(ALL_EXPERTS)}
    pairs = {
        pair: {
            " ".join(experts): _widest(models, pair, experts).weights[pair].tolist()
            for experts in subsets(EXPERTS[pair])
        }
        for pair in PAIRS
    }
    write_weights(arguments.output, (*EVIDENCE_SIGNALS, "bias"), pairs)


def _widest(models: dict[tuple[str, ...], Model], pair: str, experts: tuple[str, ...]) -> Model:
    """Fitted with as many experts as can be there when the pair has these."""
    return next(
        model
        for there, model in models.items()
        if tuple(name for name in EXPERTS[pair] if name in there) == experts
    )


def _fit(collections: Sequence[Collection], work: Path, experts: Sequence[str]) -> Model:
    questions = [q for c in collections for q in _questions(c, work, experts)]
    for dataset in dict.fromkeys(question.dataset for question in questions):
        others = Model.fit([q for q in questions if q.dataset != dataset])
        _report(f"{' '.join(experts):18} {dataset}", others, questions, dataset)
    return Model.fit(questions)


def _collections(folder: Path, work: Path) -> Iterator[Collection]:
    yield from public_sets.dev_qa(folder, work)
    yield public_sets.openproject_faq(folder, work)
    yield public_sets.huawei_faq(folder, work)
    yield public_sets.worktile_faq(folder, work)
    yield public_sets.mtrag(folder, work)
    yield from public_sets.colloquial(folder)
    yield from load_folder(OWN_CASES, work, "own")


def _questions(collection: Collection, work: Path, experts: Sequence[str]) -> Iterator[Question]:
    """Those of a collection, of a help centre foreign ones too; what the bot would look up."""
    index = SnapshotIndex(work / f"index-{collection.name}")
    ingest(collection.folder, index, choose_spaces())
    spaces = choose_spaces(experts=experts)
    search = AbridgedSearch(index.load(), spaces, ranking.load_order())
    reader = QuestionReader()
    dataset = collection.dataset or collection.name
    for case in (*collection.cases, *(_foreign() if dataset in HELP_CENTRES else ())):
        understanding = asyncio.run(
            reader.understand(case.query, case.history, case.locale, Locale.EN)
        )
        if case.ambiguous or understanding.needs_account:
            continue
        if understanding.intent is not Intent.QUESTION:
            continue
        languages = (understanding.locale, "") if dataset == "own" else ("",)
        for language in languages:
            name = f"{collection.name} without {language}" if language else collection.name
            for kind, paths in _askings(case, search):
                with search.without(Omission(paths, language)):
                    found = search.evidence_signals(Query.of(understanding, limit=1))
                if found is not None:
                    pair, signals = found
                    yield Question(kind, dataset, name, pair, signals.astype(np.float64))


def _askings(case: Case, search: AbridgedSearch) -> Iterator[tuple[Kind, frozenset[str]]]:
    """As what a question counts, and the pages that are taken out for it."""
    if not case.answerable:
        is_foreign = bool(case.kind) and case.kind != "near_miss"
        yield (Kind.FOREIGN if is_foreign else Kind.NEAR), frozenset()
        return
    yield Kind.ANSWERABLE, frozenset()
    if search.has(case.relevant):
        yield Kind.REMOVED, frozenset(case.relevant)


def _foreign() -> list[Case]:
    folder = public_sets.dev_data()
    questions = public_sets.foreign_questions(folder) if folder else []
    chosen = np.random.default_rng(3).choice(len(questions), FOREIGN, replace=False)
    return [questions[number] for number in chosen]


def _report(name: str, model: Model, questions: Sequence[Question], dataset: str) -> None:
    """Over the cases as they stand; those whose pages were removed have a figure of their own."""
    asked = [q for q in questions if q.dataset == dataset and "without" not in q.collection]
    guess = np.array([model.answerable(question) for question in asked])
    of = {kind: np.array([q.kind is kind for q in asked], bool) for kind in Kind}
    answerable, as_they_stand = of[Kind.ANSWERABLE], ~of[Kind.REMOVED]
    truth = answerable.astype(np.float64)
    near, removed = answerable | of[Kind.NEAR], answerable | of[Kind.REMOVED]
    threshold = np.quantile(guess[answerable], REFUSED)
    figures = {
        "AUROC": auroc(truth[as_they_stand], guess[as_they_stand]),
        "near": auroc(truth[near], guess[near]),
        "removed": auroc(truth[removed], guess[removed]),
        "ECE": calibration_error(truth[as_they_stand], guess[as_they_stand]),
        "refused at 0.5": _share(guess[answerable] < 0.5),
        "near answered": _share(guess[of[Kind.NEAR]] >= 0.5),
        "foreign": _share(guess[of[Kind.FOREIGN]] >= 0.5),
        f"refused {REFUSED} at": float(threshold),
        "then near answered": _share(guess[of[Kind.NEAR]] >= threshold),
        "others": _share(guess[of[Kind.FOREIGN]] >= threshold),
    }
    print(name, f"n={len(asked)}", *(f"{key} {value:.3f}" for key, value in figures.items()))


def _share(chosen: NDArray[np.bool_]) -> float:
    return float(chosen.mean()) if len(chosen) else float("nan")


if __name__ == "__main__":
    main()
