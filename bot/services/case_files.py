"""Everything about one ticket that an agent has before them, gathered from the store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.conversation import Author, Conversation, Message, now
from bot.domain.customer import Customer
from bot.domain.feedback import Feedback
from bot.domain.profile import CustomerProfile, PastTicket
from bot.domain.reply import Reply
from bot.domain.sla import Clocks
from bot.domain.survey import Survey
from bot.domain.ticket import Ticket, TicketEvent
from bot.domain.ticket_change import TicketNote
from bot.domain.understanding import Tone
from bot.domain.wrong_answer import WrongAnswer
from bot.ports import Storage
from bot.services.casework import UnknownTicket
from bot.services.profile import Profiles, past_ticket
from bot.services.sla import ServiceLevels
from bot.services.stories import Stories


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    ticket: Ticket
    conversation: Conversation
    customer: Customer | None  # as the company knows them now; None for a visitor
    messages: Sequence[Message]  # also of the conversations whose ticket goes on in this one
    places: Mapping[str, Ticket]  # by conversation; this ticket first, then those that go on in it
    tones: Mapping[str, Tone]  # by the customer's message
    replies: Mapping[str, Reply]  # by the bot's message
    feedback: Mapping[str, Feedback]
    wrong: Mapping[str, WrongAnswer]
    events: Sequence[TicketEvent]
    notes: Sequence[TicketNote]
    clocks: Clocks
    survey: Survey | None  # what was answered about this ticket
    profile: CustomerProfile | None  # None for a visitor
    others: Sequence[PastTicket]  # of the same customer or conversation, the latest first
    labels: Mapping[str, str]  # of the tickets that events speak of, by their ids

    @property
    def duplicates(self) -> Sequence[PastTicket]:
        return [other for other in self.others if other.state.is_active]


class CaseFiles:
    """Raises UnknownTicket and StoreError."""

    def __init__(
        self, store: Storage, levels: ServiceLevels, clock: Callable[[], datetime] = now
    ) -> None:
        self._store = store
        self._stories = Stories(store)
        self._levels = levels
        self._clock = clock

    async def open(self, ticket_id: str) -> CaseFile:
        ticket = await self._store.ticket(ticket_id)
        conversation = await self._store.conversation(ticket.conversation) if ticket else None
        if ticket is None or conversation is None:
            raise UnknownTicket(ticket_id)
        tickets = await self._stories.tickets(ticket)
        messages = await self._stories.messages(tickets)
        said = [message.id for message in messages if message.author is Author.BOT]
        events = await self._store.events(ticket.id)
        known = conversation.customer
        profile = await Profiles(self._store).profile(known) if known else None
        return CaseFile(
            ticket=ticket,
            conversation=conversation,
            customer=profile.customer if profile else None,
            messages=messages,
            places={each.conversation: each for each in tickets},
            tones=await self._stories.tones(tickets),
            replies=await self._store.replies(said),
            feedback=await self._store.feedback(said),
            wrong=await self._store.wrong_answers(said),
            events=events,
            notes=await self._store.notes(ticket.id),
            clocks=self._levels.clocks(ticket, events, self._clock()),
            survey=await self._survey(ticket),
            profile=profile,
            others=await self._others(ticket, profile),
            labels=await self._labels(events),
        )

    async def places(self, ticket: Ticket) -> Sequence[str]:
        """The conversations that are worked on in the ticket, its own first."""
        return [each.conversation for each in await self._stories.tickets(ticket)]

    async def mark_wrong(self, ticket_id: str, wrong: WrongAnswer) -> bool:
        """False for what the bot did not say in a conversation of the ticket's."""
        ticket = await self._store.ticket(ticket_id)
        if ticket is None:
            raise UnknownTicket(ticket_id)
        message = await self._store.message(wrong.message)
        if message is None or message.conversation not in await self.places(ticket):
            return False
        if message.author is not Author.BOT:
            return False
        await self._store.save_wrong_answer(wrong)
        return True

    async def _survey(self, ticket: Ticket) -> Survey | None:
        survey = await self._store.survey(ticket.conversation, ticket.escalation)
        if survey is None or (survey.csat is None and survey.nps is None and not survey.comment):
            return None
        return survey

    async def _others(
        self, ticket: Ticket, profile: CustomerProfile | None
    ) -> Sequence[PastTicket]:
        if profile is not None:
            return [other for other in profile.tickets if other.id != ticket.id]
        surveys = await self._store.surveys_of(ticket.conversation)
        opinions = {survey.ticket: survey for survey in surveys if survey.ticket is not None}
        tickets = reversed(await self._store.tickets_of(ticket.conversation))
        return [past_ticket(other, opinions) for other in tickets if other.id != ticket.id]

    async def _labels(self, events: Sequence[TicketEvent]) -> Mapping[str, str]:
        named = {event.details.get("into") or event.details.get("ticket") for event in events}
        found = [await self._store.ticket(ticket_id) for ticket_id in named if ticket_id]
        return {ticket.id: ticket.label for ticket in found if ticket}
