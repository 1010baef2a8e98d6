"""What customers answer when they are asked about the help they got."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "surveys",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("escalation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.String()),
        sa.Column("customer_id", sa.String()),
        sa.Column("csat", sa.Integer()),
        sa.Column("nps", sa.Integer()),
        sa.Column("comment", sa.Text()),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("conversation_id", "escalation", name="pk_surveys"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_surveys_conversation_id_conversations",
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_surveys_ticket_id_tickets"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_surveys_customer_id_customers"
        ),
    )
    op.create_index("ix_surveys_customer_id", "surveys", ["customer_id"])


def downgrade() -> None:
    op.drop_index("ix_surveys_customer_id", "surveys")
    op.drop_table("surveys")
