"""The queue as an agent looks at it: views, their counts, clocks, and what comes first."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.agent import Agent
from bot.domain.conversation import now
from bot.domain.desk_news import is_at_desk
from bot.domain.sla import Clocks
from bot.domain.sla_clock import Clock, ClockState
from bot.domain.ticket import Ticket, TicketEventKind, TicketState
from bot.domain.ticket_queue import ACTIVE, QueuedTicket, QueueFilter
from bot.domain.understanding import Tone
from bot.ports import AgentStore
from bot.services.sla import ServiceLevels
from bot.services.stories import Conversations, Stories, tones_told

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
    course: Sequence[Tone] = ()  # of the customer's messages, the latest last

    @property
    def ticket(self) -> Ticket:
        return self.queued.ticket

    @property
    def went_on(self) -> bool:
        """The customer wrote after the hand-over."""
        return any(event.kind is TicketEventKind.CUSTOMER_WROTE for event in self.queued.events)

    @property
    def has_taken_in(self) -> bool:
        """Other tickets go on in this one."""
        return any(event.kind is TicketEventKind.ABSORBED for event in self.queued.events)

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
        tickets: Conversations,
        agents: AgentStore,
        levels: ServiceLevels,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._tickets = tickets
        self._stories = Stories(tickets)
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
        shown = [row for row in chosen if _matches(row, search)]
        return Sight([row async for row in self._heard(shown)], counts, at)

    async def _heard(self, rows: Sequence[WorklistRow]) -> AsyncIterator[WorklistRow]:
        """With the tone, also after the hand-over and in merged conversations."""
        went_on = [row.ticket.conversation for row in rows if row.went_on]
        tones = await self._tickets.tones(went_on)
        for row in rows:
            if row.has_taken_in:
                yield replace(row, course=await self._stories.course(row.ticket))
            else:
                heard = tones.get(row.ticket.conversation, {})
                yield replace(row, course=[*{**tones_told(row.ticket), **heard}.values()])

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
            is_free = all(other.id != ticket.assignee for other in there)
            return is_free and not is_at_desk(ticket.assignee)
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
