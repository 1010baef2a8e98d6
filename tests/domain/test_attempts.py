"""How fast somebody may try."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.attempts import Attempts, Pace, attempt, forgotten_at

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
PACE = Pace(free=3, first=SECOND, longest=MINUTE, forgets_one_in=10 * MINUTE)


def try_when_told(pace: Pace, count: int) -> list[timedelta]:
    """The waits of somebody who never tries too early."""
    known, at, waits = None, NOON, []
    for _ in range(count):
        made = attempt(known, pace, at)
        waits.append(made.wait)
        if not made.is_counted:
            at += made.wait
            made = attempt(known, pace, at)
            assert made.is_counted
        known = made.attempts
    return waits


def test_waits_grow_to_the_longest() -> None:
    seconds = [wait.total_seconds() for wait in try_when_told(PACE, 12)]
    assert seconds == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_what_is_too_early_changes_nothing() -> None:
    known = Attempts(5, NOON)
    made = attempt(known, PACE, NOON + SECOND)
    assert (made.is_counted, made.wait, made.attempts) == (False, 3 * SECOND, known)


def test_failures_are_forgotten_one_by_one() -> None:
    known = Attempts(3, NOON)
    assert attempt(known, PACE, NOON + 20 * MINUTE).attempts.level == 2
    assert forgotten_at(known, PACE) == NOON + 30 * MINUTE
    assert attempt(known, PACE, NOON + 45 * MINUTE).attempts.level == 1


def test_clock_that_goes_back_opens_nothing() -> None:
    assert attempt(Attempts(3, NOON), PACE, NOON - MINUTE).wait == SECOND


def test_very_many_failures_wait_the_longest() -> None:
    assert PACE.wait(1e9) == MINUTE


@given(st.lists(st.integers(0, 3000), max_size=200))
def test_nobody_tries_more_often_than_the_pace_allows(steps_s: list[int]) -> None:
    """However the tries are spread: in any hour at most the free ones, what an hour forgets, and
    one for each of the longest waits."""
    known, at, counted = None, NOON, []
    for step in steps_s:
        at += step * SECOND
        made = attempt(known, PACE, at)
        known = made.attempts
        if made.is_counted:
            counted.append(at)
    for first in counted:
        within = sum(first <= one < first + 60 * MINUTE for one in counted)
        assert within <= PACE.free + 6 + 60 + 1
