"""A customer as agents see them: who they are and what they came with before."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.conversation import ConversationStatus
from bot.domain.customer import Customer, Tier
from bot.domain.reply import HandoffReason
from bot.domain.ticket import TicketState


@dataclass(frozen=True, slots=True)
class PastTicket:
    id: str
    label: str
    conversation: str
    summary: str
    reason: HandoffReason
    state: TicketState  # how it ended, where it has
    opened_at: datetime
    csat: int | None = None  # 1..5, where it was given
    nps: int | None = None  # 0..10
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class PastConversation:
    id: str
    channel: str
    status: ConversationStatus
    created_at: datetime
    tickets: int = 0  # without one the bot had it to itself


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """The latest first in both lists."""

    customer: Customer
    labels: tuple[str, ...] = ()  # set by agents
    conversations: tuple[PastConversation, ...] = ()
    tickets: tuple[PastTicket, ...] = ()

    @property
    def tier(self) -> Tier:
        return self.customer.tier

    @property
    def organisation(self) -> str | None:
        return self.customer.organisation

    @property
    def csat(self) -> float | None:
        """The mean of what was given, 1..5."""
        given = [ticket.csat for ticket in self.tickets if ticket.csat is not None]
        return sum(given) / len(given) if given else None

    @property
    def nps(self) -> int | None:
        """What was given last, 0..10."""
        return next((ticket.nps for ticket in self.tickets if ticket.nps is not None), None)

    def without(self, conversation: str) -> "CustomerProfile":
        """What came before, seen from a conversation."""
        return CustomerProfile(
            self.customer,
            self.labels,
            tuple(past for past in self.conversations if past.id != conversation),
            tuple(past for past in self.tickets if past.conversation != conversation),
        )
