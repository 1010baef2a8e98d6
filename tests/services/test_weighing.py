"""What is past its review today, and what goes before it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.domain.conversation import Locale
from bot.domain.knowledge import Evidence, Passage
from bot.services.weighing import Weigher
from tests.services.passages import passage

TODAY = date(2026, 11, 20)
WEIGHER = Weigher(lambda: datetime(2026, 11, 20, 23, 59, tzinfo=UTC))


def article(path: str, score: float, review_by: date | None = None) -> Passage:
    return replace(passage("Fields hold values.", path=path), score=score, review_by=review_by)


OLD = article("en/old.md", 0.5, date(2026, 11, 19))


def weigh(*passages: Passage) -> Evidence:
    return WEIGHER.weigh(Evidence(passages, 0.6, "snapshot-1", terms=3))


@pytest.mark.parametrize(
    ("review_by", "stale"),
    [(date(2026, 11, 19), True), (TODAY, False), (date(2027, 1, 1), False), (None, False)],
)
def test_an_article_is_stale_from_the_day_after_its_review_was_due(
    review_by: date | None, stale: bool
) -> None:
    weighed = weigh(article("en/a.md", 0.5, review_by))
    assert weighed.is_stale(weighed.passages[0]) == stale


def test_a_fresh_passage_about_as_good_goes_first() -> None:
    near, fresh = article("en/old2.md", 0.45, OLD.review_by), article("en/new.md", 0.4)
    assert weigh(OLD, near, fresh).passages == (fresh, OLD, near)


@pytest.mark.parametrize(
    "other",
    [article("en/new.md", 0.3), replace(article("zh/new.md", 0.45), locale=Locale.ZH)],
    ids=["worse", "other language"],
)
def test_a_worse_one_does_not(other: Passage) -> None:
    assert weigh(OLD, other).passages == (OLD, other)


def test_fresh_passages_keep_their_order() -> None:
    first, second = article("en/a.md", 0.41), article("en/b.md", 0.4)
    evidence = Evidence((first, second, OLD), 0.6, "snapshot-1", terms=3)
    assert WEIGHER.weigh(evidence) == replace(evidence, stale=frozenset({OLD.id}))


def test_nothing_found_weighs_nothing() -> None:
    assert weigh() == Evidence((), 0.6, "snapshot-1", terms=3)
