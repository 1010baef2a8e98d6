"""Conversations, turns and hand-overs in SQLite or PostgreSQL; a method is a transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bot.adapters.sql_store import transactions
from bot.adapters.sql_store.agent_store import SqlAgents
from bot.adapters.sql_store.audit_log import SqlAuditLog
from bot.adapters.sql_store.customer_store import SqlCustomers
from bot.adapters.sql_store.database import Database, parse_url
from bot.adapters.sql_store.desk_places import SqlDeskPlaces
from bot.adapters.sql_store.desk_receipts import SqlDeskReceipts
from bot.adapters.sql_store.inbound_store import SqlInbound
from bot.adapters.sql_store.live_store import SqlLive
from bot.adapters.sql_store.mail_store import SqlMails
from bot.adapters.sql_store.outbox_store import SqlOutbox
from bot.adapters.sql_store.post_store import SqlPosts
from bot.adapters.sql_store.postgresql import PostgresqlDatabase
from bot.adapters.sql_store.schema import check_current, upgrade_schema
from bot.adapters.sql_store.sqlite import SqliteDatabase, path_of
from bot.adapters.sql_store.survey_store import SqlSurveys
from bot.adapters.sql_store.thread_store import SqlThreads
from bot.adapters.sql_store.ticket_store import SqlTickets
from bot.adapters.sql_store.wrong_answers import SqlWrongAnswers
from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Conversation, Message, now
from bot.domain.customer import Customer
from bot.domain.errors import ConfigurationError, StoreError
from bot.domain.feedback import Feedback
from bot.domain.reply import Reply
from bot.ports import Escalation, Turn, TurnTrace


async def upgrade(url: str) -> None:
    """Creates the database file where there is none, and brings its schema to this version.

    Raises ConfigurationError for a database newer than this version, StoreError."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        _create_file(path_of(parsed))
    database = _connect(url)
    try:
        await upgrade_schema(database)
    finally:
        await database.close()


class SqlStore(
    SqlTickets,
    SqlOutbox,
    SqlSurveys,
    SqlWrongAnswers,
    SqlCustomers,
    SqlLive,
    SqlDeskReceipts,
    SqlDeskPlaces,
    SqlMails,
    SqlInbound,
    SqlThreads,
    SqlPosts,
):
    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock
        self.agents = SqlAgents(database, clock)
        self.audit = SqlAuditLog(database)

    @classmethod
    async def open(cls, url: str, clock: Callable[[], datetime] = now) -> "SqlStore":
        """Raises ConfigurationError for a database that is missing, older or newer, StoreError for
        one that is out of reach or does not keep what the store relies on."""
        parsed = parse_url(url)
        if parsed.get_backend_name() == "sqlite" and not path_of(parsed).exists():
            raise ConfigurationError(
                f"there is no database at {path_of(parsed)}; run: firstline db upgrade"
            )
        database = _connect(url)
        try:
            await database.read(check_current)
        except BaseException:
            await database.close()
            raise
        return cls(database, clock)

    async def add_conversation(self, conversation: Conversation) -> None:
        check_storable(conversation.id, conversation.channel, conversation.token_digest)
        check_storable(conversation.timezone, conversation.page, conversation.address)
        await self._database.write(transactions.add_conversation, conversation)

    async def conversation(self, conversation_id: str) -> Conversation | None:
        return await self._database.read(transactions.find_conversation, conversation_id)

    async def save_customer(self, customer: Customer) -> None:
        _check_customer(customer)
        await self._database.write(transactions.save_customer, customer)

    async def customer(self, customer_id: str) -> Customer | None:
        return await self._database.read(transactions.find_customer, customer_id)

    async def identify(
        self, conversation: Conversation, customer: Customer, token_digest: str
    ) -> bool:
        _check_customer(customer)
        return await self._database.write(
            transactions.identify, conversation, customer, token_digest, self._clock()
        )

    async def messages(self, conversation_id: str, after: str | None = None) -> Sequence[Message]:
        return await self._database.read(transactions.list_messages, conversation_id, after)

    async def replies(self, message_ids: Sequence[str]) -> Mapping[str, Reply]:
        return await self._database.read(transactions.list_replies, message_ids)

    async def message(self, message_id: str) -> Message | None:
        return await self._database.read(transactions.find_message, message_id)

    async def save_feedback(self, feedback: Feedback) -> None:
        check_storable(feedback.message, feedback.comment)
        await self._database.write(transactions.save_feedback, feedback)

    async def feedback(self, message_ids: Sequence[str]) -> Mapping[str, Feedback]:
        return await self._database.read(transactions.list_feedback, message_ids)

    async def accept(self, message: Message, *, closes: bool = False) -> Turn:
        check_storable(message.id, message.text, message.client_message_id)
        return await self._database.write(transactions.accept, message, closes)

    async def turn(self, message_id: str) -> Turn | None:
        return await self._database.read(transactions.find_turn, message_id)

    async def claim(self, message_id: str, worker: str, until: datetime) -> bool:
        return await self._database.write(
            transactions.claim, message_id, worker, until, self._clock()
        )

    async def finish(
        self,
        message_id: str,
        worker: str,
        reply: Reply,
        trace: TurnTrace,
        escalation: Escalation | None = None,
    ) -> Reply | None:
        check_storable(reply.message, reply.text)
        return await self._database.write(
            transactions.finish, message_id, worker, reply, trace, self._clock(), escalation
        )

    async def unfinished(self) -> Sequence[Message]:
        return await self._database.read(transactions.list_unfinished, self._clock())

    async def check_writable(self) -> None:
        await self._database.write(transactions.touch, self._clock())

    async def close(self) -> None:
        await self._database.close()


def _check_customer(customer: Customer) -> None:
    check_storable(customer.id, customer.name, customer.email, customer.organisation)


def _connect(url: str) -> Database:
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed)
    return PostgresqlDatabase(parsed)


def _create_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # customers' words: for the operator's eyes only
    except OSError as error:
        raise StoreError(
            f"cannot create the database {path} ({error.strerror}); "
            "choose a folder that can be written to"
        ) from error
