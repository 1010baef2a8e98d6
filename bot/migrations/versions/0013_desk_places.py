"""How far desks were asked for news."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_places",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String()),
        sa.Column("worker", sa.String()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="pk_desk_places"),
    )


def downgrade() -> None:
    op.drop_table("desk_places")
