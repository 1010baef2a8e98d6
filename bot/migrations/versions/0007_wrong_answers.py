"""What agents mark as wrong among the bot's answers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wrong_answers",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("expected", sa.Text()),
        sa.Column("comment", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_wrong_answers"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_wrong_answers_message_id_messages"
        ),
    )


def downgrade() -> None:
    op.drop_table("wrong_answers")
