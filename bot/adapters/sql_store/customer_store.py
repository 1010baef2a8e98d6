"""The part of the store that keeps what agents know of customers."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, bindparam, select

from bot.adapters.sql_store import rows
from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.statements import saving
from bot.adapters.sql_store.tables import conversations, customer_labels, customers
from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Conversation
from bot.domain.errors import StoreError

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
# Of two who change a customer's labels the second reads what the first has written.
LOCK_CUSTOMER = (
    select(customers.c.id).where(customers.c.id == bindparam("customer")).with_for_update()
)


class SqlCustomers:
    _database: Database

    async def conversations_of(self, customer_id: str, limit: int) -> Sequence[Conversation]:
        return await self._database.read(_list_conversations, customer_id, limit)

    async def labels(self, customer_id: str) -> Sequence[str]:
        return await self._database.read(_find_labels, customer_id)

    async def change_labels(
        self, customer_id: str, change: Callable[[Sequence[str]], Sequence[str]]
    ) -> Sequence[str]:
        return await self._database.write(_change_labels, customer_id, change)


def _list_conversations(
    connection: Connection, customer_id: str, limit: int
) -> Sequence[Conversation]:
    found = connection.execute(LIST_CONVERSATIONS, {"customer": customer_id, "most": limit})
    return [rows.to_conversation(row) for row in found]


def _find_labels(connection: Connection, customer_id: str) -> Sequence[str]:
    found = connection.execute(FIND_LABELS, {"customer": customer_id}).scalar_one_or_none()
    return tuple(found or ())


def _change_labels(
    connection: Connection,
    customer_id: str,
    change: Callable[[Sequence[str]], Sequence[str]],
) -> Sequence[str]:
    if connection.execute(LOCK_CUSTOMER, {"customer": customer_id}).first() is None:
        raise StoreError(f"there is no customer {customer_id}")
    labels = tuple(change(_find_labels(connection, customer_id)))
    check_storable(*labels)
    values = {"customer_id": customer_id, "labels": list(labels)}
    connection.execute(SAVE_LABELS[connection.dialect.name], values)
    return labels
