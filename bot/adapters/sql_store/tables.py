"""The tables as the store uses them; `bot/migrations` creates them, and a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware both ways; SQLite, which knows no zones, holds UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Kept by the id that the company's own systems give them.
customers = Table(
    "customers",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String),
    Column("email", String),
    Column("organisation", String),
    Column("tier", String, nullable=False),
    Column("locale", String),
)

# What agents call them, which no token of the company tells and none takes away.
customer_labels = Table(
    "customer_labels",
    metadata,
    Column("customer_id", ForeignKey("customers.id"), primary_key=True),
    Column("labels", JSON, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("channel", String, nullable=False),
    Column("locale", String),
    Column("status", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("token_digest", String),
    Column("customer_id", ForeignKey("customers.id"), index=True),
    Column("timezone", String),
    Column("page", String),
    Column("handed_back", String),
    Column("address", String),
    Column("internal", Boolean, nullable=False, server_default=false()),
)

messages = Table(
    "messages",
    metadata,
    # The order in which messages were committed. SQLite numbers by itself only plain INTEGER keys.
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("author", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("client_message_id", String),
    Column("outcome", String),
    Column("wants_human", Boolean, nullable=False, server_default=false()),
    Column("agent", String),
    # Unique: the database itself refuses a second reply to one message.
    Column("reply_to", ForeignKey("messages.id"), unique=True),
    UniqueConstraint("conversation_id", "client_message_id"),
    Index(None, "conversation_id", "sequence"),
    # A number is never given twice, so that a reader's place stays right after messages are erased.
    sqlite_autoincrement=True,
)

turns = Table(
    "turns",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("worker", String),
    Column("lease_until", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("reply", JSON(none_as_null=True)),
    Column("trace", JSON(none_as_null=True)),
)
Index(
    "ix_turns_unfinished",
    turns.c.message_id,
    sqlite_where=turns.c.finished_at.is_(None),
    postgresql_where=turns.c.finished_at.is_(None),
)

feedback = Table(
    "feedback",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("rating", String, nullable=False),
    Column("comment", Text),
    Column("created_at", UtcDateTime, nullable=False),
)

agents = Table(
    "agents",
    metadata,
    Column("id", String, primary_key=True),
    Column("email", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("team", String),
    Column("locale", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("password_hash", String),
    Column("totp_secret", String),
    Column("totp_pending", String),
    Column("totp_step", BigInteger),
    Column("invitation_digest", String, unique=True),
    Column("invitation_ends_at", UtcDateTime),
)

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("digest", String, primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("key", String, primary_key=True),
    Column("level", Float, nullable=False),
    Column("latest", UtcDateTime, nullable=False),
    Column("forgotten_at", UtcDateTime, nullable=False, index=True),
)

agent_devices = Table(
    "agent_devices",
    metadata,
    Column("digest", String, primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
)

agent_recovery_codes = Table(
    "agent_recovery_codes",
    metadata,
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("digest", String, primary_key=True),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("digest", String, primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("action", String, nullable=False),
    Column("object_digest", String, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)

# Triggers of the migration refuse every change and deletion of its rows.
audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("object", String),
    Column("details", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)

# One row: where the log ends, which an entry cut off its end does not change.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
)

# One row, written to learn whether the database can be written to.
write_probe = Table(
    "write_probe",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("written_at", UtcDateTime, nullable=False),
)
