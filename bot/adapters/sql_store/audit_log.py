"""The audit log in SQL. `append` is also for the transactions of others: what is recorded there
happened, and what happened there is recorded."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.tables import audit_head, audit_log
from bot.adapters.storable_text import check_storable
from bot.domain.audit import AuditEntry, AuditEvent, AuditHead
from bot.domain.errors import StoreError

FIND_HEAD = select(audit_head)
LOCK_HEAD = FIND_HEAD.with_for_update()  # one writer after the other, so the chain has one end
MOVE_HEAD = update(audit_head).values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))
ADD_ENTRY = insert(audit_log)
LIST_ENTRIES = (
    select(audit_log)
    .where(audit_log.c.seq > bindparam("after"))
    .order_by(audit_log.c.seq)
    .limit(bindparam("most"))
)


class SqlAuditLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, event: AuditEvent) -> AuditEntry:
        return await self._database.write(append, event)

    async def entries(self, after: int = 0, limit: int = 1000) -> Sequence[AuditEntry]:
        return await self._database.read(list_entries, after, limit)

    async def head(self) -> AuditHead:
        return await self._database.read(find_head)


def append(connection: Connection, event: AuditEvent) -> AuditEntry:
    check_storable(event.actor, event.action, event.object)
    check_storable(*(value for value in event.details.values() if isinstance(value, str)))
    entry = AuditEntry.after(_head(connection.execute(LOCK_HEAD).first()), event)
    values = {
        "seq": entry.seq,
        "at": event.at,
        "actor": event.actor,
        "action": event.action,
        "object": event.object,
        "details": dict(event.details),
        "previous": entry.previous,
        "hash": entry.hash,
    }
    connection.execute(ADD_ENTRY, values)
    connection.execute(MOVE_HEAD, {"new_seq": entry.seq, "new_hash": entry.hash})
    return entry


def list_entries(connection: Connection, after: int, limit: int) -> Sequence[AuditEntry]:
    found = connection.execute(LIST_ENTRIES, {"after": after, "most": limit})
    return [_to_entry(row) for row in found]


def find_head(connection: Connection) -> AuditHead:
    return _head(connection.execute(FIND_HEAD).first())


def _head(row: Row[Any] | None) -> AuditHead:
    if row is None:
        raise StoreError("the audit log has lost its head; restore a backup of the database")
    return AuditHead(row.seq, row.hash)


def _to_entry(row: Row[Any]) -> AuditEntry:
    event = AuditEvent(row.actor, row.action, row.object, row.details, row.at)
    return AuditEntry(row.seq, event, row.previous, row.hash)
