"""The part of the store that keeps what agents know of customers."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from bot.adapters.sql_store import rows
from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.statements import saving
from bot.adapters.sql_store.tables import conversations, customer_labels
from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Conversation

LIST_CONVERSATIONS = (
    select(conversations)
    .where(conversations.c.customer_id == bindparam("customer"))
    .order_by(conversations.c.created_at.desc(), conversations.c.id)
    .limit(bindparam("most"))
)
FIND_LABELS = select(customer_labels.c.labels).where(
    customer_labels.c.customer_id == bindparam("customer")
)
SAVE_LABELS = saving(customer_labels)


class SqlCustomers:
    _database: Database

    async def conversations_of(self, customer_id: str, limit: int) -> Sequence[Conversation]:
        return await self._database.read(_list_conversations, customer_id, limit)

    async def labels(self, customer_id: str) -> Sequence[str]:
        return await self._database.read(_find_labels, customer_id)

    async def save_labels(self, customer_id: str, labels: Sequence[str]) -> None:
        check_storable(*labels)
        await self._database.write(_save_labels, customer_id, labels)


def _list_conversations(
    connection: Connection, customer_id: str, limit: int
) -> Sequence[Conversation]:
    found = connection.execute(LIST_CONVERSATIONS, {"customer": customer_id, "most": limit})
    return [rows.to_conversation(row) for row in found]


def _find_labels(connection: Connection, customer_id: str) -> Sequence[str]:
    found = connection.execute(FIND_LABELS, {"customer": customer_id}).scalar_one_or_none()
    return tuple(found or ())


def _save_labels(connection: Connection, customer_id: str, labels: Sequence[str]) -> None:
    values = {"customer_id": customer_id, "labels": list(labels)}
    connection.execute(SAVE_LABELS[connection.dialect.name], values)
