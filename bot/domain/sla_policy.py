"""What each tier is owed: how soon a person answers, and how soon the matter is settled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.business_time import AroundTheClock, BusinessTime, Calendar
from bot.domain.customer import Tier


class Counting(StrEnum):
    """Which hours a target counts; every target says it, and without a word it is business hours.

    Four hours are a part of a working day, so they are business hours: what comes in half an hour
    before the desk closes is due three and a half hours after it opens again. "24 h" is different:
    who reads it in a contract thinks of tomorrow at this time, and 24 business hours would be three
    working days. Nor is it 24 hours by the clock, as on a Saturday nobody is in. So the 24 h of the
    basic tier are counted on working days: from Monday 15:00 until Tuesday 15:00, from Friday 15:00
    until Monday 15:00; what comes in on a Saturday is due when the desk closes on Monday.
    """

    BUSINESS_HOURS = "business hours"
    WORKING_DAYS = "on working days"  # all 24 hours of them
    AROUND_THE_CLOCK = "24x7"


@dataclass(frozen=True, slots=True)
class Target:
    duration: timedelta
    counting: Counting = Counting.BUSINESS_HOURS

    def __post_init__(self) -> None:
        if self.duration <= timedelta():
            raise ValueError("a target is longer than nothing")

    def time(self, calendar: Calendar) -> BusinessTime:
        match self.counting:
            case Counting.BUSINESS_HOURS:
                return calendar
            case Counting.WORKING_DAYS:
                return calendar.whole_days
            case Counting.AROUND_THE_CLOCK:
                return AroundTheClock()


@dataclass(frozen=True, slots=True)
class Policy:
    first_response: Target  # until a person has answered; no bot counts
    resolution: Target


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """What is urgent has targets of its own beside the ordinary ones, counted from the moment at
    which it became urgent; what is due sooner counts."""

    ordinary: Policy
    urgent: Policy

    @property
    def targets(self) -> tuple[Target, ...]:
        policies = (self.ordinary, self.urgent)
        return tuple(t for policy in policies for t in (policy.first_response, policy.resolution))


ServicePolicies = Mapping[Tier, TierPolicy]

LONGEST_TARGET = timedelta(days=366)
DEFAULTS: Mapping[Tier, str] = {
    Tier.BASIC: "24h on working days / 72h on working days; urgent 1h / 8h",
    Tier.PREMIUM: "4h / 24h on working days; urgent 1h / 8h",
    Tier.ENTERPRISE: "1h / 8h; urgent 1h 24x7 / 8h 24x7",
}

_TARGET = re.compile(r"(?:(\d{1,5})h)?\s*(?:(\d{1,6})m)?(?:\s+(.+))?")


def parse_tier_policy(text: str) -> TierPolicy:
    """`FIRST / RESOLUTION; urgent FIRST / RESOLUTION`, each of them as `parse_target` reads it.

    Without an urgent part what is urgent has the same targets. Raises ValueError.
    """
    ordinary, semicolon, rest = (part.strip() for part in text.partition(";"))
    if not semicolon:
        return TierPolicy(_parse_policy(ordinary), _parse_policy(ordinary))
    word, _, urgent = rest.partition(" ")
    if word.lower() != "urgent":
        raise ValueError(f"after the semicolon comes 'urgent FIRST / RESOLUTION', not {rest!r}")
    return TierPolicy(_parse_policy(ordinary), _parse_policy(urgent))


def parse_target(text: str) -> Target:
    """`4h`, `90m`, `1h30m` in business hours, `24h on working days` or `1h 24x7`."""
    match = _TARGET.fullmatch(text.strip().lower())
    if match is None or not (match[1] or match[2]):
        raise ValueError(
            f"a target is written as '4h', '30m', '24h on working days' or '1h 24x7', not {text!r}"
        )
    counting = " ".join((match[3] or Counting.BUSINESS_HOURS.value).split())
    if counting not in set(Counting):
        raise ValueError(f"a target counts {', '.join(Counting)}; not {match[3]!r}")
    duration = timedelta(hours=int(match[1] or 0), minutes=int(match[2] or 0))
    if duration > LONGEST_TARGET:
        raise ValueError(f"{text!r} is longer than a year")
    return Target(duration, Counting(counting))


def _parse_policy(text: str) -> Policy:
    first, slash, resolution = text.partition("/")
    if not slash:
        raise ValueError(f"targets are written as 'FIRST ANSWER / RESOLUTION', not {text!r}")
    return Policy(parse_target(first.strip()), parse_target(resolution.strip()))
