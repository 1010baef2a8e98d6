"""One clock of a ticket: how it runs and stands still, and when what it counts is or was due.

It counts up to two targets at once, the ordinary one and, while the ticket is urgent, the urgent
one, each from its own beginning; what is due first decides.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from bot.domain.business_time import BusinessTime, Calendar
from bot.domain.sla_policy import Target

WARNING_SHARE = 0.75  # of the target; what is left is for acting on the warning


class ClockName(StrEnum):
    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"  # in time
    STOPPED = "stopped"  # not owed any more: the ticket is over without it
    BREACHED = "breached"  # late, whether it was done since (`met_at`) or not


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime | None  # None: still


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known at one moment; target, start and elapsed are of what is due first."""

    name: ClockName
    state: ClockState
    target: timedelta
    started: datetime
    elapsed: timedelta  # business time, pauses left out
    paused: tuple[Span, ...]  # it waited for the customer or a date, or was over and reopened
    due: datetime | None  # when the target is or was reached; None while paused or stopped
    warn_at: datetime | None  # when WARNING_SHARE of it is or was; None like `due`
    met_at: datetime | None
    breached_at: datetime | None

    @property
    def remaining(self) -> timedelta:
        """Business time that is left, also while paused; zero once it is breached."""
        return max(timedelta(), self.target - self.elapsed)


@dataclass(frozen=True, slots=True)
class _Count:
    """Of one target; it runs and stands still with its clock."""

    time: BusinessTime
    target: timedelta
    started: datetime
    spent: timedelta  # before `since`
    since: datetime | None  # when it began to run or ran on; None while it stands still

    @classmethod
    def begin(
        cls, target: Target, calendar: Calendar, at: datetime, since: datetime | None
    ) -> "_Count":
        """`since`: of the clock; None where it stands still."""
        start = at if since else None
        return cls(target.time(calendar), target.duration, at, timedelta(), start)

    @property
    def warning(self) -> timedelta:
        return self.target * WARNING_SHARE

    def elapsed(self, at: datetime) -> timedelta:
        return self.spent + (self.time.elapsed(self.since, at) if self.since else timedelta())

    def reaches(self, amount: timedelta, running_from: datetime | None = None) -> datetime | None:
        """None where it stands still, unless it is asked from when, or passed that before."""
        since = self.since or running_from
        if since is None or amount <= self.spent:
            return None
        return self.time.after(since, amount - self.spent)

    def stop(self, at: datetime) -> "_Count":
        return replace(self, spent=self.elapsed(at), since=None)


class _End(NamedTuple):
    """When a count reaches its target."""

    at: datetime
    owner: _Count


_moment = attrgetter("at")


@dataclass(frozen=True, slots=True)
class Run:
    """A clock so far as it is known from events; each step gives the next one."""

    counts: tuple[_Count, ...]  # the ordinary one first; what was breached alone, once it was
    since: datetime | None  # None while it stands still
    paused: tuple[Span, ...] = ()
    due: datetime | None = None  # as it stood when it was met
    warned_at: datetime | None = None
    met_at: datetime | None = None
    breached_at: datetime | None = None

    @classmethod
    def begin(cls, target: Target, calendar: Calendar, at: datetime) -> "Run":
        return cls((_Count.begin(target, calendar, at, at),), at)

    def press(self, target: Target | None, calendar: Calendar, at: datetime) -> "Run":
        """From now on counts the urgent target, too, or the ordinary one alone; what is done or
        late stays so, and what counts already goes on."""
        run = self.known(at)
        if run.met_at is not None or run.breached_at is not None:
            return run
        if target is None:
            return replace(run, counts=run.counts[:1])
        if len(run.counts) > 1:
            return run
        return replace(run, counts=(*run.counts, _Count.begin(target, calendar, at, run.since)))

    def known(self, at: datetime) -> "Run":
        """With what has come to pass by that moment."""
        if self.breached_at is not None:
            return self
        warned = (c.reaches(c.warning) for c in self.counts if c.elapsed(at) >= c.warning)
        run = replace(self, warned_at=self.warned_at or min(filter(None, warned), default=None))
        late = [end for end in self._ends() if end.at <= at]
        if not late:
            return run
        first = min(late, key=_moment)
        return replace(run, counts=(first.owner,), breached_at=first.at)

    def pause(self, at: datetime) -> "Run":
        if self.since is None:
            return self
        run = self.known(at)
        return replace(
            run,
            counts=tuple(count.stop(at) for count in run.counts),
            since=None,
            paused=(*run.paused, Span(at, None)),
        )

    def resume(self, at: datetime) -> "Run":
        """What was met stays met."""
        if self.since is not None or self.met_at is not None:
            return self
        *before, last = self.paused
        return replace(
            self,
            counts=tuple(replace(count, since=at) for count in self.counts),
            since=at,
            paused=(*before, replace(last, end=at)),
        )

    def meet(self, at: datetime) -> "Run":
        """Due as it would have been if it had run on from here."""
        if self.met_at is not None:
            return self
        return replace(self.pause(at), met_at=at, due=self._due(at))

    def reopen(self) -> "Run":
        return replace(self, met_at=None, due=None)

    def show(self, name: ClockName, is_over: bool, at: datetime) -> Clock:
        """`is_over`: the ticket, for whatever reason."""
        run = self.known(at)
        is_over = is_over or run.met_at is not None
        count = run._first()
        stands_still = run.since is None and run.met_at is None and run.breached_at is None
        return Clock(
            name,
            run._state(is_over),
            count.target,
            count.started,
            count.elapsed(at),
            # What stands still for good is not paused.
            tuple(span for span in run.paused if span.end or not is_over),
            run.breached_at or run.due or run._due(),
            None if stands_still else run.warned_at or run._warns(),
            run.met_at,
            run.breached_at,
        )

    def _state(self, is_over: bool) -> ClockState:
        if self.breached_at:
            return ClockState.BREACHED
        if self.met_at:
            return ClockState.MET
        if is_over:
            return ClockState.STOPPED
        return ClockState.RUNNING if self.since else ClockState.PAUSED

    def _first(self) -> _Count:
        """What is due first; while it stands still, as if it had run on where it stopped."""
        if len(self.counts) == 1:
            return self.counts[0]
        stopped = self.paused[-1].start if self.since is None else None
        return min(self._ends(stopped), key=_moment).owner

    def _due(self, running_from: datetime | None = None) -> datetime | None:
        return min((end.at for end in self._ends(running_from)), default=None)

    def _ends(self, running_from: datetime | None = None) -> list[_End]:
        reached = ((count.reaches(count.target, running_from), count) for count in self.counts)
        return [_End(at, count) for at, count in reached if at is not None]

    def _warns(self) -> datetime | None:
        reached = (count.reaches(count.warning) for count in self.counts)
        return min(filter(None, reached), default=None)
