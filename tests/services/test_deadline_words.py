"""How a deadline is said, in both languages and on anybody's clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Locale
from bot.services.deadline_words import DeadlineWords

SHANGHAI = ZoneInfo("Asia/Shanghai")
PROMPTS = PromptFiles()
NOW = datetime(2026, 11, 27, 10, tzinfo=SHANGHAI)  # a Friday


def say(
    due: datetime, locale: Locale, timezone: str | None = None, desk: str = "Asia/Shanghai"
) -> str:
    return DeadlineWords(PROMPTS, ZoneInfo(desk)).say(due, NOW, locale, timezone)


@pytest.mark.parametrize(
    ("left", "en", "zh"),
    [
        (timedelta(hours=-1), "as soon as we can", "最短时间内"),
        (timedelta(), "as soon as we can", "最短时间内"),
        (timedelta(seconds=1), "within the next 5 minutes", "5 分钟内"),
        (timedelta(minutes=40), "within the next 40 minutes", "40 分钟内"),
        (timedelta(minutes=40, seconds=1), "within the next 45 minutes", "45 分钟内"),
        (timedelta(minutes=56), "within the next hour", "1 小时内"),
        (timedelta(hours=1), "within the next hour", "1 小时内"),
        (timedelta(hours=7), "by 17:00 today (Shanghai time)", "今天 17:00 前（北京时间）"),
        (
            timedelta(hours=7, seconds=1),
            "by 17:01 today (Shanghai time)",
            "今天 17:01 前（北京时间）",
        ),
        (timedelta(hours=14), "by 24:00 today (Shanghai time)", "今天 24:00 前（北京时间）"),
        (timedelta(days=1), "by 10:00 tomorrow (Shanghai time)", "明天 10:00 前（北京时间）"),
        (timedelta(hours=38), "by 24:00 tomorrow (Shanghai time)", "明天 24:00 前（北京时间）"),
        (
            timedelta(days=3),
            "by 10:00 on Monday 30 November (Shanghai time)",
            "11月30日周一 10:00 前（北京时间）",
        ),
        (
            timedelta(days=38),
            "by 10:00 on Monday, 4 January 2027 (Shanghai time)",
            "2027年1月4日周一 10:00 前（北京时间）",
        ),
    ],
)
def test_the_nearer_the_shorter(left: timedelta, en: str, zh: str) -> None:
    assert (say(NOW + left, Locale.EN), say(NOW + left, Locale.ZH)) == (en, zh)


def test_on_the_customers_own_clock_no_zone_is_named() -> None:
    due = NOW + timedelta(days=3)
    assert say(due, Locale.EN, "America/New_York") == "by 21:00 on Sunday 29 November"
    assert say(due, Locale.ZH, "America/New_York") == "11月29日周日 21:00 前"


def test_today_is_the_customers() -> None:
    due = NOW + timedelta(hours=7)
    assert say(due, Locale.EN, "Pacific/Auckland") == "by 22:00 today"
    assert say(due, Locale.EN, "America/Los_Angeles") == "by 01:00 tomorrow"


@pytest.mark.parametrize(
    "timezone", ["", "Mars/Olympus", "../../etc/passwd", "Asia", "\0", "Ü", "x" * 5000]
)
def test_what_is_no_zone_is_passed_over(timezone: str) -> None:
    due = NOW + timedelta(hours=7)
    assert say(due, Locale.EN, timezone) == "by 17:00 today (Shanghai time)"


@pytest.mark.parametrize(
    ("desk", "en", "zh"),
    [
        ("PRC", "(Shanghai time)", "（北京时间）"),
        ("Asia/Hong_Kong", "(Hong Kong time)", "（香港时间）"),
        ("America/New_York", "(New York time)", "（纽约时间）"),
        ("UTC", "(UTC)", "（UTC 时间）"),
        ("Etc/GMT-8", "(UTC+08:00)", "（UTC+08:00 时间）"),
    ],
)
def test_otherwise_it_is_said_whose_time_it_is(desk: str, en: str, zh: str) -> None:
    due = NOW + timedelta(days=5)
    assert say(due, Locale.EN, desk=desk).endswith(f" {en}")
    assert say(due, Locale.ZH, desk=desk).endswith(f"前{zh}")


@given(
    st.timedeltas(timedelta(hours=1, microseconds=1), timedelta(hours=13)),
    st.sampled_from(["Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_what_is_said_is_never_before_what_is_owed(left: timedelta, timezone: str) -> None:
    due = NOW + left
    said = say(due, Locale.EN, timezone).split()
    hours, minutes = map(int, said[1].split(":"))
    day = due.astimezone(ZoneInfo(timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    today = NOW.astimezone(ZoneInfo(timezone)).date()
    start = day.replace(year=today.year, month=today.month, day=today.day)
    told = start + timedelta(days=said[2] == "tomorrow", hours=hours, minutes=minutes)
    late = told.astimezone(UTC) - due.astimezone(UTC)
    assert timedelta() <= late < timedelta(minutes=1)
