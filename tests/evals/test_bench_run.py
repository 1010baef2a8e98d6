from collections.abc import Iterator

from evals.bench.figures import Figure, Results, Section
from evals.bench.run import QUICK, Plan, measure

SECTION = Section("Search")


def _figures(*values: float, broken: bool = False) -> Iterator[Figure]:
    for value in values:
        yield SECTION.counted("search", value, "ms")
    if broken:
        raise ValueError("no index")


def test_a_part_that_fails_stops_no_other() -> None:
    results, announced = Results({}), list[str]()
    parts = [("first", _figures(1, 2, broken=True)), ("second", _figures(3))]

    measure(parts, results, announced.append)

    assert [figure.p50 for figure in results.figures] == [1, 2, 3]
    assert results.failures == ["first: no index"]
    assert announced == ["first", "second"]


def test_nothing_fails_without_a_word() -> None:
    results = Results({})

    measure([("only", _figures(1))], results, lambda part: None)

    assert results.failures == []


def test_quick_is_less_of_everything() -> None:
    full = Plan()

    assert QUICK.rounds < full.rounds
    assert QUICK.chunks < full.chunks
    assert QUICK.pages is not None
    assert full.pages is None
