"""What agents write below a card: words of whoever has the ticket go to the customer, all else is a
note, so that nobody's talk among colleagues reaches a customer.

In a room without threads that is what answers a post of the ticket, or begins with its label.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bot.channels.chat.agents import ChatAgent, ChatAgents
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.program import Said, Wall
from bot.channels.chat.triage import TICKET, note_key, ticket_at, typed_as
from bot.channels.chat.triage_actions import TriageRefusals
from bot.channels.chat.triage_room import TriageRoom
from bot.domain.desk_news import is_same
from bot.domain.ticket import IllegalMove, Ticket
from bot.domain.ticket_change import ConversationTaken, TicketOver
from bot.services.casework import Casework, UnknownTicket, note_id

log = logging.getLogger(__name__)

LONGEST_TEXT = 4000  # characters, as in the inbox
_NOTE = re.compile(r"\s*[/／、]{2}\s*")  # as it is typed in Chinese as well
_LABEL = re.compile(r"\s*T-(\d{1,9})(?!\w)[:：,，]?\s*", re.ASCII | re.IGNORECASE)


class Numbered(Protocol):
    async def ticket_by_number(self, number: int) -> Ticket | None: ...


class TriageThread:
    """Raises DeskUnavailable and StoreError: then it is taken once more, which changes nothing that
    was done."""

    def __init__(
        self,
        channel: str,
        wall: Wall,
        casework: Casework,
        tickets: Numbered,
        poster: Poster,
        agents: ChatAgents,
        refusals: TriageRefusals,
        room: TriageRoom,
    ) -> None:
        """`channel`: of the program."""
        self._channel = channel
        self._wall = wall
        self._casework = casework
        self._tickets = tickets
        self._poster = poster
        self._agents = agents
        self._refusals = refusals
        self._room = room

    async def take(self, said: Said) -> bool:
        """False for what belongs to no ticket."""
        if not (said.is_reply or said.place.is_flat) or not await self._room.is_around(said.place):
            return False
        ticket, text = await self._read(said)
        if ticket is None:
            return False
        agent = await self._agents.agent(said.place.team, said.user) if said.user else None
        if agent is None:
            user = said.user
            log.warning("words of nobody who is an agent: ticket=%s user=%s", ticket.label, user)
            return True
        await self._write(ticket, agent, said, text)
        return True

    async def _read(self, said: Said) -> tuple[Ticket | None, str]:
        """Whose ticket it belongs to, and what is said of it."""
        named = _LABEL.match(said.text) if said.place.is_flat else None
        ticket = await self._answered(said)
        if ticket is None and named is not None:
            ticket = await self._tickets.ticket_by_number(int(named[1]))
        if ticket is not None and named is not None and int(named[1]) == ticket.number:
            return ticket, said.text[named.end() :]
        return ticket, said.text

    async def _answered(self, said: Said) -> Ticket | None:
        posts = _posts(said)
        for at in posts:
            post = await self._poster.made(ticket_at(at))
            if post is not None:
                return await self._ticket(post.reference)
        for at in posts:  # it may not be written down here yet
            if told := (await self._wall.facts(at)).get(TICKET):
                return await self._ticket(told)
        return None

    async def _ticket(self, ticket_id: str) -> Ticket | None:
        try:
            return await self._casework.open(ticket_id)
        except UnknownTicket:
            return None

    async def _write(self, ticket: Ticket, agent: ChatAgent, said: Said, text: str) -> None:
        at = said.place
        is_marked = _is_aside(said) or bool(_NOTE.match(text))
        text = (_NOTE.sub("", text, count=1) if _NOTE.match(text) else text).strip()
        key = typed_as(self._channel, said.key)
        if is_marked or not is_same(ticket.assignee, agent.actor):
            if text:
                await self._note(ticket, agent, at, text, key)
            return
        if not text:
            await self._refusals.tell(at, agent.user, "no_words")
            return
        if len(text) > LONGEST_TEXT:
            await self._note(ticket, agent, at, text, key)
            await self._refusals.tell(at, agent.user, "too_long", most=str(LONGEST_TEXT))
            return
        if ticket.state.is_active and await self._is_noted(ticket, agent, key):
            await self._note(ticket, agent, at, text, key)
            return
        try:
            await self._casework.reply(ticket.id, agent.actor, text, key)
        except (IllegalMove, TicketOver, ConversationTaken) as error:
            log.info("words below a card are kept as a note: %s: %s", ticket.label, error)
            await self._note(ticket, agent, at, text, key)
            await self._refusals.tell(at, agent.user, "kept", ticket=ticket.label)
            return
        if said.files:
            await self._refusals.tell(at, agent.user, "files")

    async def _is_noted(self, ticket: Ticket, agent: ChatAgent, key: str) -> bool:
        """It was taken before, as a note: meanwhile its author may have the ticket."""
        return await self._poster.made(note_key(note_id(ticket.id, agent.actor, key))) is not None

    async def _note(self, ticket: Ticket, agent: ChatAgent, at: Place, text: str, key: str) -> None:
        """Written down as one that stands here first, or it would be told here."""
        known = note_key(note_id(ticket.id, agent.actor, key))
        await self._poster.note(known, ticket.conversation, at, key)
        await self._casework.note(ticket.id, agent.actor, text, key)


def _is_aside(said: Said) -> bool:
    """Where the bot has to be named to hear anything, whoever names a colleague too means them;
    names may stand apart from the text there."""
    return said.is_aside or (said.names_others and (said.names_bot or said.place.is_flat))


def _posts(said: Said) -> Sequence[Place]:
    """What it may stand below."""
    thread = () if said.place.is_flat else (said.place,)
    answers = said.answers
    answered = () if answers is None else (replace(said.place.around, thread=answers),)
    return list(dict.fromkeys((*thread, *answered)))
