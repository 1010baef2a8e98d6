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
from bot.domain.attempts import Attempt, Attempts, Pace, attempt, forgotten_at
from bot.domain.audit import AuditEvent
from bot.ports import AgentChange

_ALL = 1_000_000  # more attempts than any pace lets anybody make


def apply(connection: Connection, change: AgentChange, at: datetime) -> None:
    if change.confirmation is not None:
        _use(connection, change.confirmation, at)
    if change.expected is not None:
        _check_expected(connection, change, change.expected)
    _check_address(connection, change.agent)
    values = rows.from_agent(change.agent)
    if change.credentials is not None or change.expected is None:
        values |= rows.from_credentials(change.credentials or Credentials())
    if change.expected is None:
        connection.execute(statements.ADD_AGENT, values)
    else:
        connection.execute(statements.UPDATE_AGENT, values | {"agent": change.agent.id})
    if change.recovery_codes is not None:
        _replace_recovery_codes(connection, change.agent, change.recovery_codes)
    if change.forgets_devices:
        connection.execute(statements.DROP_DEVICES, {"agent": change.agent.id})
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


def use_recovery_code(
    connection: Connection, agent_id: str, digest: str, audit: AuditEvent
) -> bool:
    values = {"agent": agent_id, "code": digest}
    is_used = connection.execute(statements.USE_RECOVERY_CODE, values).rowcount == 1
    if is_used:
        audit_log.append(connection, audit)
    return is_used


def count_recovery_codes(connection: Connection, agent_id: str) -> int:
    found: int = connection.execute(
        statements.COUNT_RECOVERY_CODES, {"agent": agent_id}
    ).scalar_one()
    return found


def start_session(
    connection: Connection,
    session: AgentSession,
    proven: Credentials,
    audit: AuditEvent,
    at: datetime,
) -> None:
    row = connection.execute(statements.LOCK_AGENT, {"agent": session.agent.id}).first()
    if row is None or not row.active or not proven.opens_as(rows.to_credentials(row)):
        raise AgentChanged("the agent was changed in the meantime; sign in again")
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


def remember_device(
    connection: Connection, digest: str, agent_id: str, at: datetime, oldest: datetime
) -> None:
    connection.execute(statements.DROP_OLD_DEVICES, {"oldest": oldest})
    values = {"digest": digest, "agent_id": agent_id, "seen_at": at}
    connection.execute(statements.REMEMBER_DEVICE[connection.dialect.name], values)


def find_device_owners(connection: Connection, digest: str, oldest: datetime) -> Sequence[str]:
    values = {"device": digest, "oldest": oldest}
    return connection.execute(statements.FIND_DEVICE_OWNERS, values).scalars().all()


def count_attempt(connection: Connection, key: str, pace: Pace, at: datetime) -> Attempt:
    connection.execute(statements.DROP_FORGOTTEN_ATTEMPTS, {"at": at, "tried": key})
    nothing = {"key": key, "level": 0.0, "latest": at, "forgotten_at": at}
    row = connection.execute(statements.BEGIN_ATTEMPT[connection.dialect.name], nothing).one()
    made = attempt(Attempts(row.level, row.latest), pace, at)
    if made.is_counted:
        values = {
            "tried": key,
            "level": made.attempts.level,
            "latest": made.attempts.latest,
            "forgotten_at": forgotten_at(made.attempts, pace),
        }
        connection.execute(statements.COUNT_ATTEMPT, values)
    return made


def forgive_attempts(connection: Connection, key: str, most: int | None) -> None:
    """A row is kept also for what is forgiven whole: others may be waiting for its lock."""
    values = {"forgiven": key, "most": _ALL if most is None else most}
    connection.execute(statements.FORGIVE_ATTEMPTS, values)


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


def _replace_recovery_codes(connection: Connection, agent: Agent, digests: Sequence[str]) -> None:
    connection.execute(statements.DROP_RECOVERY_CODES, {"agent": agent.id})
    if digests:
        values = [{"agent_id": agent.id, "digest": digest} for digest in digests]
        connection.execute(statements.ADD_RECOVERY_CODE, values)


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


def _check_expected(connection: Connection, change: AgentChange, expected: Agent) -> None:
    agent = change.agent
    if expected.is_admin and not agent.is_admin:
        admins = connection.execute(statements.LOCK_ADMINS).scalars().all()
        if set(admins) <= {agent.id}:
            raise LastAdmin("this is the last active admin; make another one first")
    row = connection.execute(statements.LOCK_AGENT, {"agent": agent.id}).first()
    is_as_seen = row is not None and rows.to_agent(row) == expected
    if row is not None and change.credentials is not None:
        is_as_seen = is_as_seen and rows.to_credentials(row) == change.seen
    if not is_as_seen:
        raise AgentChanged("the agent was changed in the meantime; look again")


def _check_address(connection: Connection, agent: Agent) -> None:
    row = connection.execute(statements.FIND_AGENT_BY_EMAIL, {"address": agent.email}).first()
    if row is not None and row.id != agent.id:
        raise AgentExists(f"there is an agent {agent.email} already")
