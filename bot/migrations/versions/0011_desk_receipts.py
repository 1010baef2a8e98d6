"""Which events of desks were taken."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_receipts",
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("desk", "event", name="pk_desk_receipts"),
    )
    op.create_index("ix_desk_receipts_at", "desk_receipts", ["at"])


def downgrade() -> None:
    op.drop_index("ix_desk_receipts_at", "desk_receipts")
    op.drop_table("desk_receipts")
