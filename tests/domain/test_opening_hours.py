"""Business hours and exceptional days as they are written in a configuration."""

from datetime import date

import pytest

from bot.domain.business_time import DayKind, Shift
from bot.domain.opening_hours import parse_exceptions, parse_week

DAY = Shift(540, 1080)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon-Fri 09:00-18:00", [0, 1, 2, 3, 4]),
        ("mon,wed 9:00 - 18:00", [0, 2]),
        ("Sat-Mon 09:00-18:00", [0, 5, 6]),
        ("Tue-Wed, Fri 09:00-18:00", [1, 2, 4]),
        ("Mon 09:00-18:00; Thu 09:00-18:00", [0, 3]),
    ],
)
def test_days_are_names_and_spans_of_them(text: str, days: list[int]) -> None:
    assert parse_week(text) == tuple((DAY,) if day in days else () for day in range(7))


def test_a_day_may_have_several_shifts_in_any_order() -> None:
    morning, afternoon = Shift(540, 720), Shift(810, 1080)
    for text in ("Mon 13:30-18:00,09:00-12:00", "Mon 09:00-12:00; Mon 13:30-18:00"):
        assert parse_week(text)[0] == (morning, afternoon)


def test_hours_may_end_at_midnight_or_on_the_next_day() -> None:
    assert parse_week("Mon 18:00-24:00")[0] == (Shift(1080, 1440),)
    assert parse_week("Mon 18:00-00:00")[0] == (Shift(1080, 1440),)
    assert parse_week("Mon 22:00-06:00")[0] == (Shift(1320, 1800),)
    assert parse_week("24x7") == ((Shift(0, 1440),),) * 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "Mon-Fri",
        "09:00-18:00",
        "Mon-Fri 9-18",
        "Mon-Fri 09:00",
        "Mon-Fri 09:00-18:00;",
        "Moo-Fri 09:00-18:00",
        "Mon-Fri-Sat 09:00-18:00",
        "Mon 09:00-09:00",
        "Mon 09:00-25:00",
        "Mon 09:00-24:30",
        "Mon 24:00-24:00",
        "Mon 09:60-18:00",
        "Mon 09:00-12:00,11:00-18:00",
        "Mon-Fri 09:00-18:00; Wed 17:00-20:00",
        "Mon 20:00-06:00,22:00-23:00",
    ],
)
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written as|none of|no hours|overlap"):
        parse_week(text)


def test_exceptions_are_days_and_spans_of_them() -> None:
    assert parse_exceptions("") == ()
    assert parse_exceptions("2027-02-28 to 2027-03-01 closed, 2027-03-06  Open") == (
        (date(2027, 2, 28), DayKind.CLOSED),
        (date(2027, 3, 1), DayKind.CLOSED),
        (date(2027, 3, 6), DayKind.WORKING),
    )


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-05",
        "closed",
        "2027-02-05 shut",
        "2027-02-30 closed",
        "05.02.2027 closed",
        "2027-02-05 to 2027-02-01 closed",
        "2027-02-05 to 2037-02-01 closed",
        "2027-02-05 closed, 2027-02-05 open",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written as|no span|both|day"):
        parse_exceptions(text)
