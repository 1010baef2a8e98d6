"""The one seam through which others ask what a customer is owed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.domain.business_time import Calendar
from bot.domain.conversation import Locale
from bot.domain.customer import Tier
from bot.domain.opening_hours import parse_week
from bot.domain.sla import ClockState
from bot.domain.sla_policy import DEFAULTS, parse_tier_policy
from bot.domain.ticket import BOT, TicketEvent, TicketEventKind
from bot.services.deadline_words import DeadlineWords
from bot.services.sla import ServiceLevels

ZONE = ZoneInfo("Asia/Shanghai")
LEVELS = ServiceLevels(
    {tier: parse_tier_policy(text) for tier, text in DEFAULTS.items()},
    Calendar(ZONE, parse_week("Mon-Fri 09:00-18:00")),
    DeadlineWords(PromptFiles(), ZONE),
)
FRIDAY = datetime(2026, 11, 27, 17, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("tier", "urgent", "due"),
    [
        (Tier.BASIC, False, (30, 17, 30)),
        (Tier.BASIC, True, (30, 9, 30)),
        (Tier.PREMIUM, False, (30, 12, 30)),
        (Tier.PREMIUM, True, (30, 9, 30)),
        (Tier.ENTERPRISE, False, (30, 9, 30)),
        (Tier.ENTERPRISE, True, (27, 18, 30)),  # by the clock, though nobody is in
    ],
)
def test_each_tier_is_owed_its_first_response(
    tier: Tier, urgent: bool, due: tuple[int, int, int]
) -> None:
    day, hour, minute = due
    expected = datetime(2026, 11, day, hour, minute, tzinfo=ZONE)
    assert LEVELS.first_response_due(tier, urgent, FRIDAY) == expected
    opened = TicketEvent("t", TicketEventKind.OPENED, BOT, FRIDAY)
    clocks = LEVELS.clocks(tier, urgent, [opened], FRIDAY)
    assert clocks.first_response.due == expected
    assert clocks.first_response.state is ClockState.RUNNING
    assert clocks.resolution.due is not None
    assert clocks.resolution.due > expected


def test_what_is_due_can_be_said() -> None:
    due = LEVELS.first_response_due(Tier.PREMIUM, False, FRIDAY)
    said = LEVELS.word_deadline(due, FRIDAY, Locale.EN, "Asia/Singapore")
    assert said == "by 12:30 on Monday 30 November"
    assert LEVELS.word_deadline(due, due + timedelta(1), Locale.ZH, None) == "最短时间内"
