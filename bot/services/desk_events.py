"""What desks elsewhere tell: replies of their agents and the end of tickets, each done once."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from bot.domain.conversation import now
from bot.domain.desk_news import (
    DeskNews,
    DeskReply,
    DeskStatus,
    EventRepeated,
    actor_at,
    acts_at,
)
from bot.domain.outbox import DeskUnavailable
from bot.domain.ticket import IllegalMove, Ticket, TicketState
from bot.domain.ticket_change import ConversationTaken, TicketOver
from bot.ports import DeskListener, Prompts, Storage
from bot.services.casework import Casework

log = logging.getLogger(__name__)

LOOK_S = 8.0  # in which the desk has to tell the rest; those who send wait about ten


class UnknownDesk(LookupError):
    """There is no desk of that name that tells anything."""


class Taken(StrEnum):
    TAKEN = "taken"
    REPEATED = "repeated"  # an event that was taken before, sent once more
    IGNORED = "ignored"  # about nothing of ours


class Applied(StrEnum):
    NOT = "not"  # about nothing of ours
    PARTLY = "partly"  # it ended there, as far as one can tell before it has heard everything
    WHOLLY = "wholly"


class DeskEvents:
    """Everything that an event says is done before it is written down as taken, so that it is done
    again after a crash; and each part of it knows whether it was done."""

    def __init__(
        self,
        desks: Sequence[DeskListener],
        store: Storage,
        casework: Casework,
        prompts: Prompts,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._desks = {desk.name: desk for desk in desks}
        self._store = store
        self._casework = casework
        self._prompts = prompts
        self._clock = clock

    async def take(self, name: str, headers: Mapping[str, str], body: bytes) -> Taken:
        """Raises UnknownDesk, EventRefused, EventRepeated, DeskUnavailable, DeskRefused,
        StoreError."""
        desk = self._desks.get(name)
        if desk is None:
            raise UnknownDesk(name)
        seal = desk.verify(headers, body)
        proof = await self._store.receipt(name, seal.event)
        if proof == seal.proof:
            raise EventRepeated(f"{name}: {seal.event} was taken before")
        if proof is not None:
            return Taken.REPEATED
        try:
            async with asyncio.timeout(LOOK_S):
                news = await desk.read(body)
        except TimeoutError as error:
            raise DeskUnavailable(f"no answer in {LOOK_S:.0f} s") from error
        applied = await self.apply(name, news) if news is not None else Applied.NOT
        await self._store.add_receipt(name, seal, self._clock())
        return Taken.IGNORED if applied is Applied.NOT else Taken.TAKEN

    async def apply(self, name: str, news: DeskNews) -> Applied:
        """Each part of it that was not done before. Raises StoreError."""
        ticket = await self._store.ticket(news.ticket)
        if ticket is None or name not in ticket.desks:
            return Applied.NOT
        is_stale = await self._is_stale(name, news)  # before more is on its way there
        for reply in await self._unknown(name, ticket, news.replies):
            await self._reply(name, ticket, reply)
        if news.status is not None and is_stale:
            return Applied.PARTLY
        if news.status is not None:
            await self._follow(name, ticket, news.status)
        return Applied.WHOLLY

    async def _unknown(
        self, name: str, ticket: Ticket, replies: Sequence[DeskReply]
    ) -> Sequence[DeskReply]:
        """By the reply's id alone: its author may be called something else by now."""
        if not replies:
            return ()
        messages = await self._store.messages(ticket.conversation)
        said = [m.client_message_id or "" for m in messages if acts_at(m.agent, name)]
        return [
            one for one in replies if not any(key.endswith(f".{_key(name, one)}") for key in said)
        ]

    async def _reply(self, name: str, ticket: Ticket, reply: DeskReply) -> None:
        """To a ticket that was resolved it opens it again; to one that is over otherwise, or whose
        conversation goes on elsewhere, it stays as a note, so that it is not lost."""
        actor, key = actor_at(name, reply.author), _key(name, reply)
        text = self._text(ticket, reply)
        try:
            current = await self._casework.open(ticket.id)
            if current.state is TicketState.RESOLVED:
                await self._casework.reopen(ticket.id, actor)
            await self._casework.reply(ticket.id, actor, text, key)
        except (IllegalMove, TicketOver, ConversationTaken) as error:
            log.warning("%s: a reply is kept as a note: %s", name, error)
            await self._casework.note(ticket.id, actor, text, key)

    def _text(self, ticket: Ticket, reply: DeskReply) -> str:
        """Files are not sent on; that there are some is said in the customer's language."""
        if not reply.files:
            return reply.text
        names = ", ".join(reply.files)
        said = self._prompts.text("handoff", ticket.packet.locale, "files_at_desk", names=names)
        return "\n\n".join(filter(None, (reply.text, said)))

    async def _is_stale(self, name: str, news: DeskNews) -> bool:
        """What was looked up there may be older than what is still on its way there."""
        return news.is_looked_up and not await self._store.is_told(news.ticket, name)

    async def _follow(self, name: str, ticket: Ticket, status: DeskStatus) -> None:
        actor = actor_at(name, "")
        current = await self._casework.open(ticket.id)
        try:
            if status is DeskStatus.DONE and current.state.is_active:
                await self._casework.resolve(ticket.id, actor)
            elif status is DeskStatus.WORKED_ON and current.state is TicketState.RESOLVED:
                await self._casework.reopen(ticket.id, actor)
        except (IllegalMove, ConversationTaken) as error:
            log.info("%s: ticket %s: %s", name, ticket.label, error)


def _key(name: str, reply: DeskReply) -> str:
    return f"{name}.{reply.id}"
