"""The part of the store that keeps which events of desks were taken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Insert, String, Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.tables import UtcDateTime, metadata
from bot.adapters.sql_store.ticket_tables import outbox
from bot.adapters.storable_text import check_storable
from bot.domain.desk_news import RECEIPTS_KEPT, Seal
from bot.domain.outbox import DeliveryState, Recipient

desk_receipts = Table(
    "desk_receipts",
    metadata,
    Column("desk", String, primary_key=True),
    Column("event", String, primary_key=True),
    Column("proof", String, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

FIND = select(desk_receipts.c.proof).where(
    desk_receipts.c.desk == bindparam("desk_name"), desk_receipts.c.event == bindparam("event_id")
)
ADD: Mapping[str, Insert] = {
    "sqlite": sqlite.insert(desk_receipts).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(desk_receipts).on_conflict_do_nothing(),
}
FORGET = delete(desk_receipts).where(desk_receipts.c.at < bindparam("before"))
FIND_UNTOLD = (
    select(outbox.c.sequence)
    .where(
        outbox.c.ticket_id == bindparam("ticket"),
        outbox.c.recipient == Recipient.DESK,
        outbox.c.name == bindparam("desk_name"),
        outbox.c.state != DeliveryState.DELIVERED,
    )
    .limit(1)
)


class SqlDeskReceipts:
    _database: Database

    async def receipt(self, desk: str, event: str) -> str | None:
        return await self._database.read(_find, {"desk_name": desk, "event_id": event})

    async def add_receipt(self, desk: str, seal: Seal, at: datetime) -> None:
        check_storable(seal.event, seal.proof)
        row = {"desk": desk, "event": seal.event, "proof": seal.proof, "at": at}
        await self._database.write(_add, row, at - RECEIPTS_KEPT)

    async def is_told(self, ticket_id: str, desk: str) -> bool:
        values = {"ticket": ticket_id, "desk_name": desk}
        return not await self._database.read(_is_untold, values)


def _find(connection: Connection, values: dict[str, Any]) -> str | None:
    proof: str | None = connection.execute(FIND, values).scalar()
    return proof


def _add(connection: Connection, row: dict[str, Any], before: datetime) -> None:
    connection.execute(FORGET, {"before": before})
    connection.execute(ADD[connection.dialect.name], row)


def _is_untold(connection: Connection, values: dict[str, Any]) -> bool:
    return connection.execute(FIND_UNTOLD, values).first() is not None
