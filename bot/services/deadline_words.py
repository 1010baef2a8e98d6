"""A deadline as somebody would say it, in the customer's language and on the customer's clock."""

from datetime import UTC, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import format_skeleton, get_timezone_location

from bot.domain.conversation import Locale
from bot.ports import Prompts

IN_MINUTES = timedelta(hours=1)  # up to here the wait is told, beyond it the time of day
STEP_MINUTES = 5

# Day before month, as the English of people who write 17:00.
_CLDR_LOCALE = {Locale.EN: "en_GB", Locale.ZH: "zh"}
_CHINA = "Asia/Shanghai"
_NO_PLACE = ("Etc/", "GMT", "UTC")


class DeadlineWords:
    def __init__(self, prompts: Prompts, zone: ZoneInfo) -> None:
        """`zone` is that of the desk."""
        self._prompts = prompts
        self._zone = zone

    def say(self, due: datetime, now: datetime, locale: Locale, timezone: str | None) -> str:
        """Rounded up: who keeps the deadline has kept what was said."""
        left = due - now
        if left <= timedelta():
            return self._text(locale, "late")
        if left <= IN_MINUTES:
            minutes = STEP_MINUTES * ceil(left / timedelta(minutes=STEP_MINUTES))
            if minutes >= IN_MINUTES / timedelta(minutes=1):
                return self._text(locale, "hour")
            return self._text(locale, "minutes", minutes=str(minutes))
        own = _zone_named(timezone)
        where = "" if own else self._place(locale, due)
        return self._moment(due, now, locale, own or self._zone, where)

    def _moment(
        self, due: datetime, now: datetime, locale: Locale, zone: ZoneInfo, where: str
    ) -> str:
        local = _whole_minute(due).astimezone(zone)
        day, time = local.date(), f"{local:%H:%M}"
        if time == "00:00":  # nobody is sure which of its two days a midnight belongs to
            day, time = day - timedelta(days=1), "24:00"
        today = now.astimezone(zone).date()
        values = {"time": time, "where": where}
        if day <= today:
            return self._text(locale, "today", **values)
        if day == today + timedelta(days=1):
            return self._text(locale, "tomorrow", **values)
        skeleton = "MMMMEEEEd" if day.year == today.year else "yMMMMEEEEd"
        named = format_skeleton(skeleton, day, locale=_CLDR_LOCALE[locale])
        return self._text(locale, "later", day=named, **values)

    def _place(self, locale: Locale, at: datetime) -> str:
        """Whose time it is: a city's, or that far from UTC."""
        key = self._zone.key
        key = get_global("zone_aliases").get(key, key)
        if key == _CHINA:
            return self._text(locale, "in_china")
        if key.startswith(_NO_PLACE):
            offset = at.astimezone(self._zone).strftime("%z")
            shown = "" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
            return self._text(locale, "from_utc", offset=shown)
        city = get_timezone_location(self._zone, locale=locale.value, return_city=True)
        return self._text(locale, "in_city", city=city)

    def _text(self, locale: Locale, name: str, **values: str) -> str:
        return self._prompts.text("deadline", locale, name, **values).strip()


def _zone_named(name: str | None) -> ZoneInfo | None:
    """What a browser tells may be anything; then the desk's own zone serves."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return None


def _whole_minute(moment: datetime) -> datetime:
    floor = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)
