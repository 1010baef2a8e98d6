"""The survey after a ticket: when it is asked, and what was answered."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.conversation import Conversation, ConversationStatus, now
from bot.domain.survey import Survey, SurveyAnswer
from bot.domain.ticket import Ticket, TicketState
from bot.ports import SurveyStore

QUIET = timedelta(days=30)  # after a customer was asked in another conversation


class Surveys:
    def __init__(self, store: SurveyStore, clock: Callable[[], datetime] = now) -> None:
        self._store = store
        self._clock = clock

    async def ask(self, conversation_id: str) -> Ticket | None:
        """The resolved ticket that its customer is asked about, None where nothing is to be asked.

        Once in a conversation: not after it was answered or declined, not once the conversation
        went on, and not within QUIET of another survey of the same customer. Raises StoreError.
        """
        conversation = await self._store.conversation(conversation_id)
        if conversation is None or conversation.status is not ConversationStatus.RESOLVED:
            return None
        ticket = await self._last_ticket(conversation)
        if ticket is None or ticket.state is not TicketState.RESOLVED:
            return None
        known = await self._store.survey(conversation.id, ticket.escalation)
        if known is not None:
            return None if known.is_begun else ticket
        if await self._is_quiet(conversation):
            return None
        await self._store.add_survey(self._survey(conversation, ticket))
        return ticket

    async def answer(
        self,
        conversation: Conversation,
        answer: SurveyAnswer,
        about: str | None = None,
        *,
        more: bool = False,
    ) -> bool:
        """`about`: the ticket that was asked about, where the customer's side tells; `more` may
        come. False where nothing is asked, or was answered before. Raises StoreError."""
        ticket = await self._last_ticket(conversation)
        if ticket is None or ticket.state is not TicketState.RESOLVED:
            return False
        if about not in (None, ticket.id):
            return False
        if await self._store.survey(conversation.id, ticket.escalation) is None:
            await self.ask(conversation.id)  # due, and told by another way than this one
        closed = replace(answer, closed_at=None if more else self._clock())
        return await self._store.answer_survey(conversation.id, ticket.escalation, closed)

    async def of_conversation(self, conversation_id: str) -> Sequence[Survey]:
        return await self._store.surveys_of(conversation_id)

    async def of_customer(self, customer_id: str) -> Sequence[Survey]:
        return await self._store.surveys_by(customer_id)

    async def _last_ticket(self, conversation: Conversation) -> Ticket | None:
        tickets = await self._store.tickets_of(conversation.id)
        return tickets[-1] if tickets else None

    async def _is_quiet(self, conversation: Conversation) -> bool:
        if await self._store.surveys_of(conversation.id):
            return True
        if conversation.customer is None:
            return False
        since = self._clock() - QUIET
        asked = await self._store.surveys_by(conversation.customer)
        return any(survey.asked_at > since for survey in asked)

    def _survey(self, conversation: Conversation, ticket: Ticket) -> Survey:
        return Survey(
            conversation=conversation.id,
            escalation=ticket.escalation,
            ticket=ticket.id,
            customer=conversation.customer,
            asked_at=self._clock(),
        )
