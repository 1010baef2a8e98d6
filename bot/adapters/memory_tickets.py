"""Tickets of the store that keeps nothing, beside the conversations they belong to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.adapters.memory_outbox import MemoryOutbox
from bot.adapters.storable_text import check_change, check_storable
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.customer import Customer
from bot.domain.errors import StoreError
from bot.domain.outbox import channel_delivery, desk_deliveries
from bot.domain.ticket import Move, Ticket, TicketEvent, TicketEventKind, TicketState
from bot.domain.ticket_change import (
    ConversationTaken,
    MergeRefused,
    TicketChange,
    TicketNote,
    TicketOver,
    changed,
    customer_wrote,
    happened_before,
    identified,
    may_share,
    passed_on,
)
from bot.domain.ticket_queue import QueuedTicket, QueueFilter, ResolvedTicket
from bot.ports import Escalation


class MemoryTickets(MemoryOutbox):
    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._conversations: dict[str, Conversation] = {}
        self._customers: dict[str, Customer] = {}
        self._messages: dict[str, list[Message]] = {}  # by conversation, in the order of arrival
        self._by_id: dict[str, Message] = {}
        self._tickets: dict[str, Ticket] = {}
        self._events: list[TicketEvent] = []
        self._notes: list[TicketNote] = []
        self._next_checks: dict[str, datetime | None] = {}  # by ticket
        self._number = 0

    async def take_number(self) -> int:
        self._number += 1
        return self._number

    async def open_ticket(self, escalation: Escalation) -> Ticket:
        ticket = escalation.ticket
        if ticket.conversation not in self._conversations:
            raise StoreError(f"there is no conversation {ticket.conversation}")
        active = self._active_ticket(ticket.conversation)
        if active is not None:
            return active
        if self._is_known(escalation):
            raise StoreError("another ticket was opened and closed meanwhile; try again")
        self._escalate(escalation)
        return ticket

    async def ticket(self, ticket_id: str) -> Ticket | None:
        return self._tickets.get(ticket_id)

    async def ticket_by_number(self, number: int) -> Ticket | None:
        return next((one for one in self._tickets.values() if one.number == number), None)

    async def tickets_of(self, conversation_id: str) -> Sequence[Ticket]:
        return tuple(self._of(conversation_id))

    async def absorbed(self, ticket_id: str) -> Sequence[Ticket]:
        found = [one for one in self._tickets.values() if one.merged_into == ticket_id]
        return tuple(sorted(found, key=lambda ticket: ticket.number))

    async def queue(self, asked: QueueFilter) -> Sequence[QueuedTicket]:
        rows = [self._queued(ticket) for ticket in self._tickets.values()]
        found = [row for row in rows if self._is_to_check(row, asked) and _is_asked_for(row, asked)]
        turn = 1 if asked.oldest_first else -1
        found.sort(key=lambda row: (turn * row.last_message_at.timestamp(), row.ticket.number))
        return tuple(found[: asked.limit])

    async def resolved(self, limit: int) -> Sequence[ResolvedTicket]:
        over = [one for one in self._tickets.values() if one.state is TicketState.RESOLVED]
        over.sort(key=lambda ticket: -ticket.number)
        found = [
            ResolvedTicket(one.id, one.label, one.conversation, one.packet.summary, said[-1])
            for one in over
            if (said := self._replies_of(one))
        ]
        return tuple(found[:limit])

    async def events(self, ticket_id: str) -> Sequence[TicketEvent]:
        return tuple(event for event in self._events if event.ticket == ticket_id)

    async def events_after(self, sequence: int, limit: int = 100) -> Sequence[TicketEvent]:
        return tuple(self._events[sequence : sequence + limit])

    async def last_event(self) -> int:
        return len(self._events)

    async def notes(self, ticket_id: str) -> Sequence[TicketNote]:
        return tuple(note for note in self._notes if note.ticket == ticket_id)

    async def check_again(self) -> None:
        self._next_checks = {id: self._tickets[id].opened_at for id in self._next_checks}

    async def checked(self, ticket_id: str, sequence: int, again_at: datetime | None) -> None:
        if (await self.events(ticket_id))[-1].sequence == sequence:
            self._next_checks[ticket_id] = again_at

    async def apply(self, change: TicketChange, *others: TicketChange) -> Ticket:
        changes = (change, *others)
        for each in changes:
            check_change(each)
            if each.ticket not in self._tickets:
                raise StoreError(f"there is no ticket {each.ticket}")
            self._change(each)  # refused before anything of the others is written
        after = [self._apply(each) for each in changes]
        return after[0]

    def _change(self, change: TicketChange) -> Ticket:
        ticket = self._tickets[change.ticket]
        if self._is_repeated(ticket, change):
            return ticket
        after = changed(ticket, change)
        active = self._active_ticket(ticket.conversation)
        if after.state.is_active and active is not None and active.id != ticket.id:
            raise ConversationTaken(active)
        if change.move is Move.MERGE:
            self._check_merge(after)
        return after

    def _check_merge(self, ticket: Ticket) -> None:
        target = self._tickets.get(ticket.merged_into or "")
        if target is None:
            raise StoreError(f"there is no ticket {ticket.merged_into}")
        if target.id == ticket.id or not target.state.is_active:
            raise TicketOver(target)
        if not may_share(self._customer_of(ticket), self._customer_of(target)):
            raise MergeRefused(target)

    def _apply(self, change: TicketChange) -> Ticket:
        before = self._tickets[change.ticket]
        if self._is_repeated(before, change):
            return before
        followers = self._followers(before)
        after = self._tickets[before.id] = self._change(change)
        if change.move is Move.MERGE:
            self._retarget(after)
        self._say(after, change.messages)
        for follower in followers:
            if may_share(self._customer_of(before), follower.customer):
                self._say(after, passed_on(change, follower.id))
        if change.note is not None:
            self._notes.append(change.note)
        self._write_down(after, change.events)
        self._next_checks[after.id] = change.events[0].at
        if after.state is not before.state:
            self._follow(after, before.conversation, *(follower.id for follower in followers))
        return after

    def _know_customer(self, conversation_id: str, customer: Customer, at: datetime) -> None:
        """The active ticket follows with who its customer is."""
        ticket = self._active_ticket(conversation_id)
        change = identified(ticket, customer, at) if ticket else None
        if change is not None:
            self._apply(change)

    def _followers(self, ticket: Ticket) -> list[Conversation]:
        """The conversations whose last ticket goes on in this one."""
        merged = [one for one in self._tickets.values() if one.merged_into == ticket.id]
        return [
            self._conversations[one.conversation]
            for one in sorted(merged, key=lambda one: one.conversation)
            if self._of(one.conversation)[-1] == one
        ]

    def _retarget(self, ticket: Ticket) -> None:
        """What went on in it goes on where it goes on itself."""
        for one in list(self._tickets.values()):
            if one.merged_into == ticket.id:
                self._tickets[one.id] = replace(one, merged_into=ticket.merged_into)

    def _target(self, conversation_id: str) -> Ticket | None:
        """The ticket in which the conversation's last one goes on, while somebody works on it."""
        target = None
        for ticket in self._of(conversation_id)[-1:]:
            target = self._tickets.get(ticket.merged_into or "")
        return target if target is not None and target.state.is_active else None

    def _customer_of(self, ticket: Ticket) -> str | None:
        return self._conversations[ticket.conversation].customer

    def _is_repeated(self, ticket: Ticket, change: TicketChange) -> bool:
        events = [event for event in self._events if event.ticket == ticket.id]
        if change.once and happened_before(change, events):
            return True
        keys = {m.client_message_id for m in change.messages} - {None}
        known = {m.client_message_id for m in self._messages[ticket.conversation]}
        return bool(keys & known)

    def _is_known(self, escalation: Escalation) -> bool:
        earlier = [ticket.escalation for ticket in self._of(escalation.ticket.conversation)]
        return escalation.ticket.escalation <= max(earlier, default=0)

    def _escalate(self, escalation: Escalation) -> None:
        ticket = escalation.ticket
        self._tickets[ticket.id] = ticket
        self._say(ticket, [escalation.notice])
        self._write_down(ticket, [escalation.opened])
        self._next_checks[ticket.id] = ticket.opened_at
        self._follow(ticket, ticket.conversation)
        known = self._conversations[ticket.conversation].customer
        if known not in (None, ticket.packet.requester.customer):
            self._know_customer(ticket.conversation, self._customers[known], ticket.opened_at)

    def _hear_customer(self, message: Message, *, closes: bool = False) -> None:
        own = self._active_ticket(message.conversation)
        ticket = own or self._target(message.conversation)
        if ticket is not None:
            self._apply(customer_wrote(ticket, message, closes=closes))

    def _follow(self, ticket: Ticket, *conversations: str) -> None:
        """Their status is the ticket's, or that of the one in which it goes on."""
        goes_on = self._tickets[ticket.merged_into] if ticket.merged_into else ticket
        for found in map(self._conversations.__getitem__, conversations):
            followed = replace(found, status=goes_on.state.conversation_status)
            if not ticket.state.is_active:
                followed = replace(followed, handed_back=self._messages[found.id][-1].id)
            self._conversations[found.id] = followed

    def _say(self, ticket: Ticket, messages: Sequence[Message]) -> None:
        for message in messages:
            self._append(message)
            channel = self._conversations[message.conversation].channel
            self._send(channel_delivery(ticket, channel, message))

    def _write_down(self, ticket: Ticket, events: Sequence[TicketEvent]) -> None:
        for event in events:
            sequence = len(self._events) + 1
            self._events.append(replace(event, sequence=sequence))
            for delivery in desk_deliveries(ticket, event, str(sequence)):
                self._send(delivery)

    def _append(self, message: Message) -> None:
        check_storable(message.id, message.text, message.client_message_id)
        if message.conversation not in self._conversations:
            raise StoreError(f"there is no conversation {message.conversation}")
        if message.id in self._by_id:
            raise StoreError(f"message {message.id} exists already")
        self._by_id[message.id] = message
        self._messages[message.conversation].append(message)

    def _replies_of(self, ticket: Ticket) -> list[str]:
        """Of its agents, the oldest first."""
        return [
            self._by_id[event.message].text
            for event in self._events
            if event.ticket == ticket.id
            and event.kind is TicketEventKind.AGENT_REPLIED
            and event.message in self._by_id
        ]

    def _of(self, conversation_id: str) -> list[Ticket]:
        return [one for one in self._tickets.values() if one.conversation == conversation_id]

    def _active_ticket(self, conversation_id: str) -> Ticket | None:
        return next((one for one in self._of(conversation_id) if one.state.is_active), None)

    def _is_to_check(self, row: QueuedTicket, asked: QueueFilter) -> bool:
        if asked.check_by is None:
            return True
        due = self._next_checks[row.ticket.id]
        return due is not None and due <= asked.check_by

    def _queued(self, ticket: Ticket) -> QueuedTicket:
        places = [ticket.conversation, *(one.id for one in self._followers(ticket))]
        written = [
            message
            for message in self._by_id.values()  # in the order of arrival
            if message.conversation in places and message.author in (Author.CUSTOMER, Author.AGENT)
        ]
        customer = self._conversations[ticket.conversation].customer
        return QueuedTicket(
            ticket=ticket,
            customer=self._customers[customer] if customer else None,
            events=tuple(event for event in self._events if event.ticket == ticket.id),
            last_message_at=written[-1].created_at if written else ticket.opened_at,
        )


def _is_asked_for(row: QueuedTicket, asked: QueueFilter) -> bool:
    ticket = row.ticket
    return (
        ticket.state in asked.states
        and asked.assignee in (None, ticket.assignee)
        and not (asked.unassigned and ticket.assignee is not None)
        and asked.team in (None, ticket.team)
        and (
            asked.customer is None
            or (row.customer is not None and row.customer.id == asked.customer)
        )
    )
