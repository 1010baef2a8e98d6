"""An escalation: the ticket that a person works on, its moves, and what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.conversation import ConversationStatus, new_id, now
from bot.domain.customer import Tier
from bot.domain.errors import BotError
from bot.domain.packet import Packet
from bot.domain.reply import HandoffReason


class Priority(StrEnum):
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"  # overrides the tier's response time


class TicketState(StrEnum):
    """Open and snoozed tickets are a person's; the others are over, and say how."""

    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    RETURNED = "returned"  # given back to the bot
    CANCELLED = "cancelled"  # by the customer
    MERGED = "merged"  # goes on in another ticket

    @property
    def is_active(self) -> bool:
        return self in (TicketState.OPEN, TicketState.SNOOZED)

    @property
    def conversation_status(self) -> ConversationStatus:
        return _STATUS_OF[self]


_STATUS_OF: Mapping[TicketState, ConversationStatus] = {
    TicketState.OPEN: ConversationStatus.OPEN,
    TicketState.SNOOZED: ConversationStatus.SNOOZED,
    TicketState.RESOLVED: ConversationStatus.RESOLVED,
    TicketState.RETURNED: ConversationStatus.PENDING,
    TicketState.CANCELLED: ConversationStatus.PENDING,
    TicketState.MERGED: ConversationStatus.RESOLVED,
}


class Move(StrEnum):
    """What brings a ticket from one state to another."""

    SNOOZE = "snooze"
    WAKE = "wake"  # its time has come, or the customer wrote
    RESOLVE = "resolve"
    REOPEN = "reopen"
    RETURN = "return"
    CANCEL = "cancel"
    MERGE = "merge"


_MOVES: Mapping[tuple[TicketState, Move], TicketState] = {
    (TicketState.OPEN, Move.SNOOZE): TicketState.SNOOZED,
    (TicketState.SNOOZED, Move.SNOOZE): TicketState.SNOOZED,
    (TicketState.SNOOZED, Move.WAKE): TicketState.OPEN,
    (TicketState.RESOLVED, Move.REOPEN): TicketState.OPEN,
    **{
        (state, move): after
        for state in (TicketState.OPEN, TicketState.SNOOZED)
        for move, after in (
            (Move.RESOLVE, TicketState.RESOLVED),
            (Move.RETURN, TicketState.RETURNED),
            (Move.CANCEL, TicketState.CANCELLED),
            (Move.MERGE, TicketState.MERGED),
        )
    },
}


class IllegalMove(BotError):
    """The ticket is not in a state that allows this; look at it again."""

    def __init__(self, state: TicketState, move: Move) -> None:
        super().__init__(f"a ticket that is {state.value} cannot {move.value}")
        self.state = state
        self.move = move


def move(state: TicketState, by: Move) -> TicketState:
    """The state afterwards; raises IllegalMove."""
    after = _MOVES.get((state, by))
    if after is None:
        raise IllegalMove(state, by)
    return after


class TicketEventKind(StrEnum):
    """What is written down of a ticket; the SLA clocks are computed from nothing else."""

    OPENED = "opened"
    CUSTOMER_WROTE = "customer_wrote"
    AGENT_REPLIED = "agent_replied"
    NOTED = "noted"  # an internal note
    ASSIGNED = "assigned"
    PRIORITISED = "prioritised"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    MERGED = "merged"  # this ticket goes on in another one
    ABSORBED = "absorbed"  # another one goes on in this
    CONTACT_LEFT = "contact_left"
    IDENTIFIED = "identified"  # the company vouched for its customer after the opening
    SLA_WARNED = "sla_warned"
    SLA_BREACHED = "sla_breached"


EVENT_OF: Mapping[Move, TicketEventKind] = {
    Move.SNOOZE: TicketEventKind.SNOOZED,
    Move.WAKE: TicketEventKind.WOKEN,
    Move.RESOLVE: TicketEventKind.RESOLVED,
    Move.REOPEN: TicketEventKind.REOPENED,
    Move.RETURN: TicketEventKind.RETURNED,
    Move.CANCEL: TicketEventKind.CANCELLED,
    Move.MERGE: TicketEventKind.MERGED,
}

CUSTOMER = "customer"  # the actors that are no agents
BOT = "bot"
SYSTEM = "system"

ASKS_NOTHING = "asks_nothing"  # in the details of what a customer wrote: thanks and no more


@dataclass(frozen=True, slots=True)
class TicketEvent:
    ticket: str
    kind: TicketEventKind
    actor: str  # an agent's id, or CUSTOMER, BOT, SYSTEM
    at: datetime = field(default_factory=now)
    message: str | None = None  # the id of the message or note it is about
    details: Mapping[str, str] = field(
        default_factory=dict
    )  # codes and ids, never a customer's words
    sequence: int | None = None  # given by the store, in the order of commits


@dataclass(frozen=True, slots=True)
class Ticket:
    """One per escalation of a conversation; (conversation, escalation) is unique."""

    number: int  # what people call it, shown as `label`
    conversation: str
    escalation: int  # 1 for the conversation's first
    reason: HandoffReason
    packet: Packet  # as it was when the ticket was opened
    tier: Tier = Tier.BASIC
    priority: Priority = Priority.NORMAL
    state: TicketState = TicketState.OPEN
    id: str = field(default_factory=new_id)
    opened_at: datetime = field(default_factory=now)
    first_response_due: datetime | None = None  # as promised to the customer at the opening
    assignee: str | None = None  # an agent's id
    team: str | None = None
    snoozed_until: datetime | None = None
    merged_into: str | None = None  # the id of the ticket it goes on in
    contact: str | None = None  # a mail address the customer left
    timezone: str | None = None  # IANA name, as the customer's browser told
    desks: tuple[str, ...] = ()  # the names of the desks that hear of it

    @property
    def label(self) -> str:
        return label_of(self.number)


def label_of(number: int) -> str:
    return f"T-{number}"
