"""The tables of channels elsewhere: what came in, where conversations are held, what was put up."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from bot.adapters.sql_store.tables import UtcDateTime, metadata
from bot.adapters.sql_store.ticket_tables import SEQUENCE

inbound_events = Table(
    "inbound_events",
    metadata,
    Column("sequence", SEQUENCE, primary_key=True),
    Column("channel", String, nullable=False),
    Column("key", String, nullable=False),
    Column("twin", String),
    Column("kind", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("body", JSON, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("worker", String),
    Column("lease_until", UtcDateTime),
    Column("error", Text),
    Unique("channel", "key"),
    Unique("channel", "twin"),
    Index(None, "channel", "state", "sequence"),
    Index(None, "channel", "lane", "sequence"),
    sqlite_autoincrement=True,
)

# How far places were read.
inbound_marks = Table(
    "inbound_marks",
    metadata,
    Column("channel", String, primary_key=True),
    Column("address", String, primary_key=True),
    Column("seen", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

threads = Table(
    "threads",
    metadata,
    Column("channel", String, primary_key=True),
    Column("address", String, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    Column("channel", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("place", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("state", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

installations = Table(
    "installations",
    metadata,
    Column("channel", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("sealed", Text, nullable=False),
)
