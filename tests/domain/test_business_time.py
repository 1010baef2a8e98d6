"""Hours that count, whatever the clocks on the wall do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.business_time import AroundTheClock, Calendar, DayKind, ListedDays, Shift
from bot.domain.errors import ConfigurationError
from bot.domain.opening_hours import parse_week
from tests.domain.calendars import AMOUNTS, BUSINESS_TIMES, MOMENTS

SHANGHAI, NEW_YORK, BERLIN = (
    ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Europe/Berlin")
)
LUNCH = parse_week("Mon-Fri 09:00-12:00,13:30-18:00")
NIGHT = parse_week("Mon-Fri 22:00-06:00")
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


def at(zone: ZoneInfo, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=zone)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ((2026, 11, 30, 9), 1, (2026, 11, 30, 10)),
        ((2026, 11, 30, 11), 1, (2026, 11, 30, 12)),  # at the beginning of lunch, not after it
        ((2026, 11, 30, 11), 2, (2026, 11, 30, 14, 30)),
        ((2026, 11, 30, 12, 30), 1, (2026, 11, 30, 14, 30)),
        ((2026, 11, 30, 7), 1, (2026, 11, 30, 10)),
        ((2026, 11, 27, 17, 30), 1, (2026, 11, 30, 9, 30)),
        ((2026, 11, 28, 12), 8, (2026, 12, 1, 9, 30)),
    ],
)
def test_business_hours_leave_out_lunch_nights_and_weekends(
    start: tuple[int, ...], hours: int, due: tuple[int, ...]
) -> None:
    calendar = Calendar(SHANGHAI, LUNCH)
    assert calendar.after(at(SHANGHAI, *start), hours * HOUR) == at(SHANGHAI, *due)


def test_a_closed_day_is_left_out_and_an_extra_one_is_worked_like_a_monday() -> None:
    friday, saturday = date(2026, 11, 27), date(2026, 11, 28)
    days = ListedDays(((friday, DayKind.CLOSED), (saturday, DayKind.WORKING)))
    calendar = Calendar(SHANGHAI, LUNCH, days)
    thursday_evening = at(SHANGHAI, 2026, 11, 26, 19)
    assert calendar.after(thursday_evening, HOUR) == at(SHANGHAI, 2026, 11, 28, 10)
    assert calendar.after(thursday_evening, 8 * HOUR) == at(SHANGHAI, 2026, 11, 30, 9, 30)


def test_listed_days_go_before_other_ones() -> None:
    day = date(2026, 12, 25)
    beneath = ListedDays(((day, DayKind.CLOSED), (date(2026, 12, 26), DayKind.CLOSED)))
    listed = ListedDays(((day, DayKind.WORKING),), beneath)
    assert listed.kind(day) is DayKind.WORKING
    assert listed.kind(date(2026, 12, 26)) is DayKind.CLOSED
    assert listed.kind(date(2026, 12, 27)) is DayKind.ORDINARY


@pytest.mark.parametrize(
    ("zone", "evening", "hours"),
    [
        (NEW_YORK, (2026, 3, 6, 20), 8),
        (NEW_YORK, (2026, 3, 7, 20), 7),  # forward: the night is shorter
        (NEW_YORK, (2026, 10, 31, 20), 9),  # back: it is longer
        (BERLIN, (2026, 3, 28, 20), 7),
        (BERLIN, (2026, 10, 24, 20), 9),
        (SHANGHAI, (2026, 3, 7, 20), 8),
        (ZoneInfo("Australia/Lord_Howe"), (2026, 10, 3, 20), 7.5),  # by half an hour
        (ZoneInfo("Australia/Lord_Howe"), (2026, 4, 4, 20), 8.5),
    ],
)
def test_a_night_shift_is_as_long_as_it_really_was(
    zone: ZoneInfo, evening: tuple[int, ...], hours: float
) -> None:
    calendar = Calendar(zone, parse_week("Mon-Sun 22:00-06:00"))
    start = at(zone, *evening)
    assert calendar.elapsed(start, start + 16 * HOUR) == hours * HOUR


def test_a_shift_that_begins_on_a_working_night_ends_on_the_holiday() -> None:
    tuesday = date(2026, 12, 1)
    calendar = Calendar(BERLIN, NIGHT, ListedDays(((tuesday, DayKind.CLOSED),)))
    monday, thursday = at(BERLIN, 2026, 11, 30, 12), at(BERLIN, 2026, 12, 3, 12)
    assert calendar.elapsed(monday, thursday) == 16 * HOUR  # Monday's night and Wednesday's


@pytest.mark.parametrize(
    ("week", "hours"),
    [("Sun 02:30-03:00", 0), ("Sun 02:30-04:00", 0.5), ("Sun 01:00-02:30,03:00-05:00", 3)],
)
def test_hours_that_the_clock_jumps_over_are_counted_once_or_never(week: str, hours: float) -> None:
    start = at(NEW_YORK, 2026, 3, 8, 0)
    assert Calendar(NEW_YORK, parse_week(week)).elapsed(start, start + 10 * HOUR) == hours * HOUR


@pytest.mark.parametrize("name", ["America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "Asia/Gaza"])
def test_a_week_without_a_gap_is_around_the_clock(name: str) -> None:
    """Also where clocks change at midnight, and where a day was left out."""
    calendar = Calendar(ZoneInfo(name), parse_week("24x7"))
    start = datetime(2011, 1, 1, tzinfo=UTC)
    assert calendar.elapsed(start, start + timedelta(days=800)) == timedelta(days=800)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ((2026, 11, 30, 15), (2026, 12, 1, 15)),  # Monday
        ((2026, 11, 27, 15), (2026, 11, 30, 15)),  # Friday
        ((2026, 11, 27, 20), (2026, 11, 30, 18)),
        ((2026, 11, 28, 12), (2026, 11, 30, 18)),  # Saturday: when the desk closes on Monday
        ((2026, 11, 30, 3), (2026, 12, 1, 3)),
    ],
)
def test_a_working_day_has_24_hours(start: tuple[int, ...], due: tuple[int, ...]) -> None:
    calendar = Calendar(SHANGHAI, LUNCH).whole_days
    assert calendar.after(at(SHANGHAI, *start), 24 * HOUR) == at(SHANGHAI, *due)


def test_a_desk_that_stays_closed_is_said_to() -> None:
    class Holidays:
        def kind(self, day: date) -> DayKind:
            return DayKind.CLOSED

    with pytest.raises(ConfigurationError, match="does not open"):
        Calendar(BERLIN, LUNCH, Holidays()).after(at(BERLIN, 2026, 11, 30), HOUR)


@pytest.mark.parametrize("week", [(), ((),) * 7, ((Shift(540, 600),),) * 6])
def test_a_week_has_seven_days_and_hours(week: tuple[tuple[Shift, ...], ...]) -> None:
    with pytest.raises(ValueError, match="a week has 7 days"):
        Calendar(BERLIN, week)


@pytest.mark.parametrize(("start", "end"), [(600, 600), (600, 500), (0, 1441)])
def test_a_shift_is_no_longer_than_a_day(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="a shift lasts"):
        Shift(start, end)


@given(st.sampled_from(BUSINESS_TIMES), MOMENTS, AMOUNTS)
def test_due_is_the_first_moment_at_which_the_amount_has_elapsed(
    counted: Calendar | AroundTheClock, start: datetime, amount: timedelta
) -> None:
    due = counted.after(start, amount)
    assert due > start
    assert counted.elapsed(start, due) == amount
    assert counted.elapsed(start, due - MICROSECOND) == amount - MICROSECOND


@given(st.sampled_from(BUSINESS_TIMES), st.lists(MOMENTS, min_size=3, max_size=3))
def test_time_adds_up_and_never_runs_backwards(
    counted: Calendar | AroundTheClock, moments: list[datetime]
) -> None:
    start, middle, end = sorted(moments)
    whole = counted.elapsed(start, end)
    assert whole == counted.elapsed(start, middle) + counted.elapsed(middle, end)
    assert timedelta() <= whole <= end - start
    assert counted.elapsed(end, start) == timedelta()


@given(st.sampled_from(BUSINESS_TIMES), MOMENTS, MOMENTS, AMOUNTS)
def test_who_comes_later_is_never_served_earlier(
    counted: Calendar | AroundTheClock, one: datetime, other: datetime, amount: timedelta
) -> None:
    earlier, later = sorted((one, other))
    assert counted.after(earlier, amount) <= counted.after(later, amount)


@given(MOMENTS, AMOUNTS)
def test_nothing_is_due_at_once(start: datetime, amount: timedelta) -> None:
    assert Calendar(BERLIN, LUNCH).after(start, -amount) == start
