"""When the desk is open: weekly shifts in a time zone, and the days on which they do not hold.

Time is counted between instants, so a night in which the clocks change is as long as it really was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.domain.errors import ConfigurationError

MINUTES_A_DAY = 24 * 60
LONGEST_SEARCH_DAYS = 5 * 366

_DAY = timedelta(days=1)


class BusinessTime(Protocol):
    """Time that passes only while it counts. Moments are aware; what is returned is in UTC."""

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """What counts between the two; nothing where `end` is not later."""
        ...

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment at which `amount` has elapsed since `start`."""
        ...


class AroundTheClock:
    """Every hour counts, nights and holidays as well."""

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        return max(timedelta(), end - start)

    def after(self, start: datetime, amount: timedelta) -> datetime:
        return start.astimezone(UTC) + amount


@dataclass(frozen=True, slots=True)
class Shift:
    """From one time of the day to another, in minutes after its midnight by the clock on the wall.

    A shift belongs to the day it begins on. It may end on the next one (22:00 to 06:00 is 1320 to
    1800), and goes on there even when that day is closed.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not self.start < self.end <= self.start + MINUTES_A_DAY:
            raise ValueError("a shift lasts longer than nothing and at most 24 hours")


class DayKind(StrEnum):
    ORDINARY = "ordinary"  # as the week says
    CLOSED = "closed"  # a holiday
    WORKING = "working"  # worked though the week may say otherwise: a make-up workday


class WorkingDays(Protocol):
    def kind(self, day: date) -> DayKind: ...


@dataclass(frozen=True, slots=True)
class ListedDays:
    """Days that were named, over what another source says of the others."""

    kinds: tuple[tuple[date, DayKind], ...] = ()
    others: WorkingDays | None = None

    def kind(self, day: date) -> DayKind:
        for listed, kind in self.kinds:
            if listed == day:
                return kind
        return self.others.kind(day) if self.others else DayKind.ORDINARY


Week = tuple[tuple[Shift, ...], ...]  # 7 days, Monday first


@dataclass(frozen=True)
class Calendar:
    """Business hours; an extra working day has the hours of the first weekday that has any."""

    zone: ZoneInfo
    week: Week
    days: WorkingDays = ListedDays()
    # The openings of a day in UTC; queues ask for the same days again and again.
    _known: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        if len(self.week) != len("MTWTFSS") or not any(self.week):
            raise ValueError("a week has 7 days, and the desk opens on one of them")

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        total = timedelta()
        if end <= start:
            return total
        for opens, closes in self._openings(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """Raises ConfigurationError where the desk is closed for years."""
        if amount <= timedelta():
            return start.astimezone(UTC)
        for opens, closes in self._openings(start):
            if amount <= closes - opens:
                return opens + amount
            amount -= closes - opens
        raise ConfigurationError(
            f"sla: the desk does not open often enough in the {LONGEST_SEARCH_DAYS} days after "
            f"{start:%Y-%m-%d}"
        )

    @cached_property
    def whole_days(self) -> "Calendar":
        """On a working day all 24 hours count: those that end when its last shift does.

        So the night before a working day counts, the evening before a weekend does not, and what
        came in on a closed day has until the next closing, not until a midnight when nobody is in.
        """
        return replace(self, week=tuple(_whole_day(shifts) for shifts in self.week))

    def shifts(self, day: date) -> tuple[Shift, ...]:
        match self.days.kind(day):
            case DayKind.CLOSED:
                return ()
            case DayKind.WORKING:
                return next(shifts for shifts in self.week if shifts)
            case DayKind.ORDINARY:
                return self.week[day.weekday()]

    def _openings(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """In order and apart from each other, none before `start`."""
        reached = start.astimezone(UTC)
        # A night shift reaches into the next day; zones have left out a day once in a while.
        day = reached.astimezone(self.zone).date() - 2 * _DAY
        for _ in range(LONGEST_SEARCH_DAYS):
            for opens, closes in self._openings_of(day):
                opens = max(opens, reached)
                if closes > opens:
                    yield opens, closes
                    reached = closes
            day += _DAY

    def _openings_of(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        if day not in self._known:
            self._known[day] = tuple(
                sorted(
                    (self._moment(day, shift.start), self._moment(day, shift.end))
                    for shift in self.shifts(day)
                )
            )
        return self._known[day]

    def _moment(self, day: date, minutes: int) -> datetime:
        """A time that comes twice is its first; one that is left out, as far after the gap."""
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        return wall.replace(tzinfo=self.zone).astimezone(UTC)


def _whole_day(shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
    if not shifts:
        return ()
    last = max(shift.end for shift in shifts)
    return (Shift(last - MINUTES_A_DAY, last),)
