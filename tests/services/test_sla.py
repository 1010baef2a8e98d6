"""The one seam through which others ask what a customer is owed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.domain.business_time import Calendar
from bot.domain.conversation import Locale
from bot.domain.customer import Tier
from bot.domain.opening_hours import parse_week
from bot.domain.sla_clock import ClockState
from bot.domain.sla_policy import DEFAULTS, parse_tier_policy
from bot.domain.ticket import BOT, Priority, Ticket, TicketEvent, TicketEventKind
from bot.services.deadline_words import DeadlineWords
from bot.services.sla import ServiceLevels
from tests.adapters.test_ticket_store import PLAIN

ZONE = ZoneInfo("Asia/Shanghai")
LEVELS = ServiceLevels(
    {tier: parse_tier_policy(text) for tier, text in DEFAULTS.items()},
    Calendar(ZONE, parse_week("Mon-Fri 09:00-18:00")),
    DeadlineWords(PromptFiles(), ZONE),
)
FRIDAY = datetime(2026, 11, 27, 17, 30, tzinfo=ZONE)


def opened_as(tier: Tier, urgent: bool = False) -> Ticket:
    priority = Priority.URGENT if urgent else Priority.NORMAL
    return Ticket(1, "c", 1, PLAIN.reason, PLAIN, tier=tier, priority=priority)


def event(kind: TicketEventKind, after: timedelta = timedelta(), **details: str) -> TicketEvent:
    return TicketEvent("t", kind, BOT, FRIDAY + after, details=details)


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
    ticket = opened_as(tier, urgent)
    clocks = LEVELS.clocks(ticket, [event(TicketEventKind.OPENED)], FRIDAY)
    assert clocks.first_response.due == expected
    assert clocks.first_response.state is ClockState.RUNNING
    assert clocks.resolution.due is not None
    assert clocks.resolution.due > expected


def test_urgent_targets_never_put_anything_off() -> None:
    slow = parse_tier_policy("1h / 8h; urgent 4h / 24h")
    levels = ServiceLevels(
        dict.fromkeys(Tier, slow),
        Calendar(ZONE, parse_week("24x7")),
        DeadlineWords(PromptFiles(), ZONE),
    )
    due = FRIDAY + timedelta(hours=1)
    assert levels.first_response_due(Tier.BASIC, True, FRIDAY) == due
    ticket = opened_as(Tier.BASIC, urgent=True)
    clocks = levels.clocks(ticket, [event(TicketEventKind.OPENED)], FRIDAY)
    assert clocks.first_response.due == due


def test_urgency_counts_from_when_it_was_raised() -> None:
    later = timedelta(hours=64)  # Monday at 9:30
    raised = event(TicketEventKind.PRIORITISED, later, priority="urgent", before="normal")
    events = [event(TicketEventKind.OPENED), raised]
    clocks = LEVELS.clocks(opened_as(Tier.BASIC, urgent=True), events, FRIDAY + later)
    assert clocks.first_response.due == FRIDAY + later + timedelta(hours=1)


def test_a_tier_that_is_known_later_counts_from_the_opening() -> None:
    later = timedelta(minutes=10)
    known = event(TicketEventKind.IDENTIFIED, later, tier="premium", before="basic")
    events = [event(TicketEventKind.OPENED), known]
    ticket = opened_as(Tier.PREMIUM)
    dues = [
        LEVELS.clocks(ticket, events, FRIDAY + moment).first_response.due
        for moment in (timedelta(), later)
    ]
    assert dues == [
        LEVELS.first_response_due(tier, False, FRIDAY) for tier in (Tier.BASIC, Tier.PREMIUM)
    ]


def test_what_is_due_can_be_said() -> None:
    due = LEVELS.first_response_due(Tier.PREMIUM, False, FRIDAY)
    said = LEVELS.word_deadline(due, FRIDAY, Locale.EN, "Asia/Singapore")
    assert said == "by 12:30 on Monday 30 November"
    assert LEVELS.word_deadline(due, due + timedelta(1), Locale.ZH, None) == "最短时间内"
