from pathlib import Path

from bot.domain.conversation import Locale
from bot.domain.knowledge import Evidence
from bot.ports import Query
from evals.bench.figures import Section
from evals.bench.search_speed import WARM_UPS, asked_spaces, measure_search
from evals.cases import Case, Collection
from ingest.embedding.space import Space


def _space(name: str, *languages: str) -> Space:
    def load() -> None:
        raise AssertionError("nothing is to be embedded")

    return Space(name, name, "0" * 64, 8, frozenset(languages), load)  # type: ignore[arg-type]


SPACES = [_space("multilingual", "zh", "en"), _space("english", "en")]
CASES = (
    Case("en-1", Locale.EN, "How do I export?"),
    Case("en-2", Locale.EN, "Where is the trash?"),
    Case("zh-1", Locale.ZH, "怎么导出？"),
)


class FakeSearch:
    def __init__(self) -> None:
        self.queries: list[Query] = []

    def search(self, query: Query) -> Evidence:
        self.queries.append(query)
        return Evidence((), 0.0, "s1")


def test_each_language_is_measured_with_its_own_spaces() -> None:
    search = FakeSearch()
    suite = Collection("kb", Path("kb"), CASES)

    figures = list(measure_search(Section("Search"), suite, search, 30, SPACES))

    by_name = {figure.name: figure for figure in figures}
    chinese, english = by_name["kb, zh questions"], by_name["kb, en questions"]
    assert (chinese.n, chinese.spaces) == (30, ("multilingual",))
    assert (english.n, english.spaces) == (30, ("multilingual", "english"))
    assert english.note == "2 different questions"
    assert len(search.queries) == 60 + WARM_UPS


def test_an_expert_is_asked_in_its_language_only() -> None:
    assert asked_spaces(SPACES, Locale.ZH) == ["multilingual"]
    assert asked_spaces(SPACES, Locale.EN) == ["multilingual", "english"]
