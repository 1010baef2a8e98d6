"""The part of the store that keeps tickets; each method is one transaction."""

from collections.abc import Sequence
from datetime import datetime

from bot.adapters.sql_store import ticket_transactions as transactions
from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.ticket_queue import list_queue, list_resolved
from bot.adapters.storable_text import check_change, check_storable
from bot.domain.ticket import Ticket, TicketEvent
from bot.domain.ticket_change import TicketChange, TicketNote
from bot.domain.ticket_queue import QueuedTicket, QueueFilter, ResolvedTicket
from bot.ports import Escalation


class SqlTickets:
    _database: Database

    async def take_number(self) -> int:
        return await self._database.write(transactions.take_number)

    async def open_ticket(self, escalation: Escalation) -> Ticket:
        check_storable(escalation.notice.text)
        return await self._database.write(transactions.open_ticket, escalation)

    async def ticket(self, ticket_id: str) -> Ticket | None:
        return await self._database.read(transactions.find_ticket, ticket_id)

    async def ticket_by_number(self, number: int) -> Ticket | None:
        return await self._database.read(transactions.find_ticket_by_number, number)

    async def tickets_of(self, conversation_id: str) -> Sequence[Ticket]:
        return await self._database.read(transactions.list_tickets, conversation_id)

    async def queue(self, asked: QueueFilter) -> Sequence[QueuedTicket]:
        return await self._database.read(list_queue, asked)

    async def resolved(self, limit: int) -> Sequence[ResolvedTicket]:
        return await self._database.read(list_resolved, limit)

    async def events(self, ticket_id: str) -> Sequence[TicketEvent]:
        return await self._database.read(transactions.list_events, [ticket_id])

    async def events_after(self, sequence: int, limit: int = 100) -> Sequence[TicketEvent]:
        return await self._database.read(transactions.list_events_after, sequence, limit)

    async def last_event(self) -> int:
        return await self._database.read(transactions.last_event)

    async def notes(self, ticket_id: str) -> Sequence[TicketNote]:
        return await self._database.read(transactions.list_notes, ticket_id)

    async def check_again(self) -> None:
        await self._database.write(transactions.check_again)

    async def checked(self, ticket_id: str, sequence: int, again_at: datetime | None) -> None:
        await self._database.write(transactions.set_next_check, ticket_id, sequence, again_at)

    async def apply(self, change: TicketChange, *others: TicketChange) -> Ticket:
        changes = (change, *others)
        for each in changes:
            check_change(each)
        return await self._database.write(transactions.apply_changes, changes)
