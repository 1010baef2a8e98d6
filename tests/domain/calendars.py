"""Desks of all kinds, and moments around the days on which their clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.domain.business_time import AroundTheClock, Calendar, DayKind, ListedDays
from bot.domain.opening_hours import parse_exceptions, parse_week

WEEKS = (
    "Mon-Fri 09:00-18:00",
    "Mon-Fri 09:00-12:00,13:30-18:00; Sat 10:00-14:00",
    "Mon-Fri 22:00-06:00; Sun 01:00-03:30",
    "Mon-Sun 00:00-02:30,02:45-24:00",
    "Wed 12:00-13:00",
    "24x7",
)
ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kathmandu",
    "UTC",
)
DAYS = ListedDays(
    (
        *parse_exceptions("2026-03-06 to 2026-03-09 closed, 2026-10-01 to 2026-10-07 closed"),
        *((day, DayKind.WORKING) for day in (date(2026, 2, 28), date(2026, 10, 10))),
    )
)
CALENDARS = tuple(
    Calendar(ZoneInfo(zone), parse_week(week), DAYS) for zone in ZONES for week in WEEKS
)
BUSINESS_TIMES = (*CALENDARS, *(calendar.whole_days for calendar in CALENDARS), AroundTheClock())

MOMENTS = st.datetimes(
    datetime(2026, 2, 20), datetime(2026, 11, 20), timezones=st.just(UTC)
) | st.sampled_from(
    [datetime(2026, 3, 8), datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2026, 11, 1)]
).flatmap(
    lambda day: st.timedeltas(timedelta(hours=-30), timedelta(hours=30)).map(
        lambda offset: day.replace(tzinfo=UTC) + offset
    )
)
AMOUNTS = st.timedeltas(timedelta(microseconds=1), timedelta(hours=30))
