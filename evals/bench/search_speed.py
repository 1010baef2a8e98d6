"""Search inside one process: from the question to the ranked passages, encoding included."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from bot.domain.conversation import Locale
from bot.domain.knowledge import Evidence
from bot.ports import Query
from evals.bench.corpora import alternate, by_locale, spread
from evals.bench.figures import Figure, Section, Stopwatch
from evals.cases import Case, Collection
from ingest.embedding.space import Space

WARM_UPS = 5


class Search(Protocol):
    def search(self, query: Query) -> Evidence: ...


def measure_search(
    section: Section, suite: Collection, search: Search, n: int, spaces: Sequence[Space]
) -> Iterator[Figure]:
    """One figure for each language that has questions, of n searches each."""
    groups = by_locale(suite.cases)
    watches = {locale: Stopwatch() for locale in groups}
    for case in spread(suite.cases, WARM_UPS):
        search.search(as_query(case))
    for case in alternate(suite.cases, n):
        query = as_query(case)
        with watches[case.locale].lap():
            search.search(query)
    for locale, watch in watches.items():
        yield section.measured(
            f"{suite.name}, {locale} questions",
            watch.samples_ms,
            "ms",
            spaces=asked_spaces(spaces, locale),
            note=f"{len(groups[locale])} different questions",
        )


def asked_spaces(spaces: Sequence[Space], locale: Locale) -> list[str]:
    """The spaces that a question of this language is encoded in."""
    return [space.name for space in spaces if locale in space.languages]


def as_query(case: Case) -> Query:
    return Query(text=case.query, locale=case.locale)
