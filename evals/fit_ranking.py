"""Fit the ranking weights: `python -m evals.fit_ranking`.

For each question a softmax over its candidate chunks, where every chunk of a relevant page may be
the one that answers (those holding the answer span alone, when one does); one weight vector per
language pair, ridge-regularised towards a common prior. Figures are from five folds by question;
the committed weights are then fitted on everything. Then comes `evals.fit_answerability`.
"""

import argparse
import asyncio
import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bot.adapters.ranking import (
    EXPERTS,
    FEATURES,
    WEIGHTS,
    Ranking,
    Rankings,
)
from bot.adapters.snapshot_search import SnapshotSearch
from bot.domain.conversation import Locale
from bot.ports import Query
from bot.services.understanding import QuestionReader
from evals import public_sets
from evals.cases import Case, Collection
from ingest.chunk_table import LOCALES
from ingest.embedding.catalogue import choose_spaces
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex

PRIOR = np.array([8, 4, 2, 2, 12, 12, 8, 6, 4, -0.3, 0.7], np.float64)
RIDGE = 0.1
FOLDS = 5
PAIRS = tuple(EXPERTS)
MAIN_WEIGHT, OTHER_WEIGHT = 3.0, 1.0  # dev_qa is how users type

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    collection: str
    case: Case
    pair: str
    features: Array  # (candidates, FEATURES)
    gold: NDArray[np.bool_]  # (candidates,)
    articles: NDArray[np.int32]
    relevant: NDArray[np.bool_]  # (candidates,): of a relevant page

    @property
    def weight(self) -> float:
        return MAIN_WEIGHT if self.case.kind else OTHER_WEIGHT


def collect(collection: Collection, work: Path) -> Iterator[Example]:
    """Candidates of every answerable question of a collection, with their features."""
    spaces = choose_spaces()
    index = SnapshotIndex(work / f"index-{collection.name}")
    ingest(collection.folder, index, spaces)
    flat = Ranking((0.0,) * len(FEATURES), ())
    rankings = Rankings({pair: {experts: flat} for pair, experts in EXPERTS.items()})
    search = SnapshotSearch(index.load(), spaces, rankings)
    reader = QuestionReader()
    locale = max(
        LOCALES, key=lambda name: (search.snapshot.chunks.locales == LOCALES.index(name)).sum()
    )
    for case in collection.cases:
        if not case.relevant:
            continue
        understanding = asyncio.run(
            reader.understand(case.query, case.history, case.locale, Locale.EN)
        )
        own_text = understanding.text if understanding.context else ""
        encoded = search.encode(Query(understanding.question, own_text, locale=case.locale))
        found = search.candidates(encoded, locale)
        if found is None:
            continue
        chunks = [search.snapshot.chunks[int(row)] for row in found.rows]
        relevant = np.array([chunk.path in case.relevant for chunk in chunks], bool)
        exact = relevant & np.array([_holds(chunk.markdown, case.answer_span) for chunk in chunks])
        yield Example(
            collection.name,
            case,
            f"{case.locale}-{locale}",
            found.features.astype(np.float64),
            exact if exact.any() else relevant,
            search.snapshot.chunks.articles[found.rows],
            relevant,
        )


def fit(examples: Sequence[Example], prior: Array = PRIOR) -> Array:
    """Weights of one language pair by gradient ascent on the likelihood of the gold chunks."""
    usable = [e for e in examples if e.gold.any()]
    weights, momentum, speed = prior.copy(), np.zeros(len(prior)), np.zeros(len(prior))
    for step in range(1, 401):
        gradient = -RIDGE * (weights - prior)
        for example in usable:
            scores = example.features @ weights
            share = np.exp(scores - scores.max())
            among_gold = np.where(example.gold, share, 0)
            pull = among_gold / among_gold.sum() - share / share.sum()
            gradient += example.weight * (pull @ example.features) / len(usable)
        momentum = 0.9 * momentum + 0.1 * gradient
        speed = 0.99 * speed + 0.01 * gradient**2
        weights += 0.1 * (momentum / (1 - 0.9**step)) / (np.sqrt(speed / (1 - 0.99**step)) + 1e-8)
    return weights


