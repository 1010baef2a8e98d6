"""What each field of an article and the synonyms are worth to BM25, with nothing else beside it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.table import Table

from bot.adapters.snapshot_query import SYNONYM_WEIGHT
from evals.cases import Case, Collection
from ingest.article import Chunk
from ingest.chunk_table import LOCALES
from ingest.glossary import Glossary, general_synonyms
from ingest.lexical import LexicalIndex, tokenise, weigh
from ingest.snapshot import Snapshot

FIELDS = ("title", "headings", "body", "questions")
NOTHING_FOUND = 1000


@dataclass(frozen=True, slots=True)
class Variant:
    fields: Sequence[str] = FIELDS
    glossary: bool = True  # of the knowledge base
    synonyms: bool = True  # of such software at large


VARIANTS: Mapping[str, Variant] = {
    "all": Variant(),
    **{f"without {name}": Variant([f for f in FIELDS if f != name]) for name in FIELDS},
    "without the glossary": Variant(glossary=False),
    "without general synonyms": Variant(synonyms=False),
    "without either": Variant(glossary=False, synonyms=False),
}


@dataclass(slots=True)
class Ranks:
    """Positions of the first relevant article, by languages of question and article."""

    by_pair: dict[str, list[int]] = field(default_factory=dict)

    def cell(self, pair: str) -> str:
        found = np.array(self.by_pair.get(pair, ()))
        if not len(found):
            return ""
        return f"{np.mean(found <= 1):.3f} / {np.mean(found <= 5):.3f}  n={len(found)}"


def compare(snapshots: Sequence[tuple[Collection, Snapshot]], pairs: Sequence[str]) -> Table:
    """Questions that stand alone, over whole articles."""
    table = Table("BM25 over", *pairs, title="fields and synonyms taken away, hit@1 / hit@5")
    for name, variant in VARIANTS.items():
        ranks = Ranks()
        for collection, snapshot in snapshots:
            for pair, rank in _ranks(collection, snapshot, variant):
                ranks.by_pair.setdefault(pair, []).append(rank)
        table.add_row(name, *map(ranks.cell, pairs))
    return table


def _ranks(
    collection: Collection, snapshot: Snapshot, variant: Variant
) -> Iterator[tuple[str, int]]:
    for locale in LOCALES:
        chunks = [chunk for chunk in snapshot.chunks if chunk.locale == locale]
        articles: dict[str, Counter[str]] = {}
        for chunk in chunks:
            articles.setdefault(chunk.path, Counter()).update(_weigh(chunk, variant.fields))
        index = LexicalIndex.build(articles.values())
        glossaries = _glossaries(snapshot, variant)
        for case in collection.cases:
            if set(case.relevant) & articles.keys() and not case.history:
                yield f"{case.locale}-{locale}", _rank(case, index, list(articles), glossaries)


def _weigh(chunk: Chunk, fields: Sequence[str]) -> Counter[str]:
    texts = {
        "title": chunk.title,
        "headings": " ".join(chunk.heading_path),
        "body": chunk.plain,
        "questions": " ".join(chunk.questions),
    }
    return weigh([(1.0, texts[name]) for name in fields])


def _glossaries(snapshot: Snapshot, variant: Variant) -> list[Glossary]:
    general = [general_synonyms()] if variant.synonyms else []
    return [*general, snapshot.glossary] if variant.glossary else general


def _rank(
    case: Case, index: LexicalIndex, paths: Sequence[str], glossaries: Sequence[Glossary]
) -> int:
    terms = tokenise(case.query)
    synonyms = {
        term: SYNONYM_WEIGHT * share
        for glossary in glossaries
        for term, share in glossary.synonyms(terms).items()
    }
    scores = index.match(terms, synonyms).scores
    order = np.argsort(-scores, kind="stable")
    found = (n for n, row in enumerate(order, 1) if paths[row] in case.relevant and scores[row] > 0)
    return next(found, NOTHING_FOUND)
