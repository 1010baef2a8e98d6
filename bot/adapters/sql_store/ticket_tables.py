"""The tables of hand-overs: tickets, what happened to them, and what has to reach somebody."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.adapters.sql_store.tables import UtcDateTime, metadata

# SQLite numbers by itself only plain INTEGER keys.
SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

tickets = Table(
    "tickets",
    metadata,
    Column("id", String, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("escalation", Integer, nullable=False),
    Column("reason", String, nullable=False),
    Column("packet", JSON, nullable=False),
    Column("tier", String, nullable=False),
    Column("priority", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("first_response_due", UtcDateTime),
    Column("assignee", String),
    Column("team", String),
    Column("snoozed_until", UtcDateTime),
    Column("next_check", UtcDateTime, index=True),
    Column("merged_into", ForeignKey("tickets.id")),
    Column("contact", String),
    Column("timezone", String),
    Column("desks", JSON, nullable=False),
    UniqueConstraint("conversation_id", "escalation"),
)
IS_ACTIVE = tickets.c.state.in_(["open", "snoozed"])
# The database itself refuses a second person for a conversation.
Index(
    "uq_tickets_active",
    tickets.c.conversation_id,
    unique=True,
    sqlite_where=IS_ACTIVE,
    postgresql_where=IS_ACTIVE,
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("message_id", String),
    Column("details", JSON, nullable=False),
    Index(None, "ticket_id", "sequence"),
    sqlite_autoincrement=True,
)

ticket_notes = Table(
    "ticket_notes",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("author", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("recipient", String, nullable=False),
    Column("name", String, nullable=False),
    Column("ticket_id", ForeignKey("tickets.id")),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("kind", String),
    Column("message_id", String),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", String),
    Column("reference", String),
    Column("worker", String),
    Column("lease_until", UtcDateTime),
    Index(None, "state", "due_at"),
    Index(None, "ticket_id", "sequence"),
    Index(None, "conversation_id", "sequence"),
    sqlite_autoincrement=True,
)

inbox_notices = Table(
    "inbox_notices",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# A row each: the last ticket number given, and the lock of all who write down events.
counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Integer, nullable=False),
)

# Escalation 0 is about the bot alone.
surveys = Table(
    "surveys",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("escalation", Integer, primary_key=True, autoincrement=False),
    Column("ticket_id", ForeignKey("tickets.id")),
    Column("customer_id", ForeignKey("customers.id"), index=True),
    Column("csat", Integer),
    Column("nps", Integer),
    Column("comment", Text),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)
