"""Fit the probability that the evidence answers: `python -m evals.fit_answerability`.

Logistic regression on the signals of the search as it ranks with the committed weights; one model
for all pairs of languages, each of whose signals are first brought to mean 0 and deviation 1, and a
bias of its own for each pair. Few signals and one model: what is fitted to one knowledge base has
to hold for the next. The figures are over knowledge bases that were left out; the committed weights
are fitted on all. The own cases are among them.
"""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.adapters import ranking
from bot.adapters.ranking import ANSWERABILITY_WEIGHTS, EVIDENCE_SIGNALS, EXPERTS
from bot.adapters.snapshot_search import SnapshotSearch
from bot.domain.conversation import Locale
from bot.domain.understanding import Intent
from bot.ports import Query
from bot.services.understanding import QuestionReader
from evals import public_sets
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


@dataclass(frozen=True, slots=True)
class Question:
    case: Case
    dataset: str
    pair: str
    signals: Array


@dataclass(frozen=True, slots=True)
class Model:
    """By pair of languages: signals, then the bias."""

    weights: dict[str, Array]

    @classmethod
    def fit(cls, questions: Sequence[Question]) -> "Model":
        """Balanced, so that it does not depend on how many foreign questions there are."""
        scales = {pair: _scale(questions, pair) for pair in PAIRS}
        rows = [
            np.concatenate([_scaled(q.signals, scales[q.pair]), _one_hot(q.pair)])
            for q in questions
        ]
        model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=3000)
        model.fit(rows, [q.case.answerable for q in questions])
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


def _scale(questions: Sequence[Question], pair: str) -> tuple[Array, Array]:
    """Mean and deviation of a pair's signals, or of all where it has few questions; a signal that
    is always the same gets no deviation."""
    own = [question.signals for question in questions if question.pair == pair]
    known = own if len(own) >= FEWEST else [question.signals for question in questions]
    signals = np.array(known)
    deviation = signals.std(axis=0)
    return signals.mean(axis=0), np.where(deviation > 1e-6, deviation, 0)


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
    search = SnapshotSearch(index.load(), choose_spaces(experts=experts), ranking.load_order())
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
        found = search.evidence_signals(Query.of(understanding, limit=1))
        if found is not None:
            pair, signals = found
            yield Question(case, dataset, pair, signals.astype(np.float64))


def _foreign() -> list[Case]:
    folder = public_sets.dev_data()
    questions = public_sets.foreign_questions(folder) if folder else []
    chosen = np.random.default_rng(3).choice(len(questions), FOREIGN, replace=False)
    return [questions[number] for number in chosen]


def _report(name: str, model: Model, questions: Sequence[Question], dataset: str) -> None:
    asked = [question for question in questions if question.dataset == dataset]
    is_answerable = np.array([question.case.answerable for question in asked])
    truth = is_answerable.astype(np.float64)
    guess = np.array([model.answerable(question) for question in asked])
    near = np.array([question.case.kind == "near_miss" for question in asked])
    threshold = np.quantile(guess[is_answerable], REFUSED)
    figures = {
        "AUROC": auroc(truth, guess),
        "near": auroc(truth[is_answerable | near], guess[is_answerable | near]),
        "ECE": calibration_error(truth, guess),
        f"refused {REFUSED} at": float(threshold),
        "then near answered": _share(guess[near] >= threshold),
        "others": _share(guess[~is_answerable & ~near] >= threshold),
    }
    print(name, f"n={len(asked)}", *(f"{key} {value:.3f}" for key, value in figures.items()))


def _share(chosen: NDArray[np.bool_]) -> float:
    return float(chosen.mean()) if len(chosen) else float("nan")


if __name__ == "__main__":
    main()
