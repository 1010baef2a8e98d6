"""What agents do with tickets: each is one change, whoever does another at the same time."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from bot.domain.conversation import Author, Message, new_id, now
from bot.domain.ticket import EVENT_OF, Move, Priority, Ticket, TicketEvent, TicketEventKind
from bot.domain.ticket_change import MergeUnconfirmed, TicketChange, TicketDiffers, TicketNote
from bot.domain.ticket_queue import QueuedTicket, QueueFilter
from bot.ports import Prompts, Storage
from bot.services.sessions import digest

LONGEST_SNOOZE = timedelta(days=366)


async def _everybody(_: str) -> bool:
    return True


def note_id(ticket_id: str, agent: str, client_message_id: str) -> str:
    """Of the note that is written under these."""
    return digest(f"{ticket_id}.{agent}.{client_message_id}")[:32]


class UnknownTicket(LookupError):
    """There is no such ticket."""


class Casework:
    """Raises UnknownTicket, IllegalMove, TicketOver, TicketDiffers, ConversationTaken, MergeRefused
    (of different verified customers), StoreError.

    `changed` is called after each commit, so that what it put into the outbox leaves at once.
    `is_there`: whether an agent can work; the ticket of one who cannot is nobody's.
    """

    def __init__(
        self,
        store: Storage,
        prompts: Prompts,
        changed: Callable[[Ticket], None] = lambda _: None,
        clock: Callable[[], datetime] = now,
        is_there: Callable[[str], Awaitable[bool]] = _everybody,
    ) -> None:
        self._store = store
        self._prompts = prompts
        self._changed = changed
        self._clock = clock
        self._is_there = is_there

    async def queue(self, asked: QueueFilter) -> Sequence[QueuedTicket]:
        return await self._store.queue(asked)

    async def open(self, ticket_id: str) -> Ticket:
        ticket = await self._store.ticket(ticket_id)
        if ticket is None:
            raise UnknownTicket(ticket_id)
        return ticket

    async def events(self, ticket_id: str) -> Sequence[TicketEvent]:
        return await self._store.events(ticket_id)

    async def notes(self, ticket_id: str) -> Sequence[TicketNote]:
        return await self._store.notes(ticket_id)

    async def claim(self, ticket_id: str, agent: str) -> Ticket:
        """Of two who claim at once one gets it; TicketDiffers tells the other who."""
        ticket = await self.open(ticket_id)
        try:
            return await self._take(ticket, agent)
        except TicketDiffers as found:
            if found.ticket.assignee == agent:
                return found.ticket
            raise

    async def assign(self, ticket_id: str, agent: str, to: str | None) -> Ticket:
        """By `agent`, to another one or, with None, back into the queue."""
        ticket = await self.open(ticket_id)
        if ticket.assignee == to:
            return ticket
        return await self._assign(ticket, agent, to, expects={"assignee": ticket.assignee})

    async def reply(
        self,
        ticket_id: str,
        agent: str,
        text: str,
        client_message_id: str,
        *,
        resolve: bool = False,
    ) -> Ticket:
        """Once for a `client_message_id`. Whoever answers a ticket of nobody has it."""
        ticket = await self.open(ticket_id)
        message = Message(
            ticket.conversation,
            Author.AGENT,
            text,
            created_at=self._clock(),
            client_message_id=f"agent.{agent}.{client_message_id}",
            agent=agent,
        )
        kinds = [TicketEventKind.AGENT_REPLIED]
        messages = [message]
        if resolve:
            kinds.append(TicketEventKind.RESOLVED)
            messages.append(self._notice(ticket, "resolved"))
        change = TicketChange(
            ticket=ticket.id,
            events=tuple(self._event(ticket, kind, agent, message=message.id) for kind in kinds),
            move=Move.RESOLVE if resolve else None,
            while_active=True,
            messages=tuple(messages),
        )
        if ticket.state.is_active and await self._is_free(ticket, agent):
            with suppress(TicketDiffers):  # somebody else was faster, who then sees the reply
                await self._take(ticket, agent)
        return await self._apply(change)

    async def note(
        self, ticket_id: str, agent: str, text: str, client_message_id: str | None = None
    ) -> Ticket:
        """Once for a `client_message_id`."""
        ticket = await self.open(ticket_id)
        key = note_id(ticket.id, agent, client_message_id or new_id())
        note = TicketNote(ticket.id, agent, text, key, self._clock())
        event = self._event(ticket, TicketEventKind.NOTED, agent, message=note.id)
        return await self._apply(
            TicketChange(ticket=ticket.id, events=(event,), note=note, once=True)
        )

    async def snooze(self, ticket_id: str, agent: str, until: datetime) -> Ticket:
        """Raises ValueError for a time that has passed, or that nobody would live to see."""
        if not timedelta() < until - self._clock() <= LONGEST_SNOOZE:
            raise ValueError("a ticket is snoozed until a time to come, within a year")
        ticket = await self.open(ticket_id)
        details = {"until": until.isoformat()}
        return await self._move(ticket, agent, Move.SNOOZE, details, snoozed_until=until)

    async def wake(self, ticket_id: str, agent: str) -> Ticket:
        return await self._move(await self.open(ticket_id), agent, Move.WAKE)

    async def resolve(self, ticket_id: str, agent: str) -> Ticket:
        return await self._move(await self.open(ticket_id), agent, Move.RESOLVE, says="resolved")

    async def reopen(self, ticket_id: str, agent: str) -> Ticket:
        return await self._move(await self.open(ticket_id), agent, Move.REOPEN, says="reopened")

    async def return_to_bot(self, ticket_id: str, agent: str) -> Ticket:
        return await self._move(await self.open(ticket_id), agent, Move.RETURN, says="returned")

    async def prioritise(self, ticket_id: str, agent: str, priority: Priority) -> Ticket:
        ticket = await self.open(ticket_id)
        if ticket.priority is priority:
            return ticket
        details = {"priority": priority.value, "before": ticket.priority.value}
        event = self._event(ticket, TicketEventKind.PRIORITISED, agent, details=details)
        return await self._apply(
            TicketChange(ticket=ticket.id, events=(event,), values={"priority": priority})
        )

    async def merge(
        self, ticket_id: str, agent: str, into: str, *, to_both_addresses: bool = False
    ) -> Ticket:
        """The ticket goes on in the other one, and its customer is told; raises ValueError for a
        merge into itself, MergeUnconfirmed unless the agent wants answers to go to two mail
        addresses."""
        if ticket_id == into:
            raise ValueError("a ticket cannot go on in itself")
        absorbed, other = await self.open(ticket_id), await self.open(into)
        if not to_both_addresses and await self._are_of_two_addresses(absorbed, other):
            raise MergeUnconfirmed(other)
        return await self._apply(
            TicketChange(
                ticket=absorbed.id,
                events=(
                    self._event(
                        absorbed, TicketEventKind.MERGED, agent, details={"into": other.id}
                    ),
                ),
                move=Move.MERGE,
                values={"merged_into": other.id},
                messages=(self._notice(absorbed, "merged", other=other.label),),
            ),
            TicketChange(
                ticket=other.id,
                events=(
                    self._event(
                        other, TicketEventKind.ABSORBED, agent, details={"ticket": absorbed.id}
                    ),
                ),
                while_active=True,
            ),
        )

    async def _are_of_two_addresses(self, *tickets: Ticket) -> bool:
        """Of nobody who is known to have both."""
        found = [await self._store.conversation(ticket.conversation) for ticket in tickets]
        places = [one for one in found if one is not None and one.address is not None]
        customers = {one.customer for one in places}
        is_proved = len(customers) == 1 and None not in customers
        return len({one.address for one in places}) > 1 and not is_proved

    async def _take(self, ticket: Ticket, agent: str) -> Ticket:
        nobody = ticket.assignee if await self._is_free(ticket, agent) else None
        return await self._assign(ticket, agent, agent, expects={"assignee": nobody})

    async def _is_free(self, ticket: Ticket, agent: str) -> bool:
        """To be taken by this agent."""
        if ticket.assignee is None or ticket.assignee == agent:
            return ticket.assignee is None
        return not await self._is_there(ticket.assignee)

    async def _assign(
        self, ticket: Ticket, agent: str, to: str | None, expects: dict[str, Any]
    ) -> Ticket:
        details = {"to": to} if to else {}
        event = self._event(ticket, TicketEventKind.ASSIGNED, agent, details=details)
        return await self._apply(
            TicketChange(
                ticket=ticket.id,
                events=(event,),
                values={"assignee": to},
                expects=expects,
                while_active=True,
            )
        )

    async def _move(
        self,
        ticket: Ticket,
        agent: str,
        by: Move,
        details: dict[str, str] | None = None,
        says: str = "",
        **values: Any,
    ) -> Ticket:
        return await self._apply(
            TicketChange(
                ticket=ticket.id,
                events=(self._event(ticket, EVENT_OF[by], agent, details=details or {}),),
                move=by,
                values=values,
                messages=(self._notice(ticket, says),) if says else (),
            )
        )

    async def _apply(self, change: TicketChange, *others: TicketChange) -> Ticket:
        ticket = await self._store.apply(change, *others)
        self._changed(ticket)
        return ticket

    def _event(
        self,
        ticket: Ticket,
        kind: TicketEventKind,
        agent: str,
        message: str | None = None,
        details: dict[str, str] | None = None,
    ) -> TicketEvent:
        return TicketEvent(ticket.id, kind, agent, self._clock(), message, details or {})

    def _notice(self, ticket: Ticket, name: str, **values: str) -> Message:
        text = self._prompts.text(
            "handoff", ticket.packet.locale, f"notice_{name}", ticket=ticket.label, **values
        )
        return Message(
            ticket.conversation, Author.SYSTEM, text, id=new_id(), created_at=self._clock()
        )
