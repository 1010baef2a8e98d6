"""What needs no turn: who asks after their ticket is told how it stands, who rates it is heard."""

import logging
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot.channels.mail.rendering import MailText
from bot.domain.conversation import Conversation, now
from bot.domain.mail import (
    IncomingMail,
    OutgoingMail,
    answering,
    own_message_id,
    survey_message_id,
)
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.sla_clock import ClockState
from bot.domain.survey import SurveyAnswer
from bot.domain.ticket import Ticket, TicketState
from bot.ports import Mailer, Storage
from bot.services.sla import ServiceLevels
from bot.services.surveys import Surveys

log = logging.getLogger(__name__)

PATTERNS = Path(__file__).with_name("asking.toml")
LONGEST_QUESTION = 60  # characters
LONGEST_COMMENT = 2000
_ENDS = " \t\n.,!?。，！？~…"


@dataclass(frozen=True, slots=True)
class Request:
    ticket: Ticket
    rated: SurveyAnswer | None = None  # None: how it stands is asked


class MailRequests:
    def __init__(
        self,
        store: Storage,
        levels: ServiceLevels,
        surveys: Surveys,
        mailer: Mailer,
        text: MailText,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store = store
        self._levels = levels
        self._surveys = surveys
        self._mailer = mailer
        self._text = text
        self._clock = clock

    async def find(self, mail: IncomingMail, conversation: Conversation) -> Request | None:
        """About the conversation's last ticket; None for anything else. Raises StoreError."""
        tickets = await self._store.tickets_of(conversation.id)
        if not tickets:
            return None
        if asks_for_status(mail.text):
            return Request(tickets[-1])
        ticket = await self._goes_on(tickets[-1]) or tickets[-1]
        survey = survey_message_id(conversation.id, ticket.id, self._mailer.address)
        if ticket.state is not TicketState.RESOLVED or survey not in mail.references:
            return None
        rated = rating_in(mail.text)
        return Request(ticket, rated) if rated is not None else None

    async def answer(
        self, request: Request, mail: IncomingMail, conversation: Conversation
    ) -> bool:
        """The same one again changes nothing. False where it has to be a message all the same:
        who works on a ticket shall know that its customer asks. Raises StoreError."""
        if request.rated is None:
            is_told = await self._tell(request.ticket, mail, conversation)
            return is_told and not conversation.status.is_with_person
        if not await self._surveys.answer(conversation, request.rated, request.ticket.id):
            log.info("a second answer to the survey of %s", request.ticket.label)
        return True

    async def _tell(self, ticket: Ticket, mail: IncomingMail, conversation: Conversation) -> bool:
        message_id = own_message_id(f"status.{mail.key}", self._mailer.address)
        if await self._store.was_sent(message_id):
            return True
        told = OutgoingMail(
            message_id=message_id,
            to=conversation.address or mail.reply_to,
            subject=self._text.subject(ticket.packet.locale),
            text=await self._status(ticket),
            automatic=True,
        )
        try:
            await self._mailer.send(answering(mail, told))
        except (DeskRefused, DeskUnavailable) as error:
            log.warning("how %s stands was not told: %s", ticket.label, error)
            return False
        await self._store.mark_sent(message_id, conversation.id)
        return True

    async def _status(self, ticket: Ticket) -> str:
        goes_on = await self._goes_on(ticket)
        return self._text.status(ticket, goes_on, await self._deadline(ticket))

    async def _goes_on(self, ticket: Ticket) -> Ticket | None:
        return await self._store.ticket(ticket.merged_into) if ticket.merged_into else None

    async def _deadline(self, ticket: Ticket) -> str | None:
        """Until when somebody answers, where that was promised and nobody has yet."""
        if not ticket.state.is_active or ticket.first_response_due is None:
            return None
        at = self._clock()
        clock = self._levels.clocks(ticket, await self._store.events(ticket.id), at).first_response
        if clock.state is not ClockState.RUNNING or clock.due is None:
            return None
        return self._levels.word_deadline(clock.due, at, ticket.packet.locale, ticket.timezone)


def asks_for_status(text: str) -> bool:
    said = _plain(text)
    if len(said) > LONGEST_QUESTION:
        return False
    return any(re.fullmatch(pattern, said, re.IGNORECASE) for pattern in _patterns()["status"])


def rating_in(text: str) -> SurveyAnswer | None:
    """Of a number in the first line; what stands below it is the comment."""
    first, _, rest = text.strip().partition("\n")
    found = re.fullmatch(_patterns()["rating"], _plain(first), re.IGNORECASE)
    if found is None:
        return None
    return SurveyAnswer(csat=int(found[1]), comment=rest.strip()[:LONGEST_COMMENT] or None)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split()).strip(_ENDS)


@cache
def _patterns() -> Mapping[str, Any]:
    return tomllib.loads(PATTERNS.read_text("utf-8"))
