"""Business hours and exceptional days as somebody writes them down. Errors are ValueError."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from bot.domain.business_time import MINUTES_A_DAY, DayKind, Shift, Week

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AROUND_THE_CLOCK = "24x7"
LONGEST_EXCEPTION_DAYS = 366

_DAYS = re.compile(r"[a-z]{3}(?:-[a-z]{3})?(?:,[a-z]{3}(?:-[a-z]{3})?)*")
_HOURS = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")
_EXCEPTION = re.compile(r"(\d{4}-\d\d-\d\d)(?: to (\d{4}-\d\d-\d\d))? (closed|open)")
_KINDS = {"closed": DayKind.CLOSED, "open": DayKind.WORKING}


def parse_week(text: str) -> Week:
    """`Mon-Fri 09:00-12:00,13:30-18:00; Sat 10:00-14:00`, or `24x7`.

    Hours that end before they begin end on the next day: `Mon-Fri 22:00-06:00`.
    """
    if text.strip().lower() == AROUND_THE_CLOCK:
        text = "Mon-Sun 00:00-24:00"
    week: list[list[Shift]] = [[] for _ in WEEKDAYS]
    for group in text.lower().split(";"):
        days, _, hours = re.sub(r"\s*([,-])\s*", r"\1", group.strip()).partition(" ")
        if not _DAYS.fullmatch(days) or not hours:
            raise ValueError(
                f"business hours are written as 'Mon-Fri 09:00-12:00,13:30-18:00; Sat 10:00-14:00' "
                f"or '{AROUND_THE_CLOCK}', not {group.strip()!r}"
            )
        shifts = [_parse_shift(part) for part in hours.strip().split(",")]
        for day in _weekdays(days):
            week[day].extend(shifts)
    for number, shifts in enumerate(week):
        _check_apart(shifts, WEEKDAYS[number].capitalize())
    return tuple(tuple(sorted(shifts, key=lambda shift: shift.start)) for shifts in week)


def parse_exceptions(text: str) -> tuple[tuple[date, DayKind], ...]:
    """`2027-02-05 to 2027-02-11 closed, 2027-02-20 open`; empty for none."""
    kinds: dict[date, DayKind] = {}
    for part in filter(None, (part.strip() for part in text.lower().split(","))):
        match = _EXCEPTION.fullmatch(" ".join(part.split()))
        if match is None:
            raise ValueError(
                "exceptional days are written as '2027-02-05 to 2027-02-11 closed, "
                f"2027-02-20 open', not {part!r}"
            )
        first = date.fromisoformat(match[1])
        last = date.fromisoformat(match[2] or match[1])
        if not 0 <= (last - first).days < LONGEST_EXCEPTION_DAYS:
            raise ValueError(f"from {first} to {last} is no span of days")
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            if kinds.setdefault(day, _KINDS[match[3]]) is not _KINDS[match[3]]:
                raise ValueError(f"{day} is both closed and open")
    return tuple(kinds.items())


def _weekdays(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        for name in (first, last or first):
            if name not in WEEKDAYS:
                raise ValueError(f"{name!r} is none of {', '.join(WEEKDAYS).title()}")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        yield from ((start + n) % 7 for n in range((end - start) % 7 + 1))


def _parse_shift(text: str) -> Shift:
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"hours are written as 09:00-18:00, not {text.strip()!r}")
    start, end = (60 * int(match[n]) + int(match[n + 1]) for n in (1, 3))
    if start >= MINUTES_A_DAY or end > MINUTES_A_DAY or start == end:
        raise ValueError(f"{text.strip()} are no hours of a day; a whole one is 00:00-24:00")
    return Shift(start, end if end > start else end + MINUTES_A_DAY)


def _check_apart(shifts: list[Shift], day: str) -> None:
    ordered = sorted(shifts, key=lambda shift: shift.start)
    for earlier, later in pairwise(ordered):
        if later.start < earlier.end:
            raise ValueError(f"the hours of {day} overlap")
