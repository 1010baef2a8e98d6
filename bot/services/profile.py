"""Gathers what is known of a customer from the store."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from bot.domain.conversation import Conversation
from bot.domain.customer import Customer
from bot.domain.profile import CustomerProfile, PastConversation, PastTicket
from bot.domain.ticket import Ticket, TicketState
from bot.domain.ticket_queue import QueuedTicket, QueueFilter

MOST_CONVERSATIONS = 50
MOST_TICKETS = 50
MOST_LABELS = 20
LABEL_CHARACTERS = 40


class Opinion(Protocol):
    """What was said of a ticket in a survey."""

    @property
    def ticket(self) -> str | None: ...

    @property
    def csat(self) -> int | None: ...

    @property
    def nps(self) -> int | None: ...

    @property
    def comment(self) -> str | None: ...


class ProfileSource(Protocol):
    """What a profile needs of the store."""

    async def customer(self, customer_id: str) -> Customer | None: ...

    async def queue(self, asked: QueueFilter) -> Sequence[QueuedTicket]: ...

    async def conversations_of(self, customer_id: str, limit: int) -> Sequence[Conversation]:
        """The latest first."""
        ...

    async def surveys_by(self, customer_id: str) -> Sequence[Opinion]: ...

    async def labels(self, customer_id: str) -> Sequence[str]: ...

    async def change_labels(
        self, customer_id: str, change: Callable[[Sequence[str]], Sequence[str]]
    ) -> Sequence[str]:
        """Those that stand afterwards."""
        ...


class Profiles:
    def __init__(self, source: ProfileSource) -> None:
        self._source = source

    async def profile(self, customer_id: str) -> CustomerProfile | None:
        """None for a customer nobody vouched for; raises StoreError."""
        customer = await self._source.customer(customer_id)
        if customer is None:
            return None
        asked = QueueFilter(states=frozenset(TicketState), customer=customer_id, limit=MOST_TICKETS)
        rows = await self._source.queue(asked)
        opinions = {
            opinion.ticket: opinion
            for opinion in await self._source.surveys_by(customer_id)
            if opinion.ticket is not None
        }
        tickets = [past_ticket(row.ticket, opinions) for row in rows]
        counts = Counter(ticket.conversation for ticket in tickets)
        conversations = await self._source.conversations_of(customer_id, MOST_CONVERSATIONS)
        return CustomerProfile(
            customer=customer,
            labels=tuple(await self._source.labels(customer_id)),
            conversations=tuple(
                PastConversation(
                    past.id, past.channel, past.status, past.created_at, counts[past.id]
                )
                for past in conversations
            ),
            tickets=tuple(sorted(tickets, key=lambda ticket: ticket.opened_at, reverse=True)),
        )

    async def label(
        self, customer_id: str, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """Those that stand from now on: each once, cut and without white space around it. Raises
        StoreError where there is no such customer."""

        def change(labels: Sequence[str]) -> Sequence[str]:
            left = [label for label in labels if label not in remove]
            return tuple(dict.fromkeys([*left, *filter(None, map(_plain, add))]))[:MOST_LABELS]

        return tuple(await self._source.change_labels(customer_id, change))


def _plain(label: str) -> str:
    return " ".join(label.split())[:LABEL_CHARACTERS].strip()


def past_ticket(ticket: Ticket, opinions: Mapping[str, Opinion]) -> PastTicket:
    opinion = opinions.get(ticket.id)
    return PastTicket(
        id=ticket.id,
        label=ticket.label,
        conversation=ticket.conversation,
        summary=ticket.packet.summary,
        reason=ticket.reason,
        state=ticket.state,
        opened_at=ticket.opened_at,
        csat=opinion.csat if opinion else None,
        nps=opinion.nps if opinion else None,
        comment=opinion.comment if opinion else None,
    )
