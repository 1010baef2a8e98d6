"""What the store does with agents: each function is the work of one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.adapters.sql_store import agent_rows as rows
from bot.adapters.sql_store import agent_statements as statements
from bot.adapters.sql_store import audit_log
from bot.domain.agent import (
    Agent,
    AgentChanged,
    AgentExists,
    AgentSession,
    Confirmation,
    ConfirmationRefused,
    Credentials,
    LastAdmin,
)
from bot.domain.audit import AuditEvent
from bot.ports import AgentChange, Attempts


def apply(connection: Connection, change: AgentChange, at: datetime) -> None:
    if change.confirmation is not None:
        _use(connection, change.confirmation, at)
    if change.expected is not None:
        _check_expected(connection, change.agent, change.expected)
    _check_address(connection, change.agent)
    values = rows.from_agent(change.agent)
    if change.credentials is not None or change.expected is None:
        values |= rows.from_credentials(change.credentials or Credentials())
    if change.expected is None:
        connection.execute(statements.ADD_AGENT, values)
    else:
        connection.execute(statements.UPDATE_AGENT, values | {"agent": change.agent.id})
    if change.ends_sessions:
        connection.execute(statements.END_SESSIONS, {"agent": change.agent.id})
    if change.session is not None:
        connection.execute(statements.ADD_SESSION, rows.from_session(change.session))
    audit_log.append(connection, change.audit)


def find_agent(connection: Connection, agent_id: str) -> Agent | None:
    row = connection.execute(statements.FIND_AGENT, {"agent": agent_id}).first()
    return rows.to_agent(row) if row else None


def find_agent_by_email(connection: Connection, email: str) -> Agent | None:
    row = connection.execute(statements.FIND_AGENT_BY_EMAIL, {"address": email}).first()
    return rows.to_agent(row) if row else None


def find_invited(connection: Connection, invitation_digest: str) -> Agent | None:
    row = connection.execute(statements.FIND_INVITED, {"invitation": invitation_digest}).first()
    return rows.to_agent(row) if row else None


def list_agents(connection: Connection) -> Sequence[Agent]:
    return [rows.to_agent(row) for row in connection.execute(statements.LIST_AGENTS)]


def find_credentials(connection: Connection, agent_id: str) -> Credentials | None:
    row = connection.execute(statements.FIND_AGENT, {"agent": agent_id}).first()
    return rows.to_credentials(row) if row else None


def use_totp_step(connection: Connection, agent_id: str, step: int) -> bool:
    values = {"agent": agent_id, "step": step}
    return connection.execute(statements.USE_TOTP_STEP, values).rowcount == 1


def start_session(
    connection: Connection, session: AgentSession, audit: AuditEvent, at: datetime
) -> None:
    connection.execute(statements.DROP_ENDED_SESSIONS, {"at": at})
    connection.execute(statements.ADD_SESSION, rows.from_session(session))
    audit_log.append(connection, audit)


def find_session(connection: Connection, digest: str) -> AgentSession | None:
    row = connection.execute(statements.FIND_SESSION, {"session": digest}).first()
    return rows.to_session(row) if row else None


def touch_session(connection: Connection, digest: str, at: datetime) -> None:
    connection.execute(statements.TOUCH_SESSION, {"session": digest, "at": at})


def end_session(connection: Connection, digest: str, audit: AuditEvent) -> None:
    if connection.execute(statements.END_SESSION, {"session": digest}).rowcount:
        audit_log.append(connection, audit)


def count_attempt(connection: Connection, key: str, at: datetime, since: datetime) -> Attempts:
    connection.execute(statements.DROP_OLD_ATTEMPTS, {"oldest": since})
    statement = statements.COUNT_ATTEMPT[connection.dialect.name]
    values = {"key": key, "count": 1, "since": at, "oldest": since}
    row = connection.execute(statement, values).one()
    return Attempts(row[0], row[1])


def forgive_attempts(connection: Connection, key: str, most: int) -> None:
    connection.execute(statements.FORGIVE_ATTEMPTS, {"forgiven": key, "most": most})


def add_confirmation(
    connection: Connection, confirmation: Confirmation, ends_at: datetime, at: datetime
) -> None:
    connection.execute(statements.DROP_ENDED_CONFIRMATIONS, {"at": at})
    values = rows.from_confirmation(confirmation) | {"ends_at": ends_at}
    connection.execute(statements.ADD_CONFIRMATION, values)


def use_confirmation(
    connection: Connection, confirmation: Confirmation, audit: AuditEvent, at: datetime
) -> None:
    _use(connection, confirmation, at)
    audit_log.append(connection, audit)


def _use(connection: Connection, confirmation: Confirmation, at: datetime) -> None:
    values = {
        "token": confirmation.digest,
        "agent": confirmation.agent,
        "what": confirmation.action,
        "on": confirmation.object_digest,
        "at": at,
    }
    if connection.execute(statements.USE_CONFIRMATION, values).rowcount != 1:
        raise ConfirmationRefused("the confirmation does not hold; ask for a new one")


def _check_expected(connection: Connection, agent: Agent, expected: Agent) -> None:
    if expected.is_admin and not agent.is_admin:
        admins = connection.execute(statements.LOCK_ADMINS).scalars().all()
        if set(admins) <= {agent.id}:
            raise LastAdmin("this is the last active admin; make another one first")
    row = connection.execute(statements.LOCK_AGENT, {"agent": agent.id}).first()
    if row is None or rows.to_agent(row) != expected:
        raise AgentChanged("the agent was changed in the meantime; look again")


def _check_address(connection: Connection, agent: Agent) -> None:
    row = connection.execute(statements.FIND_AGENT_BY_EMAIL, {"address": agent.email}).first()
    if row is not None and row.id != agent.id:
        raise AgentExists(f"there is an agent {agent.email} already")
