"""Fit the weights by which an answer chooses what to quote, on questions with known answer spans.

`python -m evals.fit_quoting [--work DIR]` reads the public sets below FIRSTLINE_DEV_DATA and the
own cases, prints how often the answering part is among the first, cross-validated by question and
with each knowledge base left out, and writes the weights fitted on all.
"""

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bot.adapters import ranking
from bot.adapters.snapshot_search import SnapshotSearch
from bot.domain.conversation import Locale
from bot.domain.knowledge import Evidence
from bot.ports import Query
from bot.services.parts import Part, parts_of
from bot.services.quoting import FEATURES, WEIGHTS, measure
from bot.services.retrieval import ARTICLES, PASSAGES_PER_ARTICLE
from bot.services.understanding import QuestionReader
from evals import public_sets, texts
from evals.cases import OWN_CASES, Collection, load_folder
from ingest.embedding.catalogue import choose_spaces
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex

RIDGE = 0.1
FOLDS = 5
# What may speak against a part; all else can only speak for it, or the fit explains accidents.
AGAINST = {"item", "row", "short", "leads_in", "points_back", "before", "after"}
DEPTHS = (1, 3, 5, 8)
WHOLE = 0.35  # of a span's characters that a part of it must have to count as the answer

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    collection: str
    features: Array  # (parts, FEATURES)
    gold: NDArray[np.bool_]  # (parts,)


@dataclass(frozen=True, slots=True)
class Model:
    scale: Array
    weights: Array

    def shares(self, example: Example) -> Array:
        scores = (example.features / self.scale) @ self.weights
        powers = np.exp(scores - scores.max())
        return np.asarray(powers / powers.sum())


def collect(collection: Collection, work: Path) -> Iterator[Example]:
    """Every answerable question whose span stands in what was found."""
    spaces = choose_spaces()
    index = SnapshotIndex(work / f"index-{collection.name}")
    ingest(collection.folder, index, spaces)
    search = SnapshotSearch(index.load(), spaces, ranking.load())
    reader = QuestionReader()
    for case in collection.cases:
        if not (case.answerable and case.answer_span) or case.ambiguous:
            continue
        read = asyncio.run(reader.understand(case.query, case.history, case.locale, Locale.EN))
        own_text = read.text if read.context else ""
        query = Query(
            read.question,
            own_text,
            case.locale,
            read.foreign,
            limit=ARTICLES,
            passages_per_article=PASSAGES_PER_ARTICLE,
            whole_sections=True,
        )
        example = as_example(collection.name, search.search(query), read.question, case.answer_span)
        if example.gold.any():
            yield example


def as_example(collection: str, evidence: Evidence, question: str, span: str) -> Example:
    parts = parts_of(evidence)
    gold = np.array([_answers(part, texts.normalise(span)) for part in parts], bool)
    features = np.array(measure(evidence, parts, question), float).reshape(-1, len(FEATURES))
    return Example(collection, features, gold)


def _answers(part: Part, span: str) -> bool:
    text = texts.normalise(part.text)
    return span in text or (text in span and len(text) > WHOLE * len(span))


def fit(examples: Sequence[Example]) -> Model:
    """Weights that make the answering parts likely; a softmax over the parts of each question."""
    features = np.concatenate([example.features for example in examples])
    scale = features.std(axis=0) + 1e-9
    features = features / scale
    gold = np.concatenate([example.gold for example in examples])
    sizes = [len(example.gold) for example in examples]
    starts = np.cumsum([0, *sizes[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)

    def loss(weights: Array) -> tuple[float, Array]:
        scores = features @ weights
        powers = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        right = np.where(gold, powers, 0)
        totals, rights = np.add.reduceat(powers, starts), np.add.reduceat(right, starts)
        pull = right / rights[owner] - powers / totals[owner]
        value = -np.log(rights / totals).mean() + RIDGE * weights @ weights
        return float(value), -(pull @ features) / len(sizes) + 2 * RIDGE * weights

    bounds = [(None if name in AGAINST else 0.0, None) for name in FEATURES]
    start = np.zeros(len(FEATURES))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return Model(scale, np.asarray(found.x))


def rank_of(example: Example, shares: Array) -> int:
    """Place of the first answering part, from 1."""
    return int(np.flatnonzero(example.gold[np.argsort(-shares, kind="stable")])[0]) + 1


def by_question(examples: Sequence[Example]) -> Iterator[tuple[Example, Array]]:
    """Each example with shares of a model that has not seen it."""
    order = np.random.default_rng(7).permutation(len(examples))
    for fold in range(FOLDS):
        held = set(order[fold::FOLDS].tolist())
        model = fit([e for i, e in enumerate(examples) if i not in held])
        yield from ((examples[i], model.shares(examples[i])) for i in sorted(held))


def by_collection(examples: Sequence[Example]) -> Iterator[tuple[Example, Array]]:
    """The same with its whole knowledge base unseen."""
    for name in sorted({example.collection for example in examples}):
        model = fit([e for e in examples if e.collection != name])
        yield from ((e, model.shares(e)) for e in examples if e.collection == name)


def report(
    title: str,
    examples: Sequence[Example],
    judge: Callable[[Sequence[Example]], Iterator[tuple[Example, Array]]],
) -> None:
    ranks: dict[str, list[int]] = defaultdict(list)
    for example, shares in judge(examples):
        ranks[example.collection].append(rank_of(example, shares))
    for collection, found in sorted(ranks.items()):
        rank = np.array(found)
        within = " ".join(f"@{depth} {np.mean(rank <= depth):.2f}" for depth in DEPTHS)
        print(f"{title:24} {collection:16} n={len(rank):4} {within}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="keep indexes here between runs")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    folder = public_sets.required_data()
    with TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        collections = [*load_folder(OWN_CASES, work, "own"), *public_sets.dev_qa(folder, work)]
        examples = [example for each in collections for example in collect(each, work)]
    report("in five folds", examples, by_question)
    report("knowledge base left out", examples, by_collection)
    model = fit(examples)
    for name, weight in sorted(zip(FEATURES, model.weights, strict=True), key=lambda x: -abs(x[1])):
        print(f"{name:12} {weight:+.2f}")
    fitted = {
        "features": FEATURES,
        "scale": [round(float(value), 4) for value in model.scale],
        "weights": [round(float(value), 4) for value in model.weights],
    }
    arguments.output.write_text(json.dumps(fitted, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
