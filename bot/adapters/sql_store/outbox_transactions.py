"""What the store does with deliveries and notices: each function is the work of one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.adapters.sql_store import outbox_statements as sql
from bot.adapters.sql_store import ticket_rows
from bot.adapters.sql_store.ticket_statements import LOCK_LEDGER
from bot.domain.outbox import Delivery, DeliveryState
from bot.ports import Notice


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries: to desks and channels of these names, due at that moment."""

    desks: Sequence[str]
    channels: Sequence[str]
    at: datetime

    def values(self, most: int) -> dict[str, Any]:
        return {"at": self.at, "desks": self.desks, "channels": self.channels, "most": most}


def has_due_deliveries(connection: Connection, wanted: Wanted) -> bool:
    return connection.execute(sql.LIST_DUE, wanted.values(1)).first() is not None


def lease_deliveries(
    connection: Connection, worker: str, until: datetime, wanted: Wanted, limit: int
) -> Sequence[Delivery]:
    found = connection.execute(sql.LOCK_DUE, wanted.values(limit)).all()
    if found:
        values = {"sequences": [row.sequence for row in found], "leaser": worker, "until": until}
        connection.execute(sql.LEASE, values)
    return [ticket_rows.to_delivery(row, row.told_reference) for row in found]


def settle_delivery(connection: Connection, key: str, worker: str, reference: str | None) -> bool:
    values: dict[str, Any] = {"state": DeliveryState.DELIVERED, "error": None}
    return _end_attempt(connection, key, worker, values | {"reference": reference})


def retry_delivery(
    connection: Connection, key: str, worker: str, due_at: datetime, error: str
) -> bool:
    later = {"due_at": due_at, "error": error or None}
    return _end_attempt(connection, key, worker, later, attempts=1 if error else 0)


def bury_delivery(connection: Connection, key: str, worker: str, error: str) -> bool:
    values = {"state": DeliveryState.DEAD, "error": error}
    return _end_attempt(connection, key, worker, values)


def list_dead_deliveries(connection: Connection, limit: int) -> Sequence[Delivery]:
    found = connection.execute(sql.LIST_DEAD, {"most": limit})
    return [ticket_rows.to_delivery(row) for row in found]


def replay_delivery(connection: Connection, key: str, at: datetime) -> bool:
    return connection.execute(sql.REPLAY, {"delivery": key, "at": at}).rowcount == 1


def add_notice(connection: Connection, notice: Notice) -> bool:
    connection.execute(LOCK_LEDGER).scalar_one()  # for a sequence in the order of commits
    statement = sql.ADD_NOTICE[connection.dialect.name]
    return connection.execute(statement, ticket_rows.from_notice(notice)).rowcount == 1


def list_notices(connection: Connection, after: int, limit: int) -> Sequence[Notice]:
    found = connection.execute(sql.LIST_NOTICES, {"after": after, "most": limit})
    return [ticket_rows.to_notice(row) for row in found]


def _end_attempt(
    connection: Connection, key: str, worker: str, values: dict[str, Any], attempts: int = 1
) -> bool:
    named = {"delivery": key, "leaser": worker, "more": attempts}
    parameters = {**named, "lease_until": None, **values}
    return connection.execute(sql.END_ATTEMPT, parameters).rowcount == 1
