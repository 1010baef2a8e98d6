"""The clocks of a ticket, from examples an agent would check and from laws that always hold."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.business_time import Calendar
from bot.domain.customer import Tier
from bot.domain.opening_hours import parse_week
from bot.domain.sla import (
    AlertLevel,
    Clocks,
    Course,
    alerts_due,
    replay,
    tier_at,
    told_in,
    was_urgent,
)
from bot.domain.sla_clock import Clock, ClockName, ClockState, Span
from bot.domain.sla_policy import Counting, Policy, Target, TierPolicy
from bot.domain.ticket import (
    ASKS_NOTHING,
    BOT,
    CUSTOMER,
    SYSTEM,
    Priority,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketState,
)
from tests.adapters.test_ticket_store import PLAIN
from tests.domain.calendars import CALENDARS, MOMENTS

OPENED, CUSTOMER_WROTE, AGENT_REPLIED, NOTED, ASSIGNED, PRIORITISED, SNOOZED, WOKEN, *_ = (
    TicketEventKind
)
RESOLVED, REOPENED = TicketEventKind.RESOLVED, TicketEventKind.REOPENED
FIRST, RESOLUTION = ClockName
WARNING, BREACH = AlertLevel
AGENT = "agent-1"

SHANGHAI = ZoneInfo("Asia/Shanghai")
DESK = Calendar(SHANGHAI, parse_week("Mon-Fri 09:00-12:00,13:30-18:00"))
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
FOUR_AND_EIGHT = TierPolicy(
    Policy(Target(4 * HOUR), Target(8 * HOUR)), Policy(Target(HOUR), Target(2 * HOUR))
)
RAISED, LOWERED = (
    {"priority": priority, "before": before}
    for priority, before in ((Priority.URGENT, Priority.HIGH), (Priority.NORMAL, Priority.URGENT))
)


def monday(hour: int, minute: int = 0, day: int = 30) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def event(
    kind: TicketEventKind,
    at: datetime,
    actor: str = AGENT,
    details: Mapping[str, str] | None = None,
) -> TicketEvent:
    return TicketEvent("t", kind, actor, at, details=details or {})


def clocks(at: datetime, *events: tuple[TicketEventKind, datetime]) -> Clocks:
    """Of a ticket that was opened on Monday at 10:00."""
    happened = [event(OPENED, monday(10), BOT), *(event(*each) for each in events)]
    return replay(FOUR_AND_EIGHT, DESK, happened, at)


def test_a_running_clock_tells_what_is_left() -> None:
    clock = clocks(monday(14)).first_response
    assert clock.state is ClockState.RUNNING
    assert clock.started == monday(10)
    assert clock.elapsed == 2.5 * HOUR
    assert clock.remaining == 1.5 * HOUR
    assert clock.warn_at == monday(14, 30)
    assert clock.due == monday(15, 30)
    assert (clock.met_at, clock.breached_at, clock.paused) == (None, None, ())


def test_an_answer_in_time_meets_the_first_response_and_not_the_resolution() -> None:
    seen = clocks(monday(17), (AGENT_REPLIED, monday(11)))
    assert seen.first_response.state is ClockState.MET
    assert seen.first_response.met_at == monday(11)
    assert seen.first_response.elapsed == HOUR
    assert seen.first_response.due == monday(15, 30)
    assert seen.resolution.met_at is None


@pytest.mark.parametrize(("minute", "state"), [(29, ClockState.MET), (30, ClockState.BREACHED)])
def test_an_answer_at_the_due_moment_is_late(minute: int, state: ClockState) -> None:
    clock = clocks(monday(17), (AGENT_REPLIED, monday(15, minute))).first_response
    assert clock.state is state
    assert clock.met_at == monday(15, minute)
    assert clock.due == monday(15, 30)


def test_a_breach_stays_one() -> None:
    seen = clocks(monday(18), (AGENT_REPLIED, monday(17)))
    assert seen.first_response.state is ClockState.BREACHED
    assert seen.first_response.breached_at == seen.first_response.due == monday(15, 30)
    assert seen.first_response.met_at == monday(17)


@pytest.mark.parametrize("asleep", [False, True])
def test_thanks_do_not_end_the_wait(asleep: bool) -> None:
    happened = [event(OPENED, monday(10), BOT), event(AGENT_REPLIED, monday(11))]
    if asleep:
        happened.append(event(SNOOZED, monday(11)))
    thanked = event(CUSTOMER_WROTE, monday(15), CUSTOMER, {ASKS_NOTHING: "yes"})
    seen = replay(FOUR_AND_EIGHT, DESK, [*happened, thanked], monday(18))
    assert seen.resolution.state is ClockState.PAUSED
    assert seen.resolution.elapsed == HOUR
    assert not seen.waits_for_agent


def test_thanks_stop_no_clock_that_runs() -> None:
    thanked = event(CUSTOMER_WROTE, monday(11), CUSTOMER, {ASKS_NOTHING: "yes"})
    seen = replay(FOUR_AND_EIGHT, DESK, [event(OPENED, monday(10), BOT), thanked], monday(12))
    assert seen == clocks(monday(12))


@pytest.mark.parametrize("kind", [NOTED, ASSIGNED, PRIORITISED, CUSTOMER_WROTE])
def test_what_is_no_answer_meets_nothing(kind: TicketEventKind) -> None:
    assert clocks(monday(14), (kind, monday(11))) == clocks(monday(14))


def test_a_snoozed_ticket_has_no_due_moment_but_keeps_what_is_left() -> None:
    clock = clocks(monday(18), (SNOOZED, monday(11))).resolution
    assert clock.state is ClockState.PAUSED
    assert (clock.due, clock.warn_at) == (None, None)
    assert clock.remaining == 7 * HOUR
    assert clock.paused == (Span(monday(11), None),)


def test_a_snooze_is_no_answer() -> None:
    snoozed = clocks(monday(15), (SNOOZED, monday(11))).first_response
    assert snoozed == clocks(monday(15)).first_response
    assert snoozed.due == monday(15, 30)


@pytest.mark.parametrize("kind", [WOKEN, CUSTOMER_WROTE])
def test_woken_it_runs_on(kind: TicketEventKind) -> None:
    clock = clocks(monday(18), (SNOOZED, monday(11)), (kind, monday(15))).resolution
    assert clock.state is ClockState.RUNNING
    assert clock.paused == (Span(monday(11), monday(15)),)
    assert clock.elapsed == 4 * HOUR


def test_the_resolution_waits_for_the_customer() -> None:
    answered = (AGENT_REPLIED, monday(11))
    waiting = clocks(monday(18), answered)
    assert waiting.resolution.state is ClockState.PAUSED
    assert waiting.resolution.elapsed == HOUR
    assert waiting.resolution.due is None
    assert not waiting.waits_for_agent
    assert waiting.upcoming == ()
    wrote = clocks(monday(18), answered, (CUSTOMER_WROTE, monday(15)))
    assert wrote.resolution.state is ClockState.RUNNING
    assert wrote.resolution.paused == (Span(monday(11), monday(15)),)
    assert wrote.resolution.elapsed == 4 * HOUR
    assert wrote.waits_for_agent


@pytest.mark.parametrize("kind", [NOTED, ASSIGNED, PRIORITISED, AGENT_REPLIED])
def test_what_agents_do_meanwhile_does_not_end_the_wait(kind: TicketEventKind) -> None:
    seen = clocks(monday(18), (AGENT_REPLIED, monday(11)), (kind, monday(14)))
    assert seen.resolution.elapsed == HOUR


def test_a_woken_ticket_still_waits_for_its_customer() -> None:
    happened = ((AGENT_REPLIED, monday(11)), (SNOOZED, monday(11)), (WOKEN, monday(14)))
    assert clocks(monday(18), *happened).resolution.state is ClockState.PAUSED
    wrote = clocks(monday(18), *happened, (CUSTOMER_WROTE, monday(17)))
    assert wrote.resolution.elapsed == 2 * HOUR


@pytest.mark.parametrize("kind", [REOPENED, TicketEventKind.ABSORBED])
def test_a_ticket_that_comes_back_or_grows_waits_for_an_agent(kind: TicketEventKind) -> None:
    over = [(RESOLVED, monday(12))] if kind is REOPENED else []
    seen = clocks(monday(18), (AGENT_REPLIED, monday(11)), *over, (kind, monday(17)))
    assert seen.resolution.state is ClockState.RUNNING
    assert seen.resolution.elapsed == 2 * HOUR
    assert seen.waits_for_agent


def test_a_ticket_resolved_while_it_waits_is_met_in_time() -> None:
    clock = clocks(monday(18), (AGENT_REPLIED, monday(11)), (RESOLVED, monday(17))).resolution
    assert clock.state is ClockState.MET
    assert clock.elapsed == HOUR
    assert clock.due == monday(16, 30) + timedelta(days=1)  # 7 hours after it was resolved


def test_a_resolution_stops_the_clocks() -> None:
    seen = clocks(monday(18), (RESOLVED, monday(11)))
    assert seen.resolution.state is ClockState.MET
    assert seen.resolution.met_at == monday(11)
    assert seen.first_response.state is ClockState.STOPPED
    assert seen.first_response.due is None
    assert seen.upcoming == ()


def test_a_reopened_ticket_runs_on_and_its_first_response_stays_given() -> None:
    seen = clocks(
        monday(18),
        *((AGENT_REPLIED, monday(11)), (RESOLVED, monday(12)), (REOPENED, monday(17))),
    )
    assert seen.first_response.state is ClockState.MET
    assert seen.resolution.state is ClockState.RUNNING
    assert seen.resolution.elapsed == 2 * HOUR
    assert seen.resolution.met_at is None
    assert seen.resolution.paused == (Span(monday(11), monday(17)),)


def test_a_ticket_that_was_resolved_without_an_answer_owes_one_when_it_is_reopened() -> None:
    clock = clocks(monday(17, 30), (RESOLVED, monday(11)), (REOPENED, monday(17))).first_response
    assert clock.state is ClockState.RUNNING
    assert clock.elapsed == 1.5 * HOUR


@pytest.mark.parametrize(
    "kind", [TicketEventKind.RETURNED, TicketEventKind.CANCELLED, TicketEventKind.MERGED]
)
def test_a_ticket_that_is_over_owes_nothing(kind: TicketEventKind) -> None:
    after = ((kind, monday(11)), (REOPENED, monday(12)), (AGENT_REPLIED, monday(13)))
    seen = clocks(monday(18), *after)
    for clock in (seen.first_response, seen.resolution):
        assert clock.state is ClockState.STOPPED
        assert clock.elapsed == HOUR
        assert (clock.due, clock.warn_at, clock.met_at, clock.paused) == (None, None, None, ())
    assert alerts_due(seen) == ()


def test_each_target_counts_its_own_hours() -> None:
    policy = Policy(
        Target(24 * HOUR, Counting.WORKING_DAYS), Target(8 * HOUR, Counting.AROUND_THE_CLOCK)
    )
    friday = monday(17, day=27)
    seen = replay(TierPolicy(policy, policy), DESK, [event(OPENED, friday)], friday)
    assert seen.first_response.due == monday(17)
    assert seen.resolution.due == friday + 8 * HOUR


def test_what_has_to_be_told_is_known_before() -> None:
    coming = clocks(monday(10)).upcoming
    assert [(alert.key, alert.moment) for alert in coming] == [
        ((FIRST, WARNING), monday(14, 30)),
        ((FIRST, BREACH), monday(15, 30)),
        ((RESOLUTION, WARNING), monday(17, 30)),
        ((RESOLUTION, BREACH), monday(10, 30) + timedelta(days=1)),
    ]


def test_a_warning_is_due_before_a_breach_and_not_after_it() -> None:
    assert alerts_due(clocks(monday(14, 29))) == ()
    (warning,) = alerts_due(clocks(monday(14, 30)))
    assert warning.key == (FIRST, WARNING)
    (breach,) = alerts_due(clocks(monday(15, 30)))
    assert breach.key == (FIRST, BREACH)
    assert alerts_due(clocks(monday(15, 30)), {breach.key}) == ()


def test_a_warning_waits_with_its_clock_and_is_moot_when_it_is_answered() -> None:
    warned = (RESOLUTION, WARNING)
    snoozed = ((AGENT_REPLIED, monday(11)), (CUSTOMER_WROTE, monday(11)), (SNOOZED, monday(17, 40)))
    assert alerts_due(clocks(monday(17, 50), *snoozed)) == ()
    (alert,) = alerts_due(clocks(monday(17, 50), *snoozed, (WOKEN, monday(17, 45))))
    assert alert.key == warned
    assert alerts_due(clocks(monday(15), (AGENT_REPLIED, monday(14, 40)))) == ()


def test_a_breach_is_told_although_the_answer_came_since() -> None:
    (alert,) = alerts_due(clocks(monday(16, 10), (AGENT_REPLIED, monday(16))))
    assert alert.key == (FIRST, BREACH)


def test_what_was_told_is_read_from_events() -> None:
    (alert,) = alerts_due(clocks(monday(15, 30)))
    told = replace(event(alert.event, monday(15, 30), SYSTEM), details=alert.details)
    unknown = replace(told, details={"clock": "lunch"})
    assert told_in([event(OPENED, monday(10)), told, unknown]) == {alert.key}


def test_a_ticket_begins_with_its_opening() -> None:
    with pytest.raises(ValueError, match="begins with its opening"):
        replay(FOUR_AND_EIGHT, DESK, [event(NOTED, monday(10))], monday(11))


def test_an_event_dated_before_its_predecessor_counts_as_simultaneous() -> None:
    skewed = clocks(monday(14), (SNOOZED, monday(11)), (WOKEN, monday(10, 59)))
    assert skewed.resolution.paused == (Span(monday(11), monday(11)),)
    assert skewed.resolution.elapsed == 2.5 * HOUR


def test_an_event_dated_before_the_opening_counts_from_there() -> None:
    assert clocks(monday(14), (AGENT_REPLIED, monday(9))).first_response.met_at == monday(10)


def raised(at: datetime, *more: tuple[Mapping[str, str], datetime], seen: datetime) -> Clocks:
    changes = [(RAISED, at), *more]
    events = [event(PRIORITISED, moment, AGENT, details) for details, moment in changes]
    return replay(FOUR_AND_EIGHT, DESK, [event(OPENED, monday(10), BOT), *events], seen)


def test_what_becomes_urgent_is_due_from_then_on() -> None:
    seen = raised(monday(11), seen=monday(11))
    assert seen.first_response.due == monday(12)
    assert (seen.first_response.target, seen.first_response.started) == (HOUR, monday(11))
    assert seen.resolution.due == monday(14, 30)
    assert alerts_due(seen) == ()


def test_raising_never_puts_anything_off() -> None:
    seen = raised(monday(15), seen=monday(15))
    assert seen.first_response.due == monday(15, 30)  # as it was
    assert seen.first_response.target == 4 * HOUR


def test_what_is_late_stays_late_and_what_is_lowered_is_due_as_before() -> None:
    assert raised(monday(11), (LOWERED, monday(11, 30)), seen=monday(14)) == clocks(monday(14))
    late = raised(monday(11), (LOWERED, monday(14)), seen=monday(14)).first_response
    assert late.state is ClockState.BREACHED
    assert late.breached_at == monday(12)


def test_raising_it_again_counts_from_the_second_time() -> None:
    seen = raised(monday(11), (LOWERED, monday(11, 30)), (RAISED, monday(14)), seen=monday(14))
    assert seen.first_response.due == monday(15)
    twice = raised(monday(11), (RAISED, monday(11, 30)), seen=monday(11, 30))
    assert twice.first_response.due == monday(12)


def test_what_was_urgent_from_the_beginning_counts_from_there() -> None:
    opened = event(OPENED, monday(10), BOT)
    seen = replay(FOUR_AND_EIGHT, DESK, [opened], monday(10), urgent=True)
    assert (seen.first_response.due, seen.resolution.due) == (monday(11), monday(12))


def ticket(**values: object) -> Ticket:
    return replace(Ticket(1, "c", 1, PLAIN.reason, PLAIN), **values)  # type: ignore[arg-type]


def test_urgency_at_the_opening_is_read_from_the_first_change() -> None:
    opened = event(OPENED, monday(10), BOT)
    changes = [event(PRIORITISED, monday(n), AGENT, d) for n, d in ((11, RAISED), (12, LOWERED))]
    assert was_urgent(ticket(priority=Priority.URGENT), [opened])
    assert not was_urgent(ticket(), [opened])
    assert not was_urgent(ticket(), [opened, *changes])
    assert was_urgent(ticket(), [opened, changes[1]])


def test_the_tier_is_the_one_that_was_known_by_then() -> None:
    known = event(
        TicketEventKind.IDENTIFIED, monday(11), CUSTOMER, {"tier": "premium", "before": "basic"}
    )
    events = [event(OPENED, monday(10), BOT), known]
    premium = ticket(tier=Tier.PREMIUM)
    assert tier_at(premium, events, monday(10)) is Tier.BASIC
    assert tier_at(premium, events, monday(11)) is Tier.PREMIUM
    assert tier_at(premium, events[:1], monday(10)) is Tier.PREMIUM


TARGETS = st.builds(
    Target,
    st.timedeltas(timedelta(minutes=1), timedelta(hours=30)),
    st.sampled_from(Counting),
)
POLICIES = st.builds(
    TierPolicy, st.builds(Policy, TARGETS, TARGETS), st.builds(Policy, TARGETS, TARGETS)
)
GAPS = st.timedeltas(timedelta(), timedelta(hours=40))
STEPS = st.lists(
    st.tuples(
        st.sampled_from([kind for kind in TicketEventKind if kind is not OPENED]),
        st.sampled_from([AGENT, AGENT, BOT, CUSTOMER, SYSTEM]),
        GAPS,
        st.sampled_from([RAISED, LOWERED]),
    ),
    max_size=10,
)


@st.composite
def courses(draw: st.DrawFn) -> list[TicketEvent]:
    at = draw(MOMENTS)
    events = [event(OPENED, at, BOT)]
    for kind, actor, gap, details in draw(STEPS):
        at += gap
        events.append(event(kind, at, actor, details if kind is PRIORITISED else None))
    return events


def both(seen: Clocks) -> tuple[Clock, Clock]:
    return seen.first_response, seen.resolution


@given(POLICIES, st.sampled_from(CALENDARS), courses(), GAPS, st.data())
def test_a_beginning_and_its_rest_are_the_whole(
    policy: TierPolicy,
    calendar: Calendar,
    events: list[TicketEvent],
    gap: timedelta,
    data: st.DataObject,
) -> None:
    cut = data.draw(st.integers(1, len(events)))
    course = Course.begin(policy, calendar, events[0])
    for each in events[1:cut]:
        course = course.then(each)
    seen = course.clocks(events[cut - 1].at)
    known = [each for each in events if each.at <= seen.at]
    if len(known) == cut:
        assert replay(policy, calendar, events, seen.at) == seen
    for each in events[cut:]:
        course = course.then(each)
    end = events[-1].at + gap
    assert course.clocks(end) == replay(policy, calendar, events, end)


@given(POLICIES, st.sampled_from(CALENDARS), courses(), GAPS, st.data())
def test_what_is_no_agents_answer_changes_nothing(
    policy: TierPolicy,
    calendar: Calendar,
    events: list[TicketEvent],
    gap: timedelta,
    data: st.DataObject,
) -> None:
    place = data.draw(st.integers(1, len(events)))
    kind, actor = data.draw(
        st.sampled_from(
            [
                (AGENT_REPLIED, BOT),
                (AGENT_REPLIED, SYSTEM),
                (AGENT_REPLIED, CUSTOMER),
                (NOTED, AGENT),
            ]
        )
    )
    more = [*events[:place], event(kind, events[place - 1].at, actor), *events[place:]]
    end = events[-1].at + gap
    assert replay(policy, calendar, more, end) == replay(policy, calendar, events, end)


@given(POLICIES, st.sampled_from(CALENDARS), courses(), st.lists(GAPS, min_size=2, max_size=6))
def test_elapsed_time_is_never_negative_and_never_less_than_before(
    policy: TierPolicy, calendar: Calendar, events: list[TicketEvent], gaps: list[timedelta]
) -> None:
    at = events[0].at
    before = 2 * [(at, timedelta(), timedelta())]
    breached: list[datetime | None] = [None, None]
    for gap in gaps:
        at += gap
        now = both(replay(policy, calendar, events, at))
        for clock, (started, target, elapsed), breach in zip(now, before, breached, strict=True):
            if (clock.started, clock.target) == (started, target):
                assert elapsed <= clock.elapsed
            assert timedelta() <= clock.elapsed <= at - clock.started
            assert breach in (None, clock.breached_at)
            assert (clock.state is ClockState.BREACHED) == (clock.elapsed >= clock.target)
        before = [(clock.started, clock.target, clock.elapsed) for clock in now]
        breached = [clock.breached_at for clock in now]


@given(POLICIES, st.sampled_from(CALENDARS), courses(), GAPS)
def test_due_is_when_the_target_is_reached(
    policy: TierPolicy, calendar: Calendar, events: list[TicketEvent], gap: timedelta
) -> None:
    seen = replay(policy, calendar, events, events[-1].at + gap)
    for number, clock in enumerate(both(seen)):
        if clock.state is not ClockState.RUNNING:
            continue
        assert clock.due is not None
        assert clock.warn_at is not None
        assert seen.at < clock.due
        assert clock.warn_at <= clock.due
        then = both(replay(policy, calendar, events, clock.due))[number]
        assert then.elapsed == clock.target
        assert then.state is ClockState.BREACHED
        assert then.breached_at == clock.due
        if clock.due - MICROSECOND > seen.at:
            just_before = both(replay(policy, calendar, events, clock.due - MICROSECOND))[number]
            assert just_before.state is ClockState.RUNNING


def standings(events: Sequence[TicketEvent]) -> list[TicketState]:
    course = Course.begin(FOUR_AND_EIGHT, DESK, events[0])
    standing = [course.standing]
    for each in events[1:]:
        course = course.then(each)
        standing.append(course.standing)
    return standing


@given(POLICIES, st.sampled_from(CALENDARS), courses(), GAPS, st.data())
def test_a_pause_never_makes_anything_due_earlier(
    policy: TierPolicy,
    calendar: Calendar,
    events: list[TicketEvent],
    gap: timedelta,
    data: st.DataObject,
) -> None:
    running = [n for n, standing in enumerate(standings(events)) if standing is TicketState.OPEN]
    place = data.draw(st.sampled_from(running)) + 1
    until = events[place].at if place < len(events) else events[-1].at + gap
    begins = events[place - 1].at
    ends = begins + data.draw(st.floats(0, 1)) * (until - begins)
    pause = [event(SNOOZED, begins), event(WOKEN, ends)]
    end = events[-1].at + gap
    plain = both(replay(policy, calendar, events, end))
    paused = both(replay(policy, calendar, [*events[:place], *pause, *events[place:]], end))
    assert paused[0] == plain[0]  # a first answer is owed all the same
    for without, having in zip(plain, paused, strict=True):
        if (having.started, having.target) == (without.started, without.target):
            assert having.elapsed <= without.elapsed
        assert (having.due is None) <= (without.due is None or without.state is ClockState.BREACHED)
        if without.due and having.due:
            assert having.due >= without.due


@given(POLICIES, st.sampled_from(CALENDARS), courses(), GAPS, GAPS)
def test_the_resolution_stands_still_from_an_answer_until_the_customer_writes(
    policy: TierPolicy,
    calendar: Calendar,
    events: list[TicketEvent],
    wait: timedelta,
    gap: timedelta,
) -> None:
    answered = event(AGENT_REPLIED, events[-1].at)
    wrote = event(CUSTOMER_WROTE, answered.at + wait, CUSTOMER)
    begun = replay(policy, calendar, [*events, answered], answered.at)
    waited = replay(policy, calendar, [*events, answered, wrote], wrote.at)
    assert waited.resolution.elapsed == begun.resolution.elapsed
    assert begun.resolution.state is not ClockState.RUNNING
    later = replay(policy, calendar, [*events, answered, wrote], wrote.at + gap)
    if standings(events)[-1].is_active:
        assert later.waits_for_agent
        assert later.resolution.state in (ClockState.RUNNING, ClockState.BREACHED)
    assert later.first_response.met_at == begun.first_response.met_at


@given(POLICIES, st.sampled_from(CALENDARS), courses(), st.booleans(), GAPS)
def test_urgency_raised_later_tightens_from_then_and_never_into_the_past(
    policy: TierPolicy,
    calendar: Calendar,
    events: list[TicketEvent],
    urgent: bool,
    gap: timedelta,
) -> None:
    at = events[-1].at + gap
    events = [each for each in events if each.kind is not PRIORITISED]
    rises = event(PRIORITISED, at, AGENT, RAISED)
    before = both(replay(policy, calendar, events, at, urgent=urgent))
    after = both(replay(policy, calendar, [*events, rises], at, urgent=urgent))
    targets = (policy.urgent.first_response, policy.urgent.resolution)
    for plain, tight, target in zip(before, after, targets, strict=True):
        assert tight.state is plain.state
        if plain.state is not ClockState.RUNNING:
            assert (tight.due, tight.breached_at) == (plain.due, plain.breached_at)
            continue
        assert plain.due is not None
        assert tight.due is not None
        assert at < tight.due <= plain.due
        if not urgent:
            assert tight.due == min(plain.due, target.time(calendar).after(at, target.duration))
    falls = event(PRIORITISED, at, AGENT, LOWERED)
    if not urgent:
        assert both(replay(policy, calendar, [*events, rises, falls], at)) == before


@given(POLICIES, st.sampled_from(CALENDARS), courses(), st.lists(GAPS, min_size=1, max_size=12))
def test_alerts_are_told_once_and_a_warning_before_its_breach(
    policy: TierPolicy, calendar: Calendar, events: list[TicketEvent], gaps: list[timedelta]
) -> None:
    told: list[tuple[ClockName, AlertLevel]] = []
    at = events[0].at
    for gap in gaps:
        at += gap
        seen = replay(policy, calendar, events, at)
        for alert in alerts_due(seen, told):
            assert alert.moment <= at
            assert (alert.clock, BREACH) not in told
            told.append(alert.key)
    assert len(told) == len(set(told))


@given(POLICIES, st.sampled_from(CALENDARS), courses())
def test_who_wakes_at_the_moments_told_misses_none(
    policy: TierPolicy, calendar: Calendar, events: list[TicketEvent]
) -> None:
    last = replay(policy, calendar, events, events[-1].at)
    told = [alert.key for alert in alerts_due(last)]
    for moment in sorted({alert.moment for alert in last.upcoming}):
        now = alerts_due(replay(policy, calendar, events, moment), told)
        assert now
        assert all(alert.moment == moment for alert in now)
        told.extend(alert.key for alert in now)
    for clock in both(last):
        if clock.state is ClockState.RUNNING:
            assert (clock.name, WARNING) in told
            assert (clock.name, BREACH) in told


def test_moments_are_instants_whatever_zone_they_are_written_in() -> None:
    local = clocks(monday(14))
    utc = replay(
        FOUR_AND_EIGHT,
        DESK,
        [event(OPENED, monday(10).astimezone(UTC), BOT)],
        monday(14).astimezone(UTC),
    )
    assert local == utc
