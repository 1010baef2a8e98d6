"""The triage channel of Slack as a desk: a ticket is a card, what happens to it stands below."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.channels.chat.place import Place
from bot.channels.slack import CHANNEL
from bot.channels.slack.card import TOLD_BELOW, CardWriter, TicketView
from bot.channels.slack.elements import cut
from bot.channels.slack.place import link_to
from bot.channels.slack.posting import Calls, Payload, Poster
from bot.channels.slack.refusals import SlackRefused
from bot.channels.slack.triage_channel import TriageChannel
from bot.domain.conversation import Conversation, Message, now
from bot.domain.inbound import Post
from bot.domain.outbox import Delivery, DeskRefused
from bot.domain.sla import Clocks
from bot.domain.ticket import Ticket, TicketEvent, TicketEventKind
from bot.domain.ticket_change import TicketNote

log = logging.getLogger(__name__)

# How the key of a reply begins that its author wrote into the thread of the card.
TYPED = "slack-thread:"
SENT_MARK = "white_check_mark"
LONGEST_NOTICE = 300  # characters, of what a notification shows
TICKET = "ticket"  # in the metadata of a card
LOUD = frozenset({TicketEventKind.SLA_BREACHED})
_GONE = frozenset({"message_not_found", "thread_not_found", "cannot_reply_to_message"})
_UNSEEN = frozenset({TicketEventKind.NOTED})  # changes nothing on the card


class TicketFacts(Protocol):
    async def events(self, ticket_id: str) -> Sequence[TicketEvent]: ...

    async def notes(self, ticket_id: str) -> Sequence[TicketNote]: ...

    async def conversation(self, conversation_id: str) -> Conversation | None: ...


class Levels(Protocol):
    def clocks(self, ticket: Ticket, events: Sequence[TicketEvent], at: datetime) -> Clocks: ...


AgentName = Callable[[str], Awaitable[str | None]]


class SlackTriage:
    name = CHANNEL

    def __init__(
        self,
        calls: Calls,
        poster: Poster,
        store: TicketFacts,
        levels: Levels,
        card: CardWriter,
        agent_name: AgentName,
        channel: TriageChannel,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._calls = calls
        self._poster = poster
        self._store = store
        self._levels = levels
        self._card = card
        self._agent_name = agent_name
        self._channel = channel
        self._clock = clock

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        """The address of the card."""
        kind = delivery.kind
        if kind is None:
            raise DeskRefused("the triage channel is told of events only")
        events = await self._store.events(ticket.id)
        card = await self._carded(delivery, ticket, events)
        if kind is not TicketEventKind.OPENED and kind not in _UNSEEN:
            card = await self._redrawn(card, delivery, ticket, events)
        thread = replace(await self._channel.place(), thread=card.reference)
        await self._poster.note(card_at(thread), ticket.conversation, thread, ticket.id)
        for n, blocks in enumerate(self._card.packet(ticket)):
            await self._poster.post(
                f"{card_key(ticket)}.packet.{card.reference}{f'.{n}' if n else ''}",
                ticket.conversation,
                thread,
                Payload(self._card.title(ticket), blocks),
            )
        await self._tell(delivery, ticket, message, events, thread)
        return thread.address

    async def _carded(
        self, delivery: Delivery, ticket: Ticket, events: Sequence[TicketEvent]
    ) -> Post:
        known = await self._poster.made(card_key(ticket))
        if known is not None:
            return known
        facts = {TICKET: ticket.id, "delivery": delivery.key}
        payload = Payload(
            self._card.title(ticket), self._card.card(await self._view(ticket, events)), facts=facts
        )
        place = await self._channel.place()
        return await self._poster.post(card_key(ticket), ticket.conversation, place, payload)

    async def _redrawn(
        self, card: Post, delivery: Delivery, ticket: Ticket, events: Sequence[TicketEvent]
    ) -> Post:
        """Where somebody deleted it, there is a new one."""
        blocks = self._card.card(await self._view(ticket, events))
        place = await self._channel.place()
        try:
            await self._calls.call(
                place.team,
                "chat.update",
                channel=place.channel,
                ts=card.reference,
                text=self._card.title(ticket),
                blocks=list(blocks),
            )
        except DeskRefused as error:
            if not is_gone(error):
                raise
            await self._poster.begin_anew(card)
            return await self._carded(delivery, ticket, events)
        return card

    async def _tell(
        self,
        delivery: Delivery,
        ticket: Ticket,
        message: Message | None,
        events: Sequence[TicketEvent],
        thread: Place,
    ) -> None:
        kind = delivery.kind
        if kind not in TOLD_BELOW or kind is None:
            return
        if kind is TicketEventKind.NOTED:
            await self._tell_note(delivery, ticket, thread)
            return
        typed = typed_at(message) if message is not None else None
        if typed is not None:
            await self._mark_sent(typed)
            return
        done = [event.actor for event in events if event.kind is kind]
        actor = message.agent if message is not None and message.agent else (done or [""])[-1]
        name = await self._agent_name(actor) if actor else None
        text = self._card.event(kind, ticket, name, message.text if message else "")
        await self._say(delivery, thread, text, is_loud=kind in LOUD)

    async def _tell_note(self, delivery: Delivery, ticket: Ticket, thread: Place) -> None:
        """What was typed here as a note stands here already."""
        notes = [note for note in await self._store.notes(ticket.id) if note.id == delivery.message]
        for note in notes:
            if await self._poster.made(note_key(note.id)) is None:
                name = await self._agent_name(note.author)
                text = self._card.event(TicketEventKind.NOTED, ticket, name, note.text)
                await self._say(delivery, thread, text)

    async def _say(
        self, delivery: Delivery, thread: Place, text: str, *, is_loud: bool = False
    ) -> None:
        payload = Payload(
            cut(text, LONGEST_NOTICE),
            self._card.said(text),
            is_broadcast=is_loud,
            facts={"delivery": delivery.key},
        )
        await self._poster.post(delivery.key, delivery.conversation, thread, payload)

    async def _mark_sent(self, typed: Place) -> None:
        """Its author sees that it went to the customer; that it does is not up to this mark."""
        try:
            await self._calls.call(
                typed.team,
                "reactions.add",
                channel=typed.channel,
                timestamp=typed.thread,
                name=SENT_MARK,
            )
        except DeskRefused as error:
            log.info("a reply was not marked as sent: %s", error)

    async def _view(self, ticket: Ticket, events: Sequence[TicketEvent]) -> TicketView:
        assignee = await self._agent_name(ticket.assignee) if ticket.assignee else None
        conversation = await self._store.conversation(ticket.conversation)
        return TicketView(
            ticket,
            self._levels.clocks(ticket, events, self._clock()),
            assignee,
            _link(conversation) if conversation is not None else "",
        )


def card_key(ticket: Ticket) -> str:
    return f"card.{ticket.id}"


def card_at(thread: Place) -> str:
    """Where is written down whose card stands at the top of a thread."""
    return f"card.at.{thread.address}"


def note_key(note: str) -> str:
    """Where is written down that a note was typed below its card."""
    return f"note.{note}"


def typed_at(message: Message) -> Place | None:
    """Where its author wrote it, if that was the thread of a card."""
    _, mark, address = (message.client_message_id or "").rpartition(TYPED)
    return Place.parse(address) if mark else None


def is_gone(error: DeskRefused) -> bool:
    return isinstance(error, SlackRefused) and error.code in _GONE


def _link(conversation: Conversation) -> str:
    """Nobody but its two opens a direct message."""
    if conversation.channel != CHANNEL or not conversation.address:
        return ""
    place = Place.parse(conversation.address)
    if place.thread is None or place.user is not None or place.channel.startswith("D"):
        return ""
    return link_to(place)
