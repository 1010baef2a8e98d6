"""What was said in all conversations that are worked on in one ticket, as one story."""

import heapq
from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.domain.conversation import Author, Message
from bot.domain.ticket import Ticket
from bot.domain.understanding import Tone
from bot.ports import LiveStore, TicketStore

_TELLING = (Author.AGENT, Author.SYSTEM)  # whose words are passed on to merged conversations


def tones_told(*tickets: Ticket) -> dict[str, Tone]:
    """How their customers sounded until the hand-over, by message."""
    lines = (line for ticket in tickets for line in ticket.packet.transcript)
    return {
        line.message: line.tone for line in lines if line.tone and line.author is Author.CUSTOMER
    }


def _told(message: Message) -> tuple[object, ...]:
    return message.author, message.text, message.created_at


class Conversations(TicketStore, LiveStore, Protocol):
    """What stories are read from."""

    async def messages(
        self, conversation_id: str, after: str | None = None
    ) -> Sequence[Message]: ...


class Stories:
    """Raises StoreError."""

    def __init__(self, store: Conversations) -> None:
        self._store = store

    async def tickets(self, ticket: Ticket) -> Sequence[Ticket]:
        """It and those that go on in it, one a conversation, its own first."""
        absorbed = await self._store.absorbed(ticket.id)
        by_conversation = {each.conversation: each for each in (*reversed(absorbed), ticket)}
        elsewhere = [each for each in absorbed if by_conversation[each.conversation] is each]
        return [ticket, *elsewhere]

    async def messages(self, tickets: Sequence[Ticket]) -> Sequence[Message]:
        """In the order of time; what agents and the system said in all of them stands once."""
        own, *others = [await self._said(ticket) for ticket in tickets]
        known = {_told(message) for message in own if message.author in _TELLING}
        streams = [[m for m in stream if _told(m) not in known] for stream in others]
        return list(heapq.merge(own, *streams, key=lambda message: message.created_at))

    async def _said(self, ticket: Ticket) -> Sequence[Message]:
        """In the ticket's conversation, until a later ticket than an absorbed one began there."""
        messages = await self._store.messages(ticket.conversation)
        if ticket.merged_into is None:
            return messages
        later = [
            each.opened_at
            for each in await self._store.tickets_of(ticket.conversation)
            if each.escalation > ticket.escalation
        ]
        return [message for message in messages if not later or message.created_at < min(later)]

    async def tones(self, tickets: Sequence[Ticket]) -> Mapping[str, Tone]:
        """As the packets have it, and as it went on."""
        tones = tones_told(*tickets)
        heard = await self._store.tones([ticket.conversation for ticket in tickets])
        for each in heard.values():
            tones |= each
        return tones

    async def course(self, ticket: Ticket) -> Sequence[Tone]:
        """How its customers sounded, the latest last."""
        tickets = await self.tickets(ticket)
        tones = await self.tones(tickets)
        said = await self.messages(tickets)
        return [tones[message.id] for message in said if message.id in tones]
