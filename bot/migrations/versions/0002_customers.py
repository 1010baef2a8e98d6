"""Customers, and the conversations that belong to them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String()),
        sa.Column("email", sa.String()),
        sa.Column("organisation", sa.String()),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("locale", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    # Alembic would copy the table for SQLite, which cannot be dropped once messages refer to it.
    op.execute(
        "ALTER TABLE conversations ADD COLUMN customer_id VARCHAR "
        "CONSTRAINT fk_conversations_customer_id_customers REFERENCES customers (id)"
    )
    op.create_index("ix_conversations_customer_id", "conversations", ["customer_id"])


def downgrade() -> None:
    op.drop_index("ix_conversations_customer_id", "conversations")
    with op.batch_alter_table("conversations") as conversations:
        conversations.drop_column("customer_id")
    op.drop_table("customers")
