"""Holidays and make-up workdays; 2026 is announced, later years of China are not in these data."""

import logging
from datetime import date

import pytest

from bot.adapters.public_holidays import PublicHolidays
from bot.domain.business_time import DayKind
from bot.domain.errors import ConfigurationError


@pytest.mark.parametrize(
    ("country", "day", "kind"),
    [
        ("CN", date(2026, 10, 1), DayKind.CLOSED),
        ("CN", date(2026, 10, 7), DayKind.CLOSED),  # a weekday that is made up for
        ("CN", date(2026, 10, 10), DayKind.WORKING),  # the Saturday that makes up for it
        ("CN", date(2026, 2, 14), DayKind.WORKING),
        ("CN", date(2026, 10, 8), DayKind.ORDINARY),
        ("CN", date(2026, 10, 17), DayKind.ORDINARY),
        ("DE", date(2026, 12, 25), DayKind.CLOSED),
        ("DE", date(2026, 1, 6), DayKind.ORDINARY),
        ("DE-BY", date(2026, 1, 6), DayKind.CLOSED),
        ("US", date(2027, 7, 5), DayKind.CLOSED),  # observed on the Monday after
    ],
)
def test_a_day_is_what_its_country_makes_of_it(country: str, day: date, kind: DayKind) -> None:
    assert PublicHolidays(country).kind(day) is kind


def test_a_year_whose_make_up_days_are_not_known_has_its_holidays_and_a_note(
    caplog: pytest.LogCaptureFixture,
) -> None:
    days = PublicHolidays("CN")
    year = next(year for year in range(2027, 2100) if days.gap(year))
    with caplog.at_level(logging.WARNING):
        assert days.kind(date(year, 10, 1)) is DayKind.CLOSED
        days.kind(date(year, 10, 2))
    assert [record.getMessage() for record in caplog.records] == [days.gap(year)]
    assert f"no make-up workdays of CN are known for {year}" in caplog.text
    assert "sla.exceptions" in caplog.text


@pytest.mark.parametrize(("country", "year"), [("CN", 2026), ("DE", 2027), ("US", 2027)])
def test_where_nothing_is_missing_nothing_is_noted(country: str, year: int) -> None:
    assert PublicHolidays(country).gap(year) is None


@pytest.mark.parametrize("country", ["XX", "china", "US-ZZ", "-"])
def test_a_country_that_is_not_known_is_named(country: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sla\.country"):
        PublicHolidays(country)
