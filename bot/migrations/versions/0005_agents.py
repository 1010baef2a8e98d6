"""Agents, their sessions, and an audit log that the database keeps from being changed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

REFUSAL = "the audit log is only added to"


def upgrade() -> None:
    _create_agents()
    _create_guards()
    _create_audit()
    if op.get_bind().dialect.name == "postgresql":
        _protect_postgresql()
    else:
        _protect_sqlite()


def downgrade() -> None:
    # SQLite's triggers go with their tables.
    for table in (
        "audit_head",
        "audit_log",
        "confirmations",
        "sign_in_attempts",
        "agent_sessions",
        "agents",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION firstline_refuse_change()")
        op.execute("DROP FUNCTION firstline_check_head()")


def _create_agents() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("team", sa.String()),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_hash", sa.String()),
        sa.Column("totp_secret", sa.String()),
        sa.Column("totp_pending", sa.String()),
        sa.Column("totp_step", sa.BigInteger()),
        sa.Column("invitation_digest", sa.String()),
        sa.Column("invitation_ends_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
        sa.UniqueConstraint("email", name="uq_agents_email"),
        sa.UniqueConstraint("invitation_digest", name="uq_agents_invitation_digest"),
    )
    op.create_table(
        "agent_sessions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_agent_sessions"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_agent_sessions_agent_id_agents"
        ),
    )
    op.create_index("ix_agent_sessions_agent_id", "agent_sessions", ["agent_id"])


def _create_guards() -> None:
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_attempts"),
    )
    op.create_table(
        "confirmations",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_digest", sa.String(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_confirmations"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_confirmations_agent_id_agents"
        ),
    )


def _create_audit() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object", sa.String()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_log"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])


def _protect_sqlite() -> None:
    for table, event in (
        ("audit_log", "UPDATE"),
        ("audit_log", "DELETE"),
        ("audit_head", "DELETE"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    op.execute(
        "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head"
        " WHEN NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1"
        f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def _protect_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION firstline_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE FUNCTION firstline_check_head() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 THEN"
        f" RAISE EXCEPTION '{REFUSAL}'; END IF; RETURN NEW; END $$"
    )
    for table, events in (
        ("audit_log", "UPDATE OR DELETE OR TRUNCATE"),
        ("audit_head", "DELETE OR TRUNCATE"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {events} ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION firstline_refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head"
        " FOR EACH ROW EXECUTE FUNCTION firstline_check_head()"
    )
