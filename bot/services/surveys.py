"""The survey after a ticket: when it is asked, and what was answered.

There is one for a ticket, kept with it: whose conversation was merged into it is asked as well, and
whoever is there first has answered for both, unless they are known to be two customers.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain.conversation import Conversation, ConversationStatus, now
from bot.domain.survey import Survey, SurveyAnswer
from bot.domain.ticket import Ticket, TicketState
from bot.domain.ticket_change import may_share
from bot.ports import SurveyStore

QUIET = timedelta(days=30)  # after a customer was asked in another conversation


class _Due(NamedTuple):
    ticket: Ticket
    survey: Survey


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

        Once in a conversation: not after it was answered or declined, not once the conversation
        went on, and not within QUIET of another survey of the same customer. Raises StoreError.
        """
        conversation = await self._store.conversation(conversation_id)
        if conversation is None or conversation.status is not ConversationStatus.RESOLVED:
            return None
        due = await self._due(conversation)
        if due is None or due.survey.is_begun or await self._is_quiet(conversation, due.survey):
            return None
        await self._store.add_survey(due.survey)
        return due.ticket

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
        due = await self._due(conversation)
        if due is None or about not in (None, due.ticket.id):
            return False
        place = due.survey.conversation, due.survey.escalation
        if await self._store.survey(*place) is None:
            await self.ask(conversation.id)  # due, and told by another way than this one
        closed = replace(answer, closed_at=None if more else self._clock())
        if not await self._store.answer_survey(*place, closed):
            return False
        for observer in self._observers:
            observer(conversation.id)
        return True

    async def of_conversation(self, conversation_id: str) -> Sequence[Survey]:
        return await self._store.surveys_of(conversation_id)

    async def of_customer(self, customer_id: str) -> Sequence[Survey]:
        return await self._store.surveys_by(customer_id)

    async def _due(self, conversation: Conversation) -> _Due | None:
        """Of the ticket the conversation was worked on in, the survey as it was asked or would be
        now; None where none was resolved, or where somebody else was asked about it."""
        tickets = await self._store.tickets_of(conversation.id)
        ticket = await self._goes_on(tickets[-1]) if tickets else None
        if ticket is None or ticket.state is not TicketState.RESOLVED:
            return None
        for place in (ticket, tickets[-1]):
            known = await self._store.survey(place.conversation, place.escalation)
            if known is not None and may_share(known.customer, conversation.customer):
                return _Due(ticket, known)
            if known is None:
                about = place.conversation, place.escalation, ticket.id, conversation.customer
                return _Due(ticket, Survey(*about, asked_at=self._clock()))
        return None

    async def _is_quiet(self, conversation: Conversation, survey: Survey) -> bool:
        """Another one was asked before."""
        asked = await self._asked_in(conversation)
        if conversation.customer is not None:
            since = self._clock() - QUIET
            by_customer = await self._store.surveys_by(conversation.customer)
            asked += [each for each in by_customer if each.asked_at > since]
        return any(
            each.asked_at <= survey.asked_at
            for each in asked
            if (each.conversation, each.escalation) != (survey.conversation, survey.escalation)
        )

    async def _asked_in(self, conversation: Conversation) -> list[Survey]:
        """Of the same customer, also about tickets in which its own ones went on."""
        tickets = await self._store.tickets_of(conversation.id)
        places = [await self._goes_on(ticket) for ticket in tickets if ticket.merged_into]
        surveys = [await self._store.survey(p.conversation, p.escalation) for p in places]
        surveys += await self._store.surveys_of(conversation.id)
        mine = conversation.customer
        return [each for each in surveys if each is not None and may_share(each.customer, mine)]

    async def _goes_on(self, ticket: Ticket) -> Ticket:
        if ticket.merged_into is None:
            return ticket
        return await self._store.ticket(ticket.merged_into) or ticket
