"""The queue as an agent looks at it: views, their counts, clocks, and what comes first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.agent import Agent
from bot.domain.conversation import now
from bot.domain.sla import Clocks
from bot.domain.sla_clock import Clock, ClockState
from bot.domain.ticket import Ticket, TicketState
from bot.domain.ticket_queue import ACTIVE, QueuedTicket, QueueFilter
from bot.ports import AgentStore, TicketStore
from bot.services.sla import ServiceLevels

MOST_ACTIVE = 500
MOST_RESOLVED = 100

_NEVER = datetime.max.replace(tzinfo=UTC)


class View(StrEnum):
    MINE = "mine"
    UNASSIGNED = "unassigned"
    BREACHING = "breaching"
    TEAM = "team"
    ALL = "all"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class WorklistRow:
    queued: QueuedTicket
    clocks: Clocks

    @property
    def ticket(self) -> Ticket:
        return self.queued.ticket

    @property
    def is_breaching(self) -> bool:
        """A clock that still runs is over or nearly so."""
        return any(map(self._is_short, (self.clocks.first_response, self.clocks.resolution)))

    def _is_short(self, clock: Clock) -> bool:
        if clock.met_at is not None:
            return False
        if clock.state is ClockState.RUNNING and clock.warn_at is not None:
            return clock.warn_at <= self.clocks.at
        return clock.state is ClockState.BREACHED

    @property
    def next_due(self) -> datetime:
        for clock in (self.clocks.first_response, self.clocks.resolution):
            if clock.met_at is None and clock.due is not None:
                return clock.due
        return _NEVER


@dataclass(frozen=True, slots=True)
class Sight:
    rows: Sequence[WorklistRow]
    counts: Mapping[View, int]
    at: datetime


class Worklist:
    def __init__(
        self,
        tickets: TicketStore,
        agents: AgentStore,
        levels: ServiceLevels,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._tickets = tickets
        self._agents = agents
        self._levels = levels
        self._clock = clock

    async def look(self, view: View, agent: Agent, search: str = "") -> Sight:
        """What is urgent first; resolved tickets, the latest first. Raises StoreError."""
        at = self._clock()
        active = await self._tickets.queue(
            QueueFilter(ACTIVE, limit=MOST_ACTIVE, oldest_first=True)
        )
        resolved = await self._tickets.queue(
            QueueFilter(frozenset({TicketState.RESOLVED}), limit=MOST_RESOLVED)
        )
        there = [other for other in await self._agents.agents() if other.active]
        rows = [self._row(queued, at) for queued in active]
        views = {each: [r for r in rows if _is_in(each, r, agent, there)] for each in View}
        counts = {each: len(found) for each, found in views.items()}
        counts[View.RESOLVED] = len(resolved)
        if view is View.RESOLVED:
            chosen = [self._row(queued, at) for queued in resolved]
        else:
            chosen = sorted(views[view], key=_urgency)
        return Sight([row for row in chosen if _matches(row, search)], counts, at)

    def _row(self, queued: QueuedTicket, at: datetime) -> WorklistRow:
        return WorklistRow(queued, self._levels.clocks(queued.ticket, queued.events, at))


def _is_in(view: View, row: WorklistRow, agent: Agent, there: Sequence[Agent]) -> bool:
    """`there` are all who can work: a ticket of somebody else waits for one of them."""
    ticket = row.ticket
    if ticket.state is TicketState.SNOOZED:
        return view is View.SNOOZED or (view is View.BREACHING and row.is_breaching)
    match view:
        case View.MINE:
            return ticket.assignee == agent.id
        case View.UNASSIGNED:
            return all(other.id != ticket.assignee for other in there)
        case View.BREACHING:
            return row.is_breaching
        case View.TEAM:
            if agent.team is None:
                return False
            team = [other.id for other in there if other.team == agent.team]
            return ticket.team == agent.team or ticket.assignee in team
        case View.ALL:
            return True
    return False


def _urgency(row: WorklistRow) -> tuple[bool, datetime, int]:
    return not row.clocks.waits_for_agent, row.next_due, row.ticket.number


def _matches(row: WorklistRow, search: str) -> bool:
    wanted = search.casefold().split()
    if not wanted:
        return True
    ticket, customer = row.ticket, row.queued.customer
    asker = customer or ticket.packet.requester
    texts = (asker.name, asker.organisation, asker.email, ticket.packet.summary, ticket.label)
    found = " ".join(text for text in texts if text).casefold()
    return all(word in found for word in wanted)
