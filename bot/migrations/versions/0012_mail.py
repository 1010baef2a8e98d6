"""Mail: what came in and what became of it, what left, how far mailboxes were read."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("address", sa.String()))
    # The bot's own words go out by mail before there is a ticket. Nothing refers to the outbox, so
    # that it may be copied where the database cannot change a column.
    with op.batch_alter_table("outbox", table_kwargs={"sqlite_autoincrement": True}) as outbox:
        outbox.alter_column("ticket_id", existing_type=sa.String(), nullable=True)
    op.create_index("ix_outbox_conversation_id_sequence", "outbox", ["conversation_id", "sequence"])
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "mails",
        sa.Column("sequence", kind, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("reference_ids", sa.JSON(), nullable=False),
        sa.Column("conversation_id", sa.String()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_mails"),
        sa.UniqueConstraint("key", name="uq_mails_key"),
        _of_conversation("mails"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mails_message_id", "mails", ["message_id"])
    op.create_index("ix_mails_conversation_id", "mails", ["conversation_id"])
    op.create_index("ix_mails_sender_at", "mails", ["sender", "at"])
    op.create_table(
        "sent_mails",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_sent_mails"),
        _of_conversation("sent_mails"),
    )
    op.create_table(
        "mailboxes",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("validity", sa.BigInteger()),
        sa.Column("uid", sa.BigInteger()),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("worker", sa.String()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="pk_mailboxes"),
    )


def downgrade() -> None:
    for table in ("mailboxes", "sent_mails", "mails"):
        op.drop_table(table)
    op.execute("DELETE FROM outbox WHERE ticket_id IS NULL")
    op.drop_index("ix_outbox_conversation_id_sequence", "outbox")
    with op.batch_alter_table("outbox", table_kwargs={"sqlite_autoincrement": True}) as outbox:
        outbox.alter_column("ticket_id", existing_type=sa.String(), nullable=False)
    op.drop_column("conversations", "address")


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"],
        ["conversations.id"],
        name=f"fk_{table}_conversation_id_conversations",
    )
