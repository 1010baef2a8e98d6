"""When the clocks of a ticket have to be looked at next."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("next_check", sa.DateTime(timezone=True)))
    op.create_index("ix_tickets_next_check", "tickets", ["next_check"])
    op.execute("UPDATE tickets SET next_check = opened_at")


def downgrade() -> None:
    op.drop_index("ix_tickets_next_check", "tickets")
    op.drop_column("tickets", "next_check")
