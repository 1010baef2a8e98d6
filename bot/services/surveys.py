"""The survey after a ticket: when it is asked, and what was answered."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.domain.conversation import Conversation, ConversationStatus, now
from bot.domain.survey import Survey
from bot.domain.ticket import Ticket, TicketState
from bot.ports import SurveyStore

QUIET = timedelta(days=30)  # after a customer was asked, whatever was answered


class Surveys:
    def __init__(self, store: SurveyStore, clock: Callable[[], datetime] = now) -> None:
        self._store = store
        self._clock = clock
        self._observers: list[Callable[[str], None]] = []

    def observe(self, observer: Callable[[str], None]) -> None:
        """Called with each conversation whose survey was answered or declined."""
        self._observers.append(observer)

    async def ask(self, conversation_id: str) -> Ticket | None:
        """The resolved ticket that its customer is asked about, None where nothing is to be asked.

        Once: not after it was answered or declined, not once the conversation went on, and not
        within QUIET of another survey of the same customer. Raises StoreError.
        """
        conversation = await self._store.conversation(conversation_id)
        if conversation is None or conversation.status is not ConversationStatus.RESOLVED:
            return None
        ticket = await self._last_ticket(conversation)
        if ticket is None or ticket.state is not TicketState.RESOLVED:
            return None
        known = await self._store.survey(conversation.id, ticket.escalation)
        if known is not None:
            return None if known.closed_at else ticket
        if await self._is_quiet(conversation):
            return None
        await self._store.save_survey(self._survey(conversation, ticket))
        return ticket

    async def answer(
        self,
        conversation: Conversation,
        csat: int | None = None,
        nps: int | None = None,
        comment: str | None = None,
    ) -> bool:
        """Nothing given at all declines. False while a person is at work. Raises StoreError."""
        ticket = await self._last_ticket(conversation)
        if ticket is not None and ticket.state.is_active:
            return False
        escalation = ticket.escalation if ticket else 0
        known = await self._store.survey(conversation.id, escalation)
        survey = known or self._survey(conversation, ticket)
        await self._store.save_survey(survey.answered(csat, nps, comment, self._clock()))
        for observer in self._observers:
            observer(conversation.id)
        return True

    async def of_conversation(self, conversation_id: str) -> Sequence[Survey]:
        return await self._store.surveys_of(conversation_id)

    async def of_customer(self, customer_id: str) -> Sequence[Survey]:
        return await self._store.surveys_by(customer_id)

    async def _last_ticket(self, conversation: Conversation) -> Ticket | None:
        tickets = await self._store.tickets_of(conversation.id)
        return tickets[-1] if tickets else None

    async def _is_quiet(self, conversation: Conversation) -> bool:
        asked = list(await self._store.surveys_of(conversation.id))
        if conversation.customer is not None:
            asked += await self._store.surveys_by(conversation.customer)
        since = self._clock() - QUIET
        return any(survey.asked_at > since for survey in asked)

    def _survey(self, conversation: Conversation, ticket: Ticket | None) -> Survey:
        return Survey(
            conversation=conversation.id,
            escalation=ticket.escalation if ticket else 0,
            ticket=ticket.id if ticket else None,
            customer=conversation.customer,
            asked_at=self._clock(),
        )
