"""The triage room of a chat program as a desk: a ticket is a card, what happens to it stands
below."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.program import PostGone, Wall
from bot.channels.chat.sheet import Sheet
from bot.channels.chat.ticket_sheet import TOLD_BELOW, TicketSheets, TicketView
from bot.channels.chat.triage_room import TriageRoom
from bot.domain.conversation import Author, Conversation, Message, now
from bot.domain.inbound import Post
from bot.domain.outbox import Delivery, DeskRefused
from bot.domain.sla import Clocks
from bot.domain.ticket import Ticket, TicketEvent, TicketEventKind
from bot.domain.ticket_change import TicketNote

log = logging.getLogger(__name__)

TICKET = "ticket"  # among the facts of a card
MOST_PAGES = 5  # posts that a packet takes
_UNSEEN = frozenset({TicketEventKind.NOTED})  # changes nothing on the card


class TicketFacts(Protocol):
    async def events(self, ticket_id: str) -> Sequence[TicketEvent]: ...

    async def ticket(self, ticket_id: str) -> Ticket | None: ...

    async def notes(self, ticket_id: str) -> Sequence[TicketNote]: ...

    async def conversation(self, conversation_id: str) -> Conversation | None: ...


class Levels(Protocol):
    def clocks(self, ticket: Ticket, events: Sequence[TicketEvent], at: datetime) -> Clocks: ...


AgentName = Callable[[str], Awaitable[str | None]]


class TriageDesk:
    def __init__(
        self,
        channel: str,
        wall: Wall,
        poster: Poster,
        store: TicketFacts,
        levels: Levels,
        sheets: TicketSheets,
        agent_name: AgentName,
        room: TriageRoom,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`channel`: of the program, by which conversations are known as well."""
        self.name = channel
        self._wall = wall
        self._poster = poster
        self._store = store
        self._levels = levels
        self._sheets = sheets
        self._agent_name = agent_name
        self._room = room
        self._clock = clock

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        """The address of the card."""
        kind = delivery.kind
        if kind is None:
            raise DeskRefused("the triage room is told of events only")
        events = await self._store.events(ticket.id)
        card = await self._carded(delivery, ticket, events)
        if kind is not TicketEventKind.OPENED and kind not in _UNSEEN:
            card = await self._redrawn(card, delivery, ticket, events)
        room = await self._room.place()
        await self._note(ticket, replace(room, thread=card.reference))
        pages = self._sheets.first(self._wall.pages(self._sheets.packet(ticket)), MOST_PAGES)
        for n, page in enumerate(pages):
            key = f"{card_key(ticket)}.packet.{card.reference}{f'.{n}' if n else ''}"
            await self._put(key, ticket, card, page)
        await self._tell(delivery, ticket, message, events, card)
        return replace(room, thread=card.reference).address

    async def _carded(
        self, delivery: Delivery, ticket: Ticket, events: Sequence[TicketEvent]
    ) -> Post:
        known = await self._poster.made(card_key(ticket))
        if known is not None:
            return known
        facts = {TICKET: ticket.id, "delivery": delivery.key}
        sheet = self._sheets.card(await self._view(ticket, events))
        place = await self._room.place()
        return await self._poster.post(card_key(ticket), ticket.conversation, place, sheet, facts)

    async def _redrawn(
        self, card: Post, delivery: Delivery, ticket: Ticket, events: Sequence[TicketEvent]
    ) -> Post:
        """Where somebody deleted it, there is a new one."""
        sheet = self._sheets.card(await self._view(ticket, events))
        try:
            await self._wall.change(await self._room.place(), card.reference, sheet)
        except PostGone:
            await self._poster.begin_anew(card)
            return await self._carded(delivery, ticket, events)
        return card

    async def _tell(
        self,
        delivery: Delivery,
        ticket: Ticket,
        message: Message | None,
        events: Sequence[TicketEvent],
        card: Post,
    ) -> None:
        kind = delivery.kind
        if kind not in TOLD_BELOW or kind is None:
            return
        if kind is TicketEventKind.NOTED:
            await self._tell_note(delivery, ticket, card)
            return
        typed = typed_key(self.name, message) if message is not None else None
        if typed is not None and await self._is_marked(typed):
            return
        done = [event.actor for event in events if event.kind is kind]
        actor = message.agent if message is not None and message.agent else (done or [""])[-1]
        name = await self._agent_name(actor) if actor else None
        other = await self._label(_merged_with(delivery, events))
        sheet = self._sheets.event(kind, ticket, name, message.text if message else "", other)
        await self._say(delivery, ticket, card, sheet)

    async def _tell_note(self, delivery: Delivery, ticket: Ticket, card: Post) -> None:
        """What was typed here as a note stands here already."""
        notes = [note for note in await self._store.notes(ticket.id) if note.id == delivery.message]
        for note in notes:
            if await self._poster.made(note_key(note.id)) is None:
                name = await self._agent_name(note.author)
                sheet = self._sheets.event(TicketEventKind.NOTED, ticket, name, note.text)
                await self._say(delivery, ticket, card, sheet)

    async def _say(self, delivery: Delivery, ticket: Ticket, card: Post, sheet: Sheet) -> None:
        (first,) = self._sheets.first(self._wall.pages(sheet), 1)
        await self._put(delivery.key, ticket, card, first, {"delivery": delivery.key})

    async def _put(
        self,
        key: str,
        ticket: Ticket,
        card: Post,
        sheet: Sheet,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Below the card. Where that is only behind it, an answer to this post is one to the
        ticket as well."""
        room = await self._room.place()
        below = self._wall.below(room, card.reference)
        if below.is_flat:
            facts = {TICKET: ticket.id, **(facts or {})}
        post = await self._poster.post(key, ticket.conversation, below, sheet, facts)
        if below.is_flat:
            await self._note(ticket, replace(room, thread=post.reference))

    async def _note(self, ticket: Ticket, at: Place) -> None:
        await self._poster.note(ticket_at(at), ticket.conversation, at, ticket.id)

    async def _is_marked(self, typed: str) -> bool:
        """Its author sees that it went to the customer; that it does is not up to this mark. Where
        there is no such mark, it is shown as what is written elsewhere."""
        try:
            return await self._wall.mark_sent(typed)
        except DeskRefused as error:
            log.info("a reply was not marked as sent: %s", error)
            return True

    async def _view(self, ticket: Ticket, events: Sequence[TicketEvent]) -> TicketView:
        assignee = await self._agent_name(ticket.assignee) if ticket.assignee else None
        conversation = await self._store.conversation(ticket.conversation)
        return TicketView(
            ticket,
            self._levels.clocks(ticket, events, self._clock()),
            assignee,
            self._link(conversation) if conversation is not None else "",
            self._wall.below(await self._room.place(), "card").is_flat,
            await self._label(ticket.merged_into),
        )

    async def _label(self, ticket_id: str | None) -> str:
        ticket = await self._store.ticket(ticket_id) if ticket_id else None
        return ticket.label if ticket is not None else ""

    def _link(self, conversation: Conversation) -> str:
        if conversation.channel != self.name or not conversation.address:
            return ""
        return self._wall.link(Place.parse(conversation.address))


def _merged_with(delivery: Delivery, events: Sequence[TicketEvent]) -> str | None:
    """The id of the other ticket, where what is told is that."""
    of_it = (event for event in events if event.kind is delivery.kind)
    told = [event.details for event in of_it if event.at <= delivery.created_at]
    return (told[-1].get("into") or told[-1].get("ticket")) if told else None


def card_key(ticket: Ticket) -> str:
    return f"card.{ticket.id}"


def ticket_at(post: Place) -> str:
    """Where is written down whose card stands there, or of which ticket something is said."""
    return f"card.at.{post.address}"


def note_key(note: str) -> str:
    """Where is written down that a note was typed below its card."""
    return f"note.{note}"


def typed_as(channel: str, key: str) -> str:
    """The key of a reply that its author wrote below the card; `key`: of what they wrote."""
    return f"{channel}-thread:{key}"


def typed_key(channel: str, message: Message) -> str | None:
    """The other way round; None where it was written elsewhere. Customers choose their own keys."""
    if message.author is not Author.AGENT:
        return None
    _, mark, key = (message.client_message_id or "").rpartition(typed_as(channel, ""))
    return key if mark else None
