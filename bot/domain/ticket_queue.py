"""Tickets as agents see them in a row: which ones are asked for, and what a row shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.customer import Customer
from bot.domain.ticket import Ticket, TicketEvent, TicketState

ACTIVE = frozenset({TicketState.OPEN, TicketState.SNOOZED})


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """None asks for nothing in particular."""

    states: frozenset[TicketState] = ACTIVE
    assignee: str | None = None
    unassigned: bool = False
    team: str | None = None
    customer: str | None = None
    check_by: datetime | None = None  # only those whose next check is due then
    limit: int = 200  # the latest, unless
    oldest_first: bool = False  # by the last message: where there are too many, who waits longest


@dataclass(frozen=True, slots=True)
class QueuedTicket:
    ticket: Ticket
    customer: Customer | None  # as the company knows them now; None for a visitor
    events: Sequence[TicketEvent]  # all of them: the clocks are computed from these
    last_message_at: datetime  # of customer or agent


@dataclass(frozen=True, slots=True)
class ResolvedTicket:
    """An earlier one that a person resolved, as far as it may help with another."""

    id: str
    label: str
    conversation: str
    summary: str  # as in its packet
    resolution: str  # the agent's last words to the customer
