"""Channels elsewhere: what came in and is handled once, threads, posts, installations."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "conversations",
        sa.Column("internal", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    _create_events()
    op.create_table(
        "inbound_marks",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_inbound_marks"),
    )
    op.create_table(
        "threads",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_threads"),
        _of_conversation("threads"),
    )
    op.create_index("ix_threads_conversation_id", "threads", ["conversation_id"])
    op.create_table(
        "posts",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", "key", name="pk_posts"),
        _of_conversation("posts"),
    )
    op.create_index("ix_posts_conversation_id", "posts", ["conversation_id"])
    op.create_table(
        "installations",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "key", name="pk_installations"),
    )


def downgrade() -> None:
    for table in ("installations", "posts", "threads", "inbound_marks", "inbound_events"):
        op.drop_table(table)
    op.drop_column("conversations", "internal")


def _create_events() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "inbound_events",
        sa.Column("sequence", number, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("twin", sa.String()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("worker", sa.String()),
        sa.Column("lease_until", _TIME),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("sequence", name="pk_inbound_events"),
        sa.UniqueConstraint("channel", "key", name="uq_inbound_events_channel_key"),
        sa.UniqueConstraint("channel", "twin", name="uq_inbound_events_channel_twin"),
        sqlite_autoincrement=True,
    )
    for columns in (["channel", "state", "sequence"], ["channel", "lane", "sequence"]):
        op.create_index(f"ix_inbound_events_{'_'.join(columns)}", "inbound_events", columns)


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"],
        ["conversations.id"],
        name=f"fk_{table}_conversation_id_conversations",
    )
