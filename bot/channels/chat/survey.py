"""Asks how the help was, once a ticket is resolved, where it was asked for."""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.program import Click, Program, customer_id
from bot.channels.chat.sheet import Sheet
from bot.channels.chat.survey_sheet import COMMENT, DECLINE, MORE, NPS, RATE, SCORES, SurveySheets
from bot.channels.chat.whispers import whisper
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused
from bot.domain.survey import SurveyAnswer
from bot.domain.ticket import Ticket
from bot.ports import Courier, Prompts
from bot.services.surveys import Surveys

log = logging.getLogger(__name__)

Home = Callable[[Conversation], Awaitable[Place | None]]


class Tickets(Protocol):
    async def ticket(self, ticket_id: str) -> Ticket | None: ...

    async def conversation(self, conversation_id: str) -> Conversation | None: ...


class ChatSurveys:
    """Raises DeskUnavailable, DeskRefused and StoreError; what is done again changes nothing."""

    def __init__(
        self,
        program: Program,
        poster: Poster,
        store: Tickets,
        surveys: Surveys,
        prompts: Prompts,
        home: Home | None = None,
    ) -> None:
        """`home`: where a conversation goes on that only its asker sees."""
        self._program = program
        self._poster = poster
        self._store = store
        self._surveys = surveys
        self._home = home
        self._sheets = {locale: SurveySheets(prompts, locale) for locale in Locale}

    async def offer(self, conversation: Conversation) -> None:
        """Once for a ticket, where its customer is to be asked at all."""
        place = await self._place(conversation)
        ticket = await self._surveys.ask(conversation.id) if place is not None else None
        if place is None or ticket is None:
            return
        sheet = self._sheets[ticket.packet.locale].asked(ticket.label, ticket.id)
        await self._poster.post(f"survey.{ticket.id}", conversation.id, place, sheet)

    async def _place(self, conversation: Conversation) -> Place | None:
        """None where it would be seen by others, or by nobody."""
        place = Place.parse(conversation.address) if conversation.address else None
        if place is None or not place.is_ephemeral:
            return place
        return await self._home(conversation) if self._home is not None else None

    async def handle(self, event: InboundEvent) -> None:
        """A click. That which opens a form is done by then."""
        click = self._program.reader.click(event)
        found = await self._asked(click) if click.action != MORE else None
        if found is None:
            return
        ticket, conversation = found
        sheets = self._sheets[ticket.packet.locale]
        if click.action == DECLINE:
            taken = await self._surveys.answer(conversation, SurveyAnswer(), ticket.id)
            await self._show(click, sheets.over("declined" if taken else "closed"))
            return
        csat = int(click.action.removeprefix(f"{RATE}."))
        answer = SurveyAnswer(csat=csat)
        taken = await self._surveys.answer(conversation, answer, ticket.id, more=True)
        await self._show(click, sheets.rated(csat, ticket.id) if taken else sheets.over("closed"))

    async def open_form(self, event: InboundEvent) -> None:
        """Where a comment is written."""
        click = self._program.reader.click(event)
        found = await self._asked(click)
        if found is None:
            return
        ticket, _ = found
        form = self._sheets[ticket.packet.locale].form(ticket.label, ticket.id)
        await self._program.forms.open(click, form)

    async def handle_form(self, event: InboundEvent) -> None:
        click = self._program.reader.click(event)
        found = await self._asked(click)
        if found is None:
            return
        ticket, conversation = found
        nps, comment = click.values.get(NPS, ""), click.values.get(COMMENT, "").strip()
        answer = SurveyAnswer(nps=int(nps) if nps in SCORES else None, comment=comment or None)
        taken = await self._surveys.answer(conversation, answer, ticket.id)
        sheets = self._sheets[ticket.packet.locale]
        await self._show(click, sheets.over("done" if taken else "closed"))

    async def _asked(self, click: Click) -> tuple[Ticket, Conversation] | None:
        """What the survey is about; None where somebody else answers, who is told so."""
        ticket = await self._store.ticket(click.value)
        conversation = await self._store.conversation(ticket.conversation) if ticket else None
        if ticket is None or conversation is None:
            return None
        who = customer_id(self._program.channel, click.team, click.user)
        if conversation.customer in (None, who):
            return ticket, conversation
        not_theirs = self._sheets[ticket.packet.locale].not_theirs()
        await whisper(self._program.wall, click, not_theirs)
        return None

    async def _show(self, click: Click, sheet: Sheet) -> None:
        """In place of the question. Whoever removed it has answered all the same."""
        if click.at is None or not click.post:
            return
        try:
            await self._program.wall.change(click.at, click.post, sheet)
        except DeskRefused as error:
            log.info("an answered survey was not shown: %s", error)


class AskingCourier:
    """A courier whose customers are asked how it was, behind the last word on their ticket."""

    def __init__(self, courier: Courier, offer: Callable[[Conversation], Awaitable[None]]) -> None:
        self._courier = courier
        self._offer = offer

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        await self._courier.deliver(conversation, message)
        if message.author is Author.SYSTEM:
            await self._offer(conversation)
