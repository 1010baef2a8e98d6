"""Public holidays and make-up workdays of a country, from the data of the `holidays` package."""

import logging
from datetime import date

import holidays

from bot.domain.business_time import DayKind
from bot.domain.errors import ConfigurationError

# A country that moved working days this many years ago or later is expected to do it again.
YEARS_BEFORE = 3

log = logging.getLogger(__name__)


class PublicHolidays:
    """Of a country or a part of it: `CN`, `DE-BY`. Raises ConfigurationError for others."""

    def __init__(self, country: str) -> None:
        self._country = country
        code, _, subdivision = country.partition("-")
        try:
            self._days = holidays.country_holidays(code, subdiv=subdivision or None)
        except NotImplementedError as error:
            raise ConfigurationError(f"setting sla.country: {error}") from error
        self._known_years: set[int] = set()

    def kind(self, day: date) -> DayKind:
        self._look_up(day.year)
        if day in self._days.weekend_workdays:
            return DayKind.WORKING
        return DayKind.CLOSED if day in self._days else DayKind.ORDINARY

    def gap(self, year: int) -> str | None:
        """What is not known of a year: governments announce make-up workdays shortly before it."""
        for earlier in range(year - YEARS_BEFORE, year + 1):
            _ = date(earlier, 1, 1) in self._days  # fills in that year
        moved = {day.year for day in self._days.weekend_workdays}
        if year in moved or not moved.intersection(range(year - YEARS_BEFORE, year)):
            return None
        return (
            f"sla: no make-up workdays of {self._country} are known for {year}, only its public "
            "holidays; once they are announced, update the package `holidays` or name the days in "
            "sla.exceptions"
        )

    def _look_up(self, year: int) -> None:
        if year not in self._known_years:
            self._known_years.add(year)
            if gap := self.gap(year):
                log.warning(gap)