def rank_of(example: Example, weights: Array) -> int:
    """Position of the first relevant article among distinct articles, from 1; 1000 when absent."""
    order = np.argsort(-(example.features @ weights), kind="stable")
    seen: dict[int, None] = {}
    for position in order:
        if example.relevant[position] and int(example.articles[position]) not in seen:
            return len(seen) + 1
        seen.setdefault(int(example.articles[position]))
    return 1000


def folds(examples: Sequence[Example]) -> Iterator[tuple[list[Example], list[Example]]]:
    order = np.random.default_rng(7).permutation(len(examples))
    for fold in range(FOLDS):
        held = {int(i) for i in order[fold::FOLDS]}
        yield (
            [e for i, e in enumerate(examples) if i not in held],
            [e for i, e in enumerate(examples) if i in held],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="keep indexes here between runs")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    folder = public_sets.required_data()
    with TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        examples = list(gather(folder, work))
    pairs = {
        pair: {
            " ".join(experts): fit_pair(pair, experts, examples)
            for experts in subsets(EXPERTS[pair])
        }
        for pair in PAIRS
    }
    write_weights(arguments.output, FEATURES, pairs)


def fit_pair(pair: str, experts: Sequence[str], examples: Sequence[Example]) -> list[float]:
    """Weights of a pair of languages with these experts; what they are worth is printed."""
    missing = [name for name in EXPERTS[pair] if name not in experts]
    of_pair = [_without(missing, e) for e in examples if e.pair == pair]
    report(" ".join((pair, *experts)), of_pair)
    return [float(weight) for weight in fit(of_pair)]


def subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All choices of experts, the whole first."""
    for size in range(len(names), -1, -1):
        yield from combinations(names, size)


def write_weights(
    path: Path, names: Sequence[str], pairs: Mapping[str, Mapping[str, Sequence[float]]]
) -> None:
    """What `bot.adapters.ranking` reads."""
    rounded = {
        pair: {experts: [round(w, 3) for w in weights] for experts, weights in by_experts.items()}
        for pair, by_experts in pairs.items()
    }
    path.write_text(json.dumps({"names": names, "pairs": rounded}, indent=1) + "\n", "utf-8")


def _without(experts: Sequence[str], example: Example) -> Example:
    """The candidates stay; what a missing expert alone proposed then hardly ranks high."""
    features = example.features.copy()
    features[:, [FEATURES.index(name) for name in experts]] = 0
    return dataclasses.replace(example, features=features)


def gather(folder: Path, work: Path) -> Iterator[Example]:
    for collection in (
        *public_sets.dev_qa(folder, work),
        public_sets.openproject_faq(folder, work),
        public_sets.huawei_faq(folder, work),
        public_sets.worktile_faq(folder, work),
    ):
        yield from collect(collection, work)
    for collection in public_sets.xquad(folder, work):
        few = Collection(collection.name, collection.folder, collection.cases[:150])
        yield from collect(few, work)


def report(name: str, examples: Sequence[Example]) -> None:
    """Cross-validated hit rates by collection."""
    ranks: dict[str, list[int]] = defaultdict(list)
    for train, test in folds(examples):
        weights = fit(train)
        for example in test:
            kind = " follow-ups" if example.case.history else ""
            ranks[example.collection + kind].append(rank_of(example, weights))
    for collection, found in ranks.items():
        rank = np.array(found)
        print(
            f"{name:22} {collection:28} n={len(rank):4} hit@1 {np.mean(rank <= 1):.3f}"
            f" hit@5 {np.mean(rank <= 5):.3f} found {np.mean(rank < 1000):.3f}"
        )


def _holds(markdown: str, span: str) -> bool:
    return bool(span) and "".join(span.split()) in "".join(markdown.split())


if __name__ == "__main__":
    main()
