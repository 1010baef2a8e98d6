"""Hand-overs to a person: tickets, their events and notes, the outbox, and the inbox's notices."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ACTIVE = sa.text("state IN ('open', 'snoozed')")


def upgrade() -> None:
    # Each a plain ALTER TABLE: Alembic would copy tables that others refer to.
    for name in ("timezone", "page", "handed_back"):
        op.add_column("conversations", sa.Column(name, sa.String()))
    op.add_column("messages", sa.Column("agent", sa.String()))
    _create_tickets()
    _create_events_and_notes()
    _create_outbox()
    counters = op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.bulk_insert(counters, [{"name": name, "value": 0} for name in ("number", "ledger")])


def downgrade() -> None:
    for table in (
        "counters",
        "inbox_notices",
        "outbox",
        "ticket_notes",
        "ticket_events",
        "tickets",
    ):
        op.drop_table(table)
    op.drop_column("messages", "agent")
    for name in ("timezone", "page", "handed_back"):
        op.drop_column("conversations", name)


def _create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("escalation", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("packet", sa.JSON(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_response_due", sa.DateTime(timezone=True)),
        sa.Column("assignee", sa.String()),
        sa.Column("team", sa.String()),
        sa.Column("snoozed_until", sa.DateTime(timezone=True)),
        sa.Column("merged_into", sa.String()),
        sa.Column("contact", sa.String()),
        sa.Column("timezone", sa.String()),
        sa.Column("desks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("number", name="uq_tickets_number"),
        sa.UniqueConstraint(
            "conversation_id", "escalation", name="uq_tickets_conversation_id_escalation"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_tickets_conversation_id_conversations",
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["tickets.id"], name="fk_tickets_merged_into_tickets"
        ),
    )
    op.create_index("ix_tickets_state", "tickets", ["state"])
    op.create_index(
        "uq_tickets_active",
        "tickets",
        ["conversation_id"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )


def _create_events_and_notes() -> None:
    op.create_table(
        "ticket_events",
        _sequence(),
        _ticket(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.String()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_ticket_events"),
        _of_ticket("ticket_events"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_ticket_events_ticket_id_sequence", "ticket_events", ["ticket_id", "sequence"]
    )
    op.create_table(
        "ticket_notes",
        _sequence(),
        sa.Column("id", sa.String(), nullable=False),
        _ticket(),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_ticket_notes"),
        sa.UniqueConstraint("id", name="uq_ticket_notes_id"),
        _of_ticket("ticket_notes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ticket_notes_ticket_id", "ticket_notes", ["ticket_id"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        _sequence(),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        _ticket(),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String()),
        sa.Column("message_id", sa.String()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String()),
        sa.Column("reference", sa.String()),
        sa.Column("worker", sa.String()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("sequence", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        _of_ticket("outbox"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_outbox_conversation_id_conversations",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"])
    op.create_index("ix_outbox_ticket_id_sequence", "outbox", ["ticket_id", "sequence"])
    op.create_table(
        "inbox_notices",
        _sequence(),
        sa.Column("key", sa.String(), nullable=False),
        _ticket(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_inbox_notices"),
        sa.UniqueConstraint("key", name="uq_inbox_notices_key"),
        _of_ticket("inbox_notices"),
        sqlite_autoincrement=True,
    )


def _sequence() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("sequence", kind, nullable=False)


def _ticket() -> sa.Column[str]:
    return sa.Column("ticket_id", sa.String(), nullable=False)


def _of_ticket(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["ticket_id"], ["tickets.id"], name=f"fk_{table}_ticket_id_tickets"
    )
