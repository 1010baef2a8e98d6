"""What agents call customers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_labels",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_labels"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_labels_customer_id_customers"
        ),
    )


def downgrade() -> None:
    op.drop_table("customer_labels")
