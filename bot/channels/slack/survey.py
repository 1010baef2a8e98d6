"""Asks how the help was, once a ticket is resolved, in the thread where it was asked for."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from bot.channels.chat.place import Place
from bot.channels.chat.program import customer_id
from bot.channels.slack import CHANNEL
from bot.channels.slack.elements import Block
from bot.channels.slack.events import place_of, team_of, user_of
from bot.channels.slack.posting import Calls, Payload, Poster
from bot.channels.slack.survey_card import COMMENT, DECLINE, MORE, NPS, RATE, SurveyCard
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


class SlackSurveys:
    """Raises DeskUnavailable, DeskRefused and StoreError; what is done again changes nothing."""

    def __init__(
        self,
        calls: Calls,
        poster: Poster,
        store: Tickets,
        surveys: Surveys,
        prompts: Prompts,
        home: Home | None = None,
    ) -> None:
        """`home`: where a conversation goes on that only its asker sees."""
        self._calls = calls
        self._poster = poster
        self._store = store
        self._surveys = surveys
        self._home = home
        self._cards = {locale: SurveyCard(prompts, locale) for locale in Locale}

    async def offer(self, conversation: Conversation) -> None:
        """Once for a ticket, where its customer is to be asked at all."""
        place = await self._place(conversation)
        ticket = await self._surveys.ask(conversation.id) if place is not None else None
        if place is None or ticket is None:
            return
        card = self._cards[ticket.packet.locale]
        payload = Payload(card.question(ticket.label), card.asked(ticket.label, ticket.id))
        key = f"survey.{ticket.id}"
        await self._poster.post(key, conversation.id, place, payload)

    async def _place(self, conversation: Conversation) -> Place | None:
        """None where it would be seen by others, or by nobody."""
        place = Place.parse(conversation.address) if conversation.address else None
        if place is None or not place.is_ephemeral:
            return place
        return await self._home(conversation) if self._home is not None else None

    async def handle(self, event: InboundEvent) -> None:
        """A click."""
        action = event.body["actions"][0]
        name = str(action["action_id"])
        found = await self._asked(str(action["value"]), event.body)
        if found is None or name == MORE:
            return
        ticket, conversation = found
        card = self._cards[ticket.packet.locale]
        if name == DECLINE:
            taken = await self._surveys.answer(conversation, SurveyAnswer(), ticket.id)
            text, blocks = card.over("declined" if taken else "closed")
            await self._show(_post_of(event.body), text, blocks)
            return
        csat = int(name.removeprefix(f"{RATE}."))
        answer = SurveyAnswer(csat=csat)
        if await self._surveys.answer(conversation, answer, ticket.id, more=True):
            blocks = card.rated(csat, ticket.id)
            text = blocks[0]["text"]["text"]
        else:
            text, blocks = card.over("closed")
        await self._show(_post_of(event.body), text, blocks)

    async def open_dialog(self, body: Mapping[str, Any]) -> None:
        """Where a comment is written; what opens it is good for three seconds."""
        found = await self._asked(str(body["actions"][0]["value"]), body)
        if found is None:
            return
        ticket, _ = found
        at = _post_of(body)
        metadata = json.dumps({"ticket": ticket.id, "at": at.address})
        view = self._cards[ticket.packet.locale].dialog(ticket.label, metadata)
        await self._calls.call(at.team, "views.open", trigger_id=body["trigger_id"], view=view)

    async def handle_dialog(self, event: InboundEvent) -> None:
        view = event.body["view"]
        told = json.loads(view["private_metadata"])
        found = await self._asked(told["ticket"], event.body)
        if found is None:
            return
        ticket, conversation = found
        given = view["state"]["values"]
        picked = given[NPS][NPS].get("selected_option")
        answer = SurveyAnswer(
            nps=int(picked["value"]) if picked else None,
            comment=(given[COMMENT][COMMENT].get("value") or "").strip() or None,
        )
        taken = await self._surveys.answer(conversation, answer, ticket.id)
        text, blocks = self._cards[ticket.packet.locale].over("done" if taken else "closed")
        await self._show(Place.parse(told["at"]), text, blocks)

    async def _asked(
        self, ticket_id: str, body: Mapping[str, Any]
    ) -> tuple[Ticket, Conversation] | None:
        """What the survey is about; None where somebody else answers, who is told so."""
        ticket = await self._store.ticket(ticket_id)
        conversation = await self._store.conversation(ticket.conversation) if ticket else None
        if ticket is None or conversation is None:
            return None
        user, at = user_of(body), place_of(body)
        if conversation.customer in (None, customer_id(CHANNEL, team_of(body), user)):
            return ticket, conversation
        if at is not None:
            await self._tell(at, user, self._cards[ticket.packet.locale].not_theirs())
        return None

    async def _tell(self, at: Place, user: str, text: str) -> None:
        thread = {"thread_ts": at.thread} if at.thread else {}
        try:
            await self._calls.call(
                at.team, "chat.postEphemeral", channel=at.channel, user=user, text=text, **thread
            )
        except DeskRefused as error:
            log.info("somebody was not told whose survey it is: %s", error)

    async def _show(self, post: Place, text: str, blocks: Sequence[Block]) -> None:
        """In place of the question. Whoever removed it has answered all the same."""
        try:
            await self._calls.call(
                post.team,
                "chat.update",
                channel=post.channel,
                ts=post.thread,
                text=text,
                blocks=list(blocks),
            )
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


def _post_of(body: Mapping[str, Any]) -> Place:
    """What was clicked, by its own ts."""
    container = body["container"]
    return Place(team_of(body), str(container["channel_id"]), str(container["message_ts"]))
