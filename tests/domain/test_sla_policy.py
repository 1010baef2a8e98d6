"""Targets as they are written in a configuration, and those that come with the bot."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.business_time import Calendar
from bot.domain.customer import Tier
from bot.domain.opening_hours import parse_week
from bot.domain.sla_policy import (
    DEFAULTS,
    Counting,
    Policy,
    Target,
    parse_target,
    parse_tier_policy,
)

HOUR = timedelta(hours=1)
DESK = Calendar(ZoneInfo("Europe/Berlin"), parse_week("Mon-Fri 09:00-18:00"))
FRIDAY = datetime(2026, 11, 27, 17, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("4h", Target(4 * HOUR)),
        ("90m", Target(1.5 * HOUR)),
        ("1h30m", Target(1.5 * HOUR)),
        ("1h 30m business hours", Target(1.5 * HOUR)),
        ("24h  on  working days", Target(24 * HOUR, Counting.WORKING_DAYS)),
        ("1H 24x7", Target(HOUR, Counting.AROUND_THE_CLOCK)),
    ],
)
def test_a_target_says_how_it_counts(text: str, target: Target) -> None:
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text", ["", "h", "4", "4 hours", "1d", "0h", "-1h", "24x7", "4h sometimes", "9000h", "1.5h"]
)
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"target|longer"):
        parse_target(text)


def test_what_is_urgent_has_targets_of_its_own_or_the_same() -> None:
    policy = parse_tier_policy("4h / 24h on working days; urgent 30m 24x7 / 8h")
    assert policy.ordinary == Policy(Target(4 * HOUR), Target(24 * HOUR, Counting.WORKING_DAYS))
    assert policy.urgent == Policy(Target(HOUR / 2, Counting.AROUND_THE_CLOCK), Target(8 * HOUR))
    same = parse_tier_policy("4h / 8h")
    assert same.urgent == same.ordinary


@pytest.mark.parametrize(
    "text", ["4h", "4h / 8h;", "4h / 8h; urgent", "4h / 8h; urgent 1h", "4h / 8h; soon 1h / 2h"]
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written as|after the semicolon"):
        parse_tier_policy(text)


@pytest.mark.parametrize(
    ("counting", "due"),
    [
        (Counting.BUSINESS_HOURS, FRIDAY + timedelta(days=3, hours=-7)),
        (Counting.WORKING_DAYS, FRIDAY + timedelta(days=2, hours=2)),
        (Counting.AROUND_THE_CLOCK, FRIDAY + timedelta(hours=2)),
    ],
)
def test_each_way_of_counting_has_its_hours(counting: Counting, due: datetime) -> None:
    target = Target(2 * HOUR, counting)
    assert target.time(DESK).after(FRIDAY, target.duration) == due


@pytest.mark.parametrize("tier", Tier)
def test_what_is_urgent_is_never_answered_later_than_the_rest(tier: Tier) -> None:
    policy = parse_tier_policy(DEFAULTS[tier])
    for hours in range(0, 7 * 24):
        opened = FRIDAY + hours * HOUR
        for name in ("first_response", "resolution"):
            urgent, ordinary = (
                target.time(DESK).after(opened, target.duration)
                for target in (getattr(policy.urgent, name), getattr(policy.ordinary, name))
            )
            assert urgent <= ordinary
