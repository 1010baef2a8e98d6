"""The clocks of a ticket, computed from its events and nothing else: replayed, they are the same.

A clock counts business time. It pauses while the ticket is snoozed, until it is woken or the
customer writes; a resolution stops it, and a reopened ticket goes on from there. Only an agent's
reply is a first response, and once given it stays given. Who answers at the due moment is late.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.business_time import BusinessTime, Calendar
from bot.domain.sla_policy import Policy, Target
from bot.domain.ticket import BOT, CUSTOMER, SYSTEM, TicketEvent, TicketEventKind, TicketState

WARNING_SHARE = 0.75  # of the target; what is left is for acting on the warning

_NO_AGENTS = frozenset({BOT, CUSTOMER, SYSTEM})


class ClockName(StrEnum):
    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"  # in time
    STOPPED = "stopped"  # not owed any more: the ticket is over without it
    BREACHED = "breached"  # late, whether it was done since (`met_at`) or not


class AlertLevel(StrEnum):
    WARNING = "warning"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime | None  # None: still


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of one target at one moment."""

    name: ClockName
    state: ClockState
    target: timedelta
    started: datetime
    elapsed: timedelta  # business time, pauses left out
    paused: tuple[Span, ...]  # snoozed, or resolved before it was reopened
    due: datetime | None  # when the target is or was reached; None while paused or stopped
    warn_at: datetime | None  # when WARNING_SHARE of it is or was; None like `due`
    met_at: datetime | None
    breached_at: datetime | None

    @property
    def remaining(self) -> timedelta:
        """Business time that is left, also while paused; zero once it is breached."""
        return max(timedelta(), self.target - self.elapsed)


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
    policy: Policy, calendar: Calendar, events: Iterable[TicketEvent], at: datetime
) -> Clocks:
    """The clocks at a moment, from all events of one ticket in the order in which they happened.

    Later ones are left out, so any moment of the past can be looked at. An event that is dated
    before its predecessor, by the clock of another machine, counts as simultaneous. Raises
    ValueError where the first event is not the opening.
    """
    first, *rest = events
    course = Course.begin(policy, calendar, first)
    for event in rest:
        if event.at > at:
            break
        course = course.then(event)
    return course.clocks(at)


@dataclass(frozen=True, slots=True)
class _Run:
    """One clock, so far as it is known from events."""

    time: BusinessTime
    target: timedelta
    started: datetime
    spent: timedelta  # before `since`
    since: datetime | None  # when it began to run or ran on; None while it stands still
    paused: tuple[Span, ...] = ()
    due: datetime | None = None  # as it stood when it was met, and when it was breached
    warned_at: datetime | None = None
    met_at: datetime | None = None
    breached_at: datetime | None = None

    @classmethod
    def begin(cls, target: Target, calendar: Calendar, at: datetime) -> "_Run":
        return cls(target.time(calendar), target.duration, at, timedelta(), at)

    @property
    def warning(self) -> timedelta:
        return self.target * WARNING_SHARE

    def elapsed(self, at: datetime) -> timedelta:
        return self.spent + (self.time.elapsed(self.since, at) if self.since else timedelta())

    def reaches(self, amount: timedelta) -> datetime | None:
        """None where it stands still or passed that before."""
        if self.since is None or amount <= self.spent:
            return None
        return self.time.after(self.since, amount - self.spent)

    def known(self, at: datetime) -> "_Run":
        """With what has come to pass by that moment."""
        elapsed = self.elapsed(at)
        breached_at, warned_at = self.breached_at, self.warned_at
        if elapsed >= self.warning:
            warned_at = warned_at or self.reaches(self.warning)
        if elapsed >= self.target:
            breached_at = breached_at or self.reaches(self.target)
        return replace(self, warned_at=warned_at, breached_at=breached_at)

    def pause(self, at: datetime) -> "_Run":
        if self.since is None:
            return self
        spent = self.elapsed(at)
        return replace(
            self.known(at), spent=spent, since=None, paused=(*self.paused, Span(at, None))
        )

    def meet(self, at: datetime) -> "_Run":
        if self.met_at is not None:
            return self
        return replace(self.pause(at), met_at=at, due=self.reaches(self.target))

    def resume(self, at: datetime) -> "_Run":
        """What was met stays met."""
        if self.since is not None or self.met_at is not None:
            return self
        *before, last = self.paused
        return replace(self, since=at, paused=(*before, replace(last, end=at)))

    def reopen(self, at: datetime) -> "_Run":
        return replace(self, met_at=None, due=None).resume(at)

    def show(self, name: ClockName, standing: TicketState, at: datetime) -> Clock:
        run = self.known(at)
        is_over = run.met_at is not None or not standing.is_active
        if run.breached_at:
            state = ClockState.BREACHED
        elif run.met_at:
            state = ClockState.MET
        elif is_over:
            state = ClockState.STOPPED
        else:
            state = ClockState.RUNNING if run.since else ClockState.PAUSED
        running_or_met = state in (ClockState.RUNNING, ClockState.MET)
        return Clock(
            name,
            state,
            run.target,
            run.started,
            run.elapsed(at),
            # What stands still for good is not paused.
            tuple(span for span in run.paused if span.end or not is_over),
            run.breached_at or run.due or run.reaches(run.target),
            (run.warned_at or run.reaches(run.warning))
            if running_or_met or run.breached_at
            else None,
            run.met_at,
            run.breached_at,
        )


@dataclass(frozen=True, slots=True)
class Course:
    """A ticket as far as its clocks are concerned; `then` gives the next one."""

    standing: TicketState
    first_response: _Run
    resolution: _Run
    latest: datetime

    @classmethod
    def begin(cls, policy: Policy, calendar: Calendar, opened: TicketEvent) -> "Course":
        if opened.kind is not TicketEventKind.OPENED:
            raise ValueError(f"a ticket begins with its opening, not with {opened.kind.value}")
        return cls(
            TicketState.OPEN,
            _Run.begin(policy.first_response, calendar, opened.at),
            _Run.begin(policy.resolution, calendar, opened.at),
            opened.at,
        )

    def then(self, event: TicketEvent) -> "Course":
        at = max(event.at, self.latest)
        course = replace(self, latest=at)
        if event.kind is TicketEventKind.AGENT_REPLIED:
            return course if event.actor in _NO_AGENTS else course._answered(at)
        after = _STANDING_AFTER.get((self.standing, event.kind))
        return course if after is None else course._stand(after, at)

    def clocks(self, at: datetime) -> Clocks:
        """At a moment that is not before the latest event."""
        at = max(at, self.latest)
        return Clocks(
            at,
            self.first_response.show(ClockName.FIRST_RESPONSE, self.standing, at),
            self.resolution.show(ClockName.RESOLUTION, self.standing, at),
        )

    def _answered(self, at: datetime) -> "Course":
        if self.standing.is_active or self.standing is TicketState.RESOLVED:
            return replace(self, first_response=self.first_response.meet(at))
        return self

    def _stand(self, after: TicketState, at: datetime) -> "Course":
        first, resolution = self.first_response, self.resolution
        if after is not TicketState.OPEN:
            first = first.pause(at)
            is_done = after is TicketState.RESOLVED
            resolution = resolution.meet(at) if is_done else resolution.pause(at)
        else:
            first, resolution = first.resume(at), resolution.reopen(at)
        return replace(self, standing=after, first_response=first, resolution=resolution)


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
