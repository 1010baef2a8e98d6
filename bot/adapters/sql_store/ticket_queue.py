"""The queue as the store reads it: the rows, then their events."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from bot.adapters.sql_store import ticket_rows
from bot.adapters.sql_store import ticket_statements as sql
from bot.adapters.sql_store.ticket_transactions import list_events
from bot.domain.conversation import Locale
from bot.domain.customer import Customer, Tier
from bot.domain.ticket import TicketEvent, label_of
from bot.domain.ticket_queue import QueuedTicket, QueueFilter, ResolvedTicket


def list_queue(connection: Connection, asked: QueueFilter) -> Sequence[QueuedTicket]:
    found = connection.execute(sql.queue(asked)).all()
    events: defaultdict[str, list[TicketEvent]] = defaultdict(list)
    for event in list_events(connection, [row.id for row in found]):
        events[event.ticket].append(event)
    return [_queued(row, events[row.id]) for row in found]


def list_resolved(connection: Connection, limit: int) -> Sequence[ResolvedTicket]:
    return [
        ResolvedTicket(
            row.id, label_of(row.number), row.conversation_id, row.summary, row.resolution
        )
        for row in connection.execute(sql.LIST_RESOLVED, {"most": limit})
    ]


def _queued(row: Row[Any], events: Sequence[TicketEvent]) -> QueuedTicket:
    return QueuedTicket(
        ticket=ticket_rows.to_ticket(row),
        customer=_customer(row),
        events=tuple(events),
        last_message_at=row.last_message_at or row.opened_at,
    )


def _customer(row: Row[Any]) -> Customer | None:
    if row.customer_id is None:
        return None
    return Customer(
        id=row.customer_id,
        name=row.customer_name,
        email=row.customer_email,
        organisation=row.customer_organisation,
        tier=Tier(row.customer_tier),
        locale=Locale(row.customer_locale) if row.customer_locale else None,
    )
