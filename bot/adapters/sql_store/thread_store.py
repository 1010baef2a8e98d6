"""The part of the store that keeps where conversations are held elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, func, select, update

from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.inbound_tables import installations, threads
from bot.adapters.sql_store.statements import adding, saving
from bot.adapters.sql_store.tables import conversations, messages
from bot.adapters.sql_store.transactions import add_conversation
from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Conversation, ConversationStatus
from bot.domain.errors import StoreError
from bot.domain.inbound import Thread

_AT = (threads.c.channel == bindparam("of"), threads.c.address == bindparam("place"))
FIND_THREAD = select(threads.c.conversation_id).where(*_AT)
ADD_THREAD = adding(threads)
HOLD_THREAD = saving(threads)
RENEW_THREAD = (
    update(threads)
    .where(*_AT, threads.c.conversation_id == bindparam("former"))
    .values(conversation_id=bindparam("conversation"), at=bindparam("since"))
)
FIND_HEARD = (
    select(messages.c.conversation_id)
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .where(
        conversations.c.customer_id == bindparam("customer"),
        conversations.c.channel == bindparam("of"),
        conversations.c.address == bindparam("place"),
        messages.c.client_message_id == bindparam("key"),
    )
    .limit(1)
)
# The talk that is held somewhere, where nobody goes on with it.
FIND_OVER = select(threads.c.conversation_id).where(
    *_AT,
    threads.c.at < bindparam("silent_since"),
    ~exists().where(
        messages.c.conversation_id == threads.c.conversation_id,
        messages.c.created_at >= bindparam("silent_since"),
    ),
    ~exists().where(
        conversations.c.id == threads.c.conversation_id,
        conversations.c.status.in_([one for one in ConversationStatus if one.is_with_person]),
    ),
)
MAKE_PUBLIC = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"))
    .values(internal=False)
)
_latest = (
    select(messages.c.conversation_id, func.max(messages.c.created_at).label("at"))
    .where(messages.c.created_at >= bindparam("since"))
    .group_by(messages.c.conversation_id)
    .subquery()
)
LIST_THREADS = (
    select(threads)
    .join(_latest, _latest.c.conversation_id == threads.c.conversation_id)
    .where(threads.c.channel == bindparam("of"))
    .order_by(_latest.c.at.desc())
)
SAVE_INSTALLATION = saving(installations)
_THERE = (installations.c.channel == bindparam("of"), installations.c.key == bindparam("named"))
FIND_INSTALLATION = select(installations.c.sealed).where(*_THERE)
FORGET_INSTALLATION = delete(installations).where(*_THERE)
LIST_INSTALLATIONS = (
    select(installations.c.key)
    .where(installations.c.channel == bindparam("of"))
    .order_by(installations.c.key)
)


class SqlThreads:
    _database: Database
    _clock: Callable[[], datetime]

    async def thread(self, channel: str, address: str) -> str | None:
        return await self._database.read(_thread, channel, address)

    async def begin_thread(self, channel: str, address: str, conversation: Conversation) -> str:
        check_storable(address, conversation.address)
        return await self._database.write(_begin, channel, address, conversation)

    async def renew_thread(
        self,
        channel: str,
        address: str,
        conversation: Conversation,
        silent_since: datetime,
        key: str,
    ) -> str:
        check_storable(address, conversation.address)
        return await self._database.write(_renew, channel, address, conversation, silent_since, key)

    async def hold_thread(self, channel: str, address: str, conversation_id: str) -> None:
        check_storable(address)
        held = Thread(channel, address, conversation_id, self._clock())
        await self._database.write(_hold, held)

    async def join_thread(self, channel: str, address: str, conversation_id: str) -> None:
        check_storable(address)
        joined = Thread(channel, address, conversation_id, self._clock())
        await self._database.write(_join, joined)

    async def make_public(self, conversation_id: str) -> None:
        await self._database.write(_make_public, conversation_id)

    async def threads_since(self, channel: str, since: datetime) -> Sequence[Thread]:
        return await self._database.read(_list_threads, channel, since)

    async def save_installation(self, channel: str, key: str, sealed: str) -> None:
        check_storable(key, sealed)
        await self._database.write(_save_installation, channel, key, sealed)

    async def installation(self, channel: str, key: str) -> str | None:
        return await self._database.read(_find_installation, channel, key)

    async def installations(self, channel: str) -> Sequence[str]:
        return await self._database.read(_list_installations, channel)

    async def forget_installation(self, channel: str, key: str) -> None:
        await self._database.write(_forget_installation, channel, key)


def _thread(connection: Connection, channel: str, address: str) -> str | None:
    found = connection.execute(FIND_THREAD, {"of": channel, "place": address}).scalar_one_or_none()
    return str(found) if found is not None else None


def _begin(connection: Connection, channel: str, address: str, conversation: Conversation) -> str:
    known = _thread(connection, channel, address)
    if known is not None:
        return known
    with connection.begin_nested() as attempt:
        add_conversation(connection, conversation)
        if _join(connection, Thread(channel, address, conversation.id, conversation.created_at)):
            return conversation.id
        attempt.rollback()
    faster = _thread(connection, channel, address)
    if faster is None:
        raise StoreError("the database neither added a thread nor has it")
    return faster


def _renew(
    connection: Connection,
    channel: str,
    address: str,
    conversation: Conversation,
    silent_since: datetime,
    key: str,
) -> str:
    at = {"of": channel, "place": address}
    heard = {**at, "customer": conversation.customer, "key": key}
    known = connection.execute(FIND_HEARD, heard).scalar_one_or_none()
    if known is not None:
        return str(known)
    over = {**at, "silent_since": silent_since}
    former = connection.execute(FIND_OVER, over).scalar_one_or_none()
    if former is not None:
        with connection.begin_nested() as attempt:
            add_conversation(connection, conversation)
            renewed = {"former": former, "conversation": conversation.id}
            values = {**at, **renewed, "since": conversation.created_at}
            if connection.execute(RENEW_THREAD, values).rowcount == 1:
                return conversation.id
            attempt.rollback()
    return _begin(connection, channel, address, conversation)


def _hold(connection: Connection, thread: Thread) -> None:
    connection.execute(HOLD_THREAD[connection.dialect.name], _row(thread))


def _make_public(connection: Connection, conversation_id: str) -> None:
    connection.execute(MAKE_PUBLIC, {"conversation": conversation_id})


def _join(connection: Connection, thread: Thread) -> bool:
    """False where a conversation is held there already."""
    return connection.execute(ADD_THREAD[connection.dialect.name], _row(thread)).rowcount == 1


def _row(thread: Thread) -> Mapping[str, Any]:
    return {
        "channel": thread.channel,
        "address": thread.address,
        "conversation_id": thread.conversation,
        "at": thread.at,
    }


def _list_threads(connection: Connection, channel: str, since: datetime) -> Sequence[Thread]:
    found = connection.execute(LIST_THREADS, {"of": channel, "since": since})
    return [Thread(row.channel, row.address, row.conversation_id, row.at) for row in found]


def _save_installation(connection: Connection, channel: str, key: str, sealed: str) -> None:
    values = {"channel": channel, "key": key, "sealed": sealed}
    connection.execute(SAVE_INSTALLATION[connection.dialect.name], values)


def _find_installation(connection: Connection, channel: str, key: str) -> str | None:
    values = {"of": channel, "named": key}
    found = connection.execute(FIND_INSTALLATION, values).scalar_one_or_none()
    return str(found) if found is not None else None


def _list_installations(connection: Connection, channel: str) -> Sequence[str]:
    return [row.key for row in connection.execute(LIST_INSTALLATIONS, {"of": channel})]


def _forget_installation(connection: Connection, channel: str, key: str) -> None:
    connection.execute(FORGET_INSTALLATION, {"of": channel, "named": key})
