"""What each part of the retrieval is worth: `python -m evals.compare_retrieval`.

Three tables over the development sets. The first asks the whole retriever, as `firstline search`
does, with the committed weights. The second takes features away; its weights are fitted on four
fifths of the questions and judged on the last one, in turn. The third takes fields and synonyms
away from BM25; the own cases are among its questions: no other knowledge base has a glossary.
"""

import argparse
import asyncio
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.adapters import ranking
from bot.adapters.ranking import FEATURES
from bot.adapters.snapshot_search import SnapshotSearch
from bot.domain.conversation import Locale
from bot.ports import Query
from bot.services.understanding import QuestionReader
from evals import compare_fields, public_sets
from evals.cases import OWN_CASES, Case, Collection, load_folder
from evals.fit_ranking import PAIRS, PRIOR, Example, collect, fit, folds, rank_of
from ingest.embedding.catalogue import choose_spaces
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from ingest.snapshot import Snapshot

DENSE = ("chunk", "sentence", "mean", "heading")
LEXICAL = ("lexical", "surface", "article")
VARIANTS: Mapping[str, Sequence[str]] = {
    "all-language chunk vectors": ("chunk",),
    "with sentences and headings": DENSE,
    "experts alone": ("english", "bilingual"),
    "BM25 alone": ("lexical",),
    "BM25, three views": LEXICAL,
    "chunk vectors and BM25": ("chunk", "lexical"),
    "all-language space and BM25": (*DENSE, *LEXICAL),
    "without the bilingual space": [name for name in FEATURES if name != "bilingual"],
    "without the English space": [name for name in FEATURES if name != "english"],
    "everything": FEATURES,
}
DEPTH = 10


def main() -> None:
    folder = public_sets.required_data()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="keep indexes here between runs")
    arguments = parser.parse_args()
    console = Console(width=140)
    with TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        collections = [
            *public_sets.dev_qa(folder, work),
            public_sets.openproject_faq(folder, work),
            public_sets.huawei_faq(folder, work),
            public_sets.worktile_faq(folder, work),
            *public_sets.colloquial(folder),
        ]
        examples = [example for collection in collections for example in collect(collection, work)]
        console.print(_whole_retriever(collections, work))
        console.print(_ablation(examples))
        console.print(compare_fields.compare(list(_snapshots(collections, work)), PAIRS))


def _snapshots(
    collections: Sequence[Collection], work: Path
) -> Iterator[tuple[Collection, Snapshot]]:
    for collection in collections:
        yield collection, SnapshotIndex(work / f"index-{collection.name}").load()
    (own,) = load_folder(OWN_CASES, work)
    index = SnapshotIndex(work / "index-own")
    ingest(own.folder, index, choose_spaces())
    yield own, index.load()


def _whole_retriever(collections: Sequence[Collection], work: Path) -> Table:
    table = Table("collection", "question", "n", "hit@1", "hit@5", "MRR", title="firstline search")
    for collection in collections:
        search = SnapshotSearch(
            SnapshotIndex(work / f"index-{collection.name}").load(), choose_spaces(), ranking.load()
        )
        groups: dict[str, list[int]] = {}
        for case in collection.cases:
            if case.relevant:
                kind = f"{case.locale}, follow-up" if case.history else case.locale.value
                groups.setdefault(kind, []).append(_rank(search, case))
        for kind, ranks in groups.items():
            table.add_row(collection.name, kind, str(len(ranks)), *_figures(ranks))
    return table


def _rank(search: SnapshotSearch, case: Case) -> int:
    """Position of the first relevant article, from 1; 1000 when it is not among the first ten."""
    understanding = asyncio.run(
        QuestionReader().understand(case.query, case.history, case.locale, Locale.EN)
    )
    query = Query.of(understanding, limit=DEPTH)
    found = [passage.path for passage in search.search(query).passages]
    return next((n for n, path in enumerate(found, 1) if path in case.relevant), 1000)


def _figures(ranks: Sequence[int]) -> tuple[str, str, str]:
    found = np.array(ranks)
    return (
        f"{np.mean(found <= 1):.3f}",
        f"{np.mean(found <= 5):.3f}",
        f"{np.mean(np.where(found < 1000, 1 / found, 0)):.3f}",
    )


def _ablation(examples: Sequence[Example]) -> Table:
    """hit@1/hit@5 by question and passage language, five folds."""
    table = Table("features", *PAIRS, title="features taken away, cross-validated, hit@1 / hit@5")
    for name, features in VARIANTS.items():
        columns = [FEATURES.index(feature) for feature in features]
        cells = []
        for pair in PAIRS:
            of_pair = [e for e in examples if e.pair == pair and e.case.relevant]
            hit1, hit5, _ = _figures(_cross_validate(of_pair, columns))
            cells.append(f"{hit1} / {hit5}  n={len(of_pair)}")
        table.add_row(name, *cells)
    return table


def _cross_validate(examples: Sequence[Example], columns: Sequence[int]) -> list[int]:
    kept = [dataclasses.replace(e, features=e.features[:, columns]) for e in examples]
    ranks: list[int] = []
    for train, test in folds(kept):
        weights = fit(train, PRIOR[list(columns)])
        ranks.extend(rank_of(example, weights) for example in test)
    return ranks


if __name__ == "__main__":
    main()
