from bot.domain.conversation import Locale
from evals.bench.comparison import is_hit
from evals.cases import Case

CASE = Case("1", Locale.EN, "How do I export?", ("export.md", "csv.md"))


def test_any_of_the_relevant_pages_is_a_hit() -> None:
    assert is_hit(CASE, ["a.md", "csv.md"])
    assert not is_hit(CASE, ["a.md", "b.md"])


def test_only_the_first_five_different_pages_count() -> None:
    assert is_hit(CASE, ["a", "a", "a", "b", "c", "d", "export.md"])
    assert not is_hit(CASE, ["a", "b", "c", "d", "e", "export.md"])
