"""One step of a ticket as a value: what changes, what is written down, what is said with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.conversation import Author, Message, new_id, now
from bot.domain.customer import Customer
from bot.domain.errors import BotError
from bot.domain.packet import Requester
from bot.domain.ticket import (
    ASKS_NOTHING,
    CUSTOMER,
    Move,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketState,
    move,
)


class TicketOver(BotError):
    """The ticket is no longer worked on; reopen it first."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(f"ticket {ticket.label} is {ticket.state.value}; reopen it first")
        self.ticket = ticket


class TicketDiffers(BotError):
    """The ticket is not as it was expected to be: somebody else was faster. `ticket` as it is."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(f"ticket {ticket.label} has changed; look at it again")
        self.ticket = ticket


class ConversationTaken(BotError):
    """Another ticket of the conversation is being worked on; `ticket` is that one."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(f"the conversation goes on in ticket {ticket.label}")
        self.ticket = ticket


class MergeRefused(BotError):
    """The two tickets are of different verified customers, who must not read each other's."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(f"ticket {ticket.label} is of another customer")
        self.ticket = ticket


class MergeUnconfirmed(BotError):
    """Answers would go to two mail addresses, and nobody proved that they are one person's."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(f"ticket {ticket.label} answers to another address")
        self.ticket = ticket


@dataclass(frozen=True, slots=True)
class TicketNote:
    """Of one agent for the others; no customer ever sees it."""

    ticket: str
    author: str  # an agent's id
    text: str
    id: str = field(default_factory=new_id)
    at: datetime = field(default_factory=now)

    def said(self, conversation: str) -> Message:
        """As desks are told it; no conversation holds it."""
        return Message(
            conversation,
            Author.AGENT,
            self.text,
            id=self.id,
            created_at=self.at,
            agent=self.author,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """Committed as a whole or not at all.

    `values` and `expects` name fields of Ticket: what they become, and what they have to be
    beforehand. `messages` are of an agent or the system; one whose client_message_id the
    conversation knows already was this very change, which then changes nothing a second time.
    """

    ticket: str
    events: tuple[TicketEvent, ...]
    move: Move | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    expects: Mapping[str, Any] = field(default_factory=dict)
    while_active: bool = False  # refused with TicketOver once the ticket is over
    once: bool = False  # nothing happens where the first event (kind, message, details) stands
    messages: tuple[Message, ...] = ()
    note: TicketNote | None = None


def changed(ticket: Ticket, change: TicketChange) -> Ticket:
    """The ticket afterwards; raises IllegalMove, TicketOver or TicketDiffers."""
    if any(getattr(ticket, name) != value for name, value in change.expects.items()):
        raise TicketDiffers(ticket)
    if change.while_active and not ticket.state.is_active:
        raise TicketOver(ticket)
    state = move(ticket.state, change.move) if change.move else ticket.state
    after = replace(ticket, state=state, **change.values)
    return after if state is TicketState.SNOOZED else replace(after, snoozed_until=None)


# Steps that those are told of, too, whose own ticket goes on in this one.
_TOLD_ON = frozenset({Move.RESOLVE, Move.REOPEN, Move.RETURN, Move.CANCEL, Move.MERGE})


def passed_on(change: TicketChange, conversation: str) -> tuple[Message, ...]:
    """What is said in a conversation whose ticket goes on in this one: what agents reply, and what
    becomes of it."""
    return tuple(
        replace(message, conversation=conversation, id=new_id())
        for message in change.messages
        if message.author is Author.AGENT or change.move in _TOLD_ON
    )


def may_share(customer: str | None, other: str | None) -> bool:
    """Whether what is said to one may be read by the other; None for a visitor."""
    return customer is None or other is None or customer == other


def customer_wrote(ticket: Ticket, message: Message, *, closes: bool = False) -> TicketChange:
    """What a message of the customer does to the ticket; it wakes one that is snoozed, unless it
    `closes`: asks for nothing more."""
    details = {ASKS_NOTHING: "yes"} if closes else {}
    wakes = ticket.state is TicketState.SNOOZED and not closes
    kind = TicketEventKind.CUSTOMER_WROTE
    wrote = TicketEvent(ticket.id, kind, CUSTOMER, message.created_at, message.id, details)
    woken = replace(wrote, kind=TicketEventKind.WOKEN)
    return TicketChange(
        ticket=ticket.id,
        events=(wrote, woken) if wakes else (wrote,),
        move=Move.WAKE if wakes else None,
        once=True,
    )


def identified(ticket: Ticket, customer: Customer, at: datetime) -> TicketChange | None:
    """What follows for a ticket from who its customer turns out to be; None where nothing does."""
    requester = Requester.of(customer)
    if (ticket.packet.requester, ticket.tier) == (requester, customer.tier):
        return None
    details = {"tier": customer.tier.value, "before": ticket.tier.value}
    event = TicketEvent(ticket.id, TicketEventKind.IDENTIFIED, CUSTOMER, at, details=details)
    return TicketChange(
        ticket=ticket.id,
        events=(event,),
        values={
            "tier": customer.tier,
            "packet": replace(ticket.packet, requester=requester),
            "contact": ticket.contact or customer.email,
        },
        while_active=True,
    )


def happened_before(change: TicketChange, events: Sequence[TicketEvent]) -> bool:
    """Whether what should happen `once` stands among the events."""
    known = {_identity(event) for event in events}
    return change.once and all(_identity(event) in known for event in change.events[:1])


def _identity(event: TicketEvent) -> tuple[object, ...]:
    details = {name: value for name, value in event.details.items() if name != ASKS_NOTHING}
    return event.kind, event.message, *sorted(details.items())
