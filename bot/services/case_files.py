"""Everything about one ticket that an agent has before them, gathered from the store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.conversation import Author, Conversation, Message, now
from bot.domain.customer import Customer
from bot.domain.feedback import Feedback
from bot.domain.reply import Reply
from bot.domain.sla import Clocks
from bot.domain.survey import Survey
from bot.domain.ticket import Ticket, TicketEvent, TicketState
from bot.domain.ticket_change import TicketNote
from bot.domain.ticket_queue import QueueFilter
from bot.domain.wrong_answer import WrongAnswer
from bot.ports import Storage
from bot.services.casework import UnknownTicket
from bot.services.sla import ServiceLevels

EARLIER = 20  # tickets of the same customer


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    ticket: Ticket
    conversation: Conversation
    customer: Customer | None  # as the company knows them now; None for a visitor
    messages: Sequence[Message]
    replies: Mapping[str, Reply]  # by the bot's message
    feedback: Mapping[str, Feedback]
    wrong: Mapping[str, WrongAnswer]
    events: Sequence[TicketEvent]
    notes: Sequence[TicketNote]
    clocks: Clocks
    others: Sequence[Ticket]  # of the same customer or conversation, the latest first
    survey: Survey | None  # what was answered last by this customer
    labels: Mapping[str, str]  # of the tickets that events speak of, by their ids

    @property
    def duplicates(self) -> Sequence[Ticket]:
        return [other for other in self.others if other.state.is_active]


class CaseFiles:
    """Raises UnknownTicket and StoreError."""

    def __init__(
        self, store: Storage, levels: ServiceLevels, clock: Callable[[], datetime] = now
    ) -> None:
        self._store = store
        self._levels = levels
        self._clock = clock

    async def open(self, ticket_id: str) -> CaseFile:
        ticket = await self._store.ticket(ticket_id)
        conversation = await self._store.conversation(ticket.conversation) if ticket else None
        if ticket is None or conversation is None:
            raise UnknownTicket(ticket_id)
        messages = await self._store.messages(conversation.id)
        said = [message.id for message in messages if message.author is Author.BOT]
        events = await self._store.events(ticket.id)
        known = conversation.customer
        return CaseFile(
            ticket=ticket,
            conversation=conversation,
            customer=await self._store.customer(known) if known else None,
            messages=messages,
            replies=await self._store.replies(said),
            feedback=await self._store.feedback(said),
            wrong=await self._store.wrong_answers(said),
            events=events,
            notes=await self._store.notes(ticket.id),
            clocks=self._levels.clocks(ticket, events, self._clock()),
            others=await self._others(ticket, known),
            survey=await self._survey(conversation),
            labels=await self._labels(events),
        )

    async def tickets_of(self, customer_id: str) -> Sequence[Ticket]:
        """All of a customer's, the latest first."""
        asked = QueueFilter(frozenset(TicketState), customer=customer_id, limit=EARLIER)
        return [row.ticket for row in await self._store.queue(asked)]

    async def mark_wrong(self, ticket_id: str, wrong: WrongAnswer) -> bool:
        """False for what the bot did not say in the ticket's conversation."""
        ticket = await self._store.ticket(ticket_id)
        if ticket is None:
            raise UnknownTicket(ticket_id)
        message = await self._store.message(wrong.message)
        if message is None or message.conversation != ticket.conversation:
            return False
        if message.author is not Author.BOT:
            return False
        await self._store.save_wrong_answer(wrong)
        return True

    async def _others(self, ticket: Ticket, customer_id: str | None) -> Sequence[Ticket]:
        if customer_id is not None:
            tickets = await self.tickets_of(customer_id)
        else:
            tickets = list(reversed(await self._store.tickets_of(ticket.conversation)))
        return [other for other in tickets if other.id != ticket.id]

    async def _survey(self, conversation: Conversation) -> Survey | None:
        if conversation.customer is None:
            surveys = await self._store.surveys_of(conversation.id)
        else:
            surveys = await self._store.surveys_by(conversation.customer)
        answered = [one for one in surveys if one.csat is not None or one.nps is not None]
        return answered[-1] if answered else None

    async def _labels(self, events: Sequence[TicketEvent]) -> Mapping[str, str]:
        named = {event.details.get("into") or event.details.get("ticket") for event in events}
        found = [await self._store.ticket(ticket_id) for ticket_id in named if ticket_id]
        return {ticket.id: ticket.label for ticket in found if ticket}
