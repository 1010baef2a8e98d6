"""The part of the store that keeps what became of mails, and how far mailboxes were read."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Insert,
    Integer,
    Row,
    String,
    Table,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.leases import LeasedTable
from bot.adapters.sql_store.tables import UtcDateTime, metadata
from bot.adapters.sql_store.transactions import add_conversation
from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Conversation
from bot.domain.mail import MailboxPlace, MailFate, MailRecord

mails = Table(
    "mails",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("message_id", String, nullable=False, index=True),
    Column("sender", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("fate", String, nullable=False),
    Column("reference_ids", JSON, nullable=False),
    Column("conversation_id", ForeignKey("conversations.id"), index=True),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "sender", "at"),
    sqlite_autoincrement=True,
)

sent_mails = Table(
    "sent_mails",
    metadata,
    Column("message_id", String, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("name", String, primary_key=True),
    Column("validity", BigInteger),
    Column("uid", BigInteger),
    Column("at", UtcDateTime),
    Column("worker", String),
    Column("lease_until", UtcDateTime),
)


def _unless_known(table: Table, key: str) -> dict[str, Insert]:
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=[key]),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(index_elements=[key]),
    }


ADD_MAIL = _unless_known(mails, "key")
ADD_SENT = _unless_known(sent_mails, "message_id")
LEASED = LeasedTable(mailboxes)
FIND_MAIL = select(mails).where(mails.c.key == bindparam("mail_key"))
LIST_MAILS = (
    select(mails)
    .where(mails.c.conversation_id == bindparam("conversation"))
    .order_by(mails.c.sequence)
)
COUNT_MAILS = (
    select(func.count())
    .select_from(mails)
    .where(
        mails.c.sender == bindparam("from_address"),
        mails.c.at > bindparam("since"),
        mails.c.fate == MailFate.TAKEN,
    )
)
# The first of an id comes last and counts: another one's sender has taken it from that.
FIND_INCOMING = (
    select(mails.c.message_id, mails.c.conversation_id)
    .where(
        mails.c.message_id.in_(bindparam("message_ids", expanding=True)),
        mails.c.conversation_id.is_not(None),
    )
    .order_by(mails.c.sequence.desc())
)
FIND_SENT = select(sent_mails.c.message_id, sent_mails.c.conversation_id).where(
    sent_mails.c.message_id.in_(bindparam("message_ids", expanding=True))
)
FIND_PLACE = select(mailboxes).where(mailboxes.c.name == bindparam("mailbox"))


class SqlMails:
    _database: Database
    _clock: Callable[[], datetime]

    async def take_mail(self, mail: MailRecord, begins: Conversation | None = None) -> MailRecord:
        check_storable(mail.message_id, mail.sender, mail.subject, *mail.references)
        if begins is not None:
            check_storable(begins.address)
        return await self._database.write(_take, mail, begins)

    async def mails_of(self, conversation_id: str) -> Sequence[MailRecord]:
        return await self._database.read(_list, conversation_id)

    async def thread_of(self, message_ids: Sequence[str]) -> str | None:
        return await self._database.read(_thread, tuple(message_ids))

    async def count_mails(self, sender: str, since: datetime) -> int:
        return await self._database.read(_count, sender, since)

    async def mark_sent(self, message_id: str, conversation_id: str) -> None:
        await self._database.write(_mark_sent, message_id, conversation_id, self._clock())

    async def was_sent(self, message_id: str) -> bool:
        return await self._database.read(_was_sent, message_id)

    async def mailbox_place(self, mailbox: str) -> MailboxPlace | None:
        return await self._database.read(_place, mailbox)

    async def save_mailbox_place(self, mailbox: str, place: MailboxPlace) -> None:
        await self._database.write(_save_place, mailbox, place)

    async def lease_mailbox(self, mailbox: str, worker: str, until: datetime) -> bool:
        return await self._database.write(LEASED.lease, mailbox, worker, until, self._clock())


def _take(connection: Connection, mail: MailRecord, begins: Conversation | None) -> MailRecord:
    known = connection.execute(FIND_MAIL, {"mail_key": mail.key}).first()
    if known is not None:
        return _to_mail(known)
    if begins is not None:
        add_conversation(connection, begins)
    values = {
        "key": mail.key,
        "message_id": mail.message_id,
        "sender": mail.sender,
        "subject": mail.subject,
        "fate": mail.fate,
        "reference_ids": list(mail.references),
        "conversation_id": mail.conversation,
        "at": mail.at,
    }
    added = connection.execute(ADD_MAIL[connection.dialect.name], values).rowcount == 1
    if added:
        return mail
    # Somebody else was faster: what was begun here stays without a message, which shows nowhere.
    return _to_mail(connection.execute(FIND_MAIL, {"mail_key": mail.key}).one())


def _list(connection: Connection, conversation_id: str) -> Sequence[MailRecord]:
    found = connection.execute(LIST_MAILS, {"conversation": conversation_id})
    return [_to_mail(row) for row in found]


def _thread(connection: Connection, message_ids: Sequence[str]) -> str | None:
    if not message_ids:
        return None
    values = {"message_ids": list(message_ids)}
    known = {
        row.message_id: row.conversation_id
        for statement in (FIND_INCOMING, FIND_SENT)
        for row in connection.execute(statement, values)
    }
    return next((known[one] for one in reversed(message_ids) if one in known), None)


def _count(connection: Connection, sender: str, since: datetime) -> int:
    values = {"from_address": sender, "since": since}
    return int(connection.execute(COUNT_MAILS, values).scalar_one())


def _mark_sent(connection: Connection, message_id: str, conversation_id: str, at: datetime) -> None:
    values = {"message_id": message_id, "conversation_id": conversation_id, "at": at}
    connection.execute(ADD_SENT[connection.dialect.name], values)


def _was_sent(connection: Connection, message_id: str) -> bool:
    return connection.execute(FIND_SENT, {"message_ids": [message_id]}).first() is not None


def _place(connection: Connection, mailbox: str) -> MailboxPlace | None:
    row = connection.execute(FIND_PLACE, {"mailbox": mailbox}).first()
    if row is None or row.validity is None:
        return None
    return MailboxPlace(row.validity, row.uid, row.at)


def _save_place(connection: Connection, mailbox: str, place: MailboxPlace) -> None:
    values = {"validity": place.validity, "uid": place.uid, "at": place.at}
    LEASED.save(connection, mailbox, values)


def _to_mail(row: Row[Any]) -> MailRecord:
    return MailRecord(
        key=row.key,
        message_id=row.message_id,
        sender=row.sender,
        subject=row.subject,
        fate=MailFate(row.fate),
        references=tuple(row.reference_ids),
        conversation=row.conversation_id,
        at=row.at,
    )
