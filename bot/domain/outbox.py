"""What has to reach somebody outside: committed with its cause, kept until it has arrived."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.conversation import Message, now
from bot.domain.errors import BotError
from bot.domain.ticket import Ticket, TicketEvent, TicketEventKind


class Recipient(StrEnum):
    DESK = "desk"  # the event of a ticket
    CHANNEL = "channel"  # a message for the customer


# Channels whose customers do not look for the bot's replies: those are taken to them as well.
PUSHED_CHANNELS = frozenset({"mail", "slack", "feishu", "dingtalk"})


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # given up; an agent can have it tried again


class DeskUnavailable(BotError):
    """The desk or channel may take the delivery later; `retry_after_s` where it said when."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class DeskRefused(BotError):
    """The desk or channel will never take this delivery as it is."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Those of a ticket to a desk, and of a conversation to its channel, arrive in the order of
    their commits."""

    key: str  # the same at every attempt and replay: the recipient's means against doing it twice
    recipient: Recipient
    name: str  # of the desk or channel
    ticket: str | None  # None: of a conversation that no person had
    conversation: str
    kind: TicketEventKind | None = None  # of the event a desk hears of
    message: str | None = None  # the id of the message, or of the message or note of the event
    created_at: datetime = field(default_factory=now)
    due_at: datetime = field(default_factory=now)
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    error: str | None = None  # why the last attempt failed; never a customer's words
    reference: str | None = None  # what the recipient calls the ticket, once it told
    sequence: int | None = None  # given by the store, in the order of commits


def desk_deliveries(ticket: Ticket, event: TicketEvent, identity: str) -> tuple[Delivery, ...]:
    """One for each desk of the ticket; `identity` tells the event from all others of the ticket."""
    return tuple(
        Delivery(
            key=f"{ticket.id}.{identity}.{desk}",
            recipient=Recipient.DESK,
            name=desk,
            ticket=ticket.id,
            conversation=ticket.conversation,
            kind=event.kind,
            message=event.message,
            created_at=event.at,
            due_at=event.at,
        )
        for desk in ticket.desks
    )


def channel_delivery(ticket: Ticket | None, channel: str, message: Message) -> Delivery:
    return Delivery(
        key=f"{message.id}.{channel}",
        recipient=Recipient.CHANNEL,
        name=channel,
        ticket=ticket.id if ticket is not None else None,
        conversation=message.conversation,
        message=message.id,
        created_at=message.created_at,
        due_at=message.created_at,
    )
