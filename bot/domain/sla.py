"""The clocks of a ticket, computed from its events and nothing else: replayed, they are the same.

A clock counts business time. That of the first response runs until an agent replies, and once given
it stays given; snoozing is no answer. That of the resolution pauses while the ticket waits for its
customer, from an agent's reply until they write more than a thank you, and while it is snoozed; a
resolution stops it, and a reopened ticket goes on from there. Urgent targets count beside the
ordinary ones, from the moment at which the ticket became urgent. Who answers at the due moment is
late.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.business_time import Calendar
from bot.domain.customer import Tier
from bot.domain.sla_clock import Clock, ClockName, ClockState, Run
from bot.domain.sla_policy import TierPolicy
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

_NO_AGENTS = frozenset({BOT, CUSTOMER, SYSTEM})


class AlertLevel(StrEnum):
    WARNING = "warning"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class Alert:
    clock: ClockName
    level: AlertLevel
    moment: datetime

    @property
    def key(self) -> tuple[ClockName, AlertLevel]:
        """What is told once for each ticket."""
        return self.clock, self.level

    @property
    def event(self) -> TicketEventKind:
        """As what it is written down when it was told, with `details`."""
        return _EVENT_OF[self.level]

    @property
    def details(self) -> Mapping[str, str]:
        return {"clock": self.clock.value}


_EVENT_OF: Mapping[AlertLevel, TicketEventKind] = {
    AlertLevel.WARNING: TicketEventKind.SLA_WARNED,
    AlertLevel.BREACH: TicketEventKind.SLA_BREACHED,
}
_LEVEL_OF = {event: level for level, event in _EVENT_OF.items()}


@dataclass(frozen=True, slots=True)
class Clocks:
    at: datetime
    first_response: Clock
    resolution: Clock
    waits_for_agent: bool  # the customer spoke last; nobody waits once the ticket is over

    @property
    def upcoming(self) -> tuple[Alert, ...]:
        """What will have to be told, soonest first, unless something happens to the ticket."""
        alerts = (
            Alert(clock.name, level, moment)
            for clock in (self.first_response, self.resolution)
            if clock.state is ClockState.RUNNING
            for level, moment in _moments(clock)
            if moment > self.at
        )
        return tuple(sorted(alerts, key=lambda alert: (alert.moment, alert.clock)))


def _moments(clock: Clock) -> Iterable[tuple[AlertLevel, datetime]]:
    if clock.warn_at is not None:
        yield AlertLevel.WARNING, clock.warn_at
    if clock.due is not None:
        yield AlertLevel.BREACH, clock.due


def alerts_due(
    clocks: Clocks, told: Collection[tuple[ClockName, AlertLevel]] = ()
) -> tuple[Alert, ...]:
    """What has to be told now and was not (`told_in` reads that from events).

    A breach is told even if its answer came since, a warning only while it helps.
    """
    alerts = []
    for clock in (clocks.first_response, clocks.resolution):
        if clock.breached_at is not None:
            alerts.append(Alert(clock.name, AlertLevel.BREACH, clock.breached_at))
        elif clock.state is ClockState.RUNNING and clock.warn_at and clock.warn_at <= clocks.at:
            alerts.append(Alert(clock.name, AlertLevel.WARNING, clock.warn_at))
    return tuple(alert for alert in alerts if alert.key not in told)


def told_in(events: Iterable[TicketEvent]) -> frozenset[tuple[ClockName, AlertLevel]]:
    """The alerts that were written down as told."""
    return frozenset(
        (ClockName(event.details["clock"]), _LEVEL_OF[event.kind])
        for event in events
        if event.kind in _LEVEL_OF and event.details.get("clock") in set(ClockName)
    )


def replay(
    policy: TierPolicy,
    calendar: Calendar,
    events: Iterable[TicketEvent],
    at: datetime,
    *,
    urgent: bool = False,
) -> Clocks:
    """The clocks at a moment, from all events of one ticket in the order in which they happened;
    `urgent` at its opening.

    Later ones are left out, so any moment of the past can be looked at. An event that is dated
    before its predecessor, by the clock of another machine, counts as simultaneous. Raises
    ValueError where the first event is not the opening.
    """
    first, *rest = events
    course = Course.begin(policy, calendar, first, urgent=urgent)
    for event in rest:
        if event.at > at:
            break
        course = course.then(event)
    return course.clocks(at)


def was_urgent(ticket: Ticket, events: Iterable[TicketEvent]) -> bool:
    """At its opening; all its events are given."""
    changes = (event for event in events if event.kind is TicketEventKind.PRIORITISED)
    first = next((event.details["before"] for event in changes if "before" in event.details), None)
    return (first or ticket.priority) == Priority.URGENT


def tier_at(ticket: Ticket, events: Iterable[TicketEvent], at: datetime) -> Tier:
    """As the company vouched for it by that moment; it counts from the opening on."""
    tier: str | None = None
    for event in events:
        if event.kind is TicketEventKind.IDENTIFIED and "tier" in event.details:
            if event.at > at:
                return Tier(tier or event.details["before"])
            tier = event.details["tier"]
    return Tier(tier or ticket.tier)


@dataclass(frozen=True, slots=True)
class Course:
    """A ticket as far as its clocks are concerned; `then` gives the next one."""

    policy: TierPolicy
    calendar: Calendar
    standing: TicketState
    first_response: Run
    resolution: Run
    latest: datetime
    urgent: bool = False
    waits_for_customer: bool = False  # since an agent replied

    @classmethod
    def begin(
        cls, policy: TierPolicy, calendar: Calendar, opened: TicketEvent, *, urgent: bool = False
    ) -> "Course":
        if opened.kind is not TicketEventKind.OPENED:
            raise ValueError(f"a ticket begins with its opening, not with {opened.kind.value}")
        course = cls(
            policy,
            calendar,
            TicketState.OPEN,
            Run.begin(policy.ordinary.first_response, calendar, opened.at),
            Run.begin(policy.ordinary.resolution, calendar, opened.at),
            opened.at,
        )
        return course._pressed(urgent, opened.at)

    def then(self, event: TicketEvent) -> "Course":
        at = max(event.at, self.latest)
        course = replace(self, latest=at)
        if event.kind is TicketEventKind.AGENT_REPLIED:
            return course if event.actor in _NO_AGENTS else course._answered(at)
        if event.kind is TicketEventKind.PRIORITISED and "priority" in event.details:
            return course._pressed(event.details["priority"] == Priority.URGENT, at)
        if ASKS_NOTHING in event.details:
            return course
        if event.kind in _ASKS_AGAIN:
            course = replace(course, waits_for_customer=False)
        after = _STANDING_AFTER.get((self.standing, event.kind), self.standing)
        return course._stand(after, at)

    def clocks(self, at: datetime) -> Clocks:
        """At a moment that is not before the latest event."""
        at = max(at, self.latest)
        is_over = not self.standing.is_active
        return Clocks(
            at,
            self.first_response.show(ClockName.FIRST_RESPONSE, is_over, at),
            self.resolution.show(ClockName.RESOLUTION, is_over, at),
            not is_over and not self.waits_for_customer,
        )

    def _answered(self, at: datetime) -> "Course":
        if not (self.standing.is_active or self.standing is TicketState.RESOLVED):
            return self
        answered = replace(
            self, first_response=self.first_response.meet(at), waits_for_customer=True
        )
        return answered._stand(self.standing, at)

    def _pressed(self, urgent: bool, at: datetime) -> "Course":
        first = self.policy.urgent.first_response if urgent else None
        resolution = self.policy.urgent.resolution if urgent else None
        return replace(
            self,
            urgent=urgent,
            first_response=self.first_response.press(first, self.calendar, at),
            resolution=self.resolution.press(resolution, self.calendar, at),
        )

    def _stand(self, after: TicketState, at: datetime) -> "Course":
        """There, with each clock running or standing still as it should."""
        first, resolution = self.first_response, self.resolution
        reopened = after.is_active and not self.standing.is_active
        if reopened:
            resolution = resolution.reopen()
        first = first.resume(at) if after.is_active else first.pause(at)
        if after is TicketState.RESOLVED:
            resolution = resolution.meet(at)
        elif after is TicketState.OPEN and not self.waits_for_customer:
            resolution = resolution.resume(at)
        else:
            resolution = resolution.pause(at)
        stands = replace(self, standing=after, first_response=first, resolution=resolution)
        return stands._pressed(self.urgent, at) if reopened else stands


# What ends the wait for a customer; merged tickets bring a customer who may be waiting.
_ASKS_AGAIN = frozenset(
    {TicketEventKind.CUSTOMER_WROTE, TicketEventKind.REOPENED, TicketEventKind.ABSORBED}
)

# Other events leave a ticket where it stands.
_STANDING_AFTER: Mapping[tuple[TicketState, TicketEventKind], TicketState] = {
    (TicketState.OPEN, TicketEventKind.SNOOZED): TicketState.SNOOZED,
    (TicketState.SNOOZED, TicketEventKind.WOKEN): TicketState.OPEN,
    (TicketState.SNOOZED, TicketEventKind.CUSTOMER_WROTE): TicketState.OPEN,
    (TicketState.RESOLVED, TicketEventKind.REOPENED): TicketState.OPEN,
    **{
        (standing, kind): after
        for standing in (TicketState.OPEN, TicketState.SNOOZED)
        for kind, after in (
            (TicketEventKind.RESOLVED, TicketState.RESOLVED),
            (TicketEventKind.RETURNED, TicketState.RETURNED),
            (TicketEventKind.CANCELLED, TicketState.CANCELLED),
            (TicketEventKind.MERGED, TicketState.MERGED),
        )
    },
}
