"""Every statement about agents; built once, as those of `statements.py` are."""

from collections.abc import Mapping

from sqlalchemy import Insert, bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.sql_store.tables import (
    agent_devices,
    agent_recovery_codes,
    agent_sessions,
    agents,
    confirmations,
    sign_in_attempts,
)
from bot.domain.agent import Role

_FIELDS = (
    *(c for c in agents.c if c.name != "created_at"),
    agents.c.created_at.label("agent_created_at"),
)
_AGENTS = select(*_FIELDS)

ADD_AGENT = insert(agents)
FIND_AGENT = _AGENTS.where(agents.c.id == bindparam("agent"))
LOCK_AGENT = FIND_AGENT.with_for_update()
FIND_AGENT_BY_EMAIL = _AGENTS.where(agents.c.email == bindparam("address"))
FIND_INVITED = _AGENTS.where(agents.c.invitation_digest == bindparam("invitation"))
LIST_AGENTS = _AGENTS.order_by(agents.c.name, agents.c.email)
UPDATE_AGENT = update(agents).where(agents.c.id == bindparam("agent"))

# In one order, so that two who lock them wait for each other and not for ever.
LOCK_ADMINS = (
    select(agents.c.id)
    .where(agents.c.role == Role.ADMIN.value, agents.c.active)
    .order_by(agents.c.id)
    .with_for_update()
)

USE_TOTP_STEP = (
    update(agents)
    .where(
        agents.c.id == bindparam("agent"),
        or_(agents.c.totp_step.is_(None), agents.c.totp_step < bindparam("step")),
    )
    .values(totp_step=bindparam("step"))
)

ADD_SESSION = insert(agent_sessions)
FIND_SESSION = (
    select(
        agent_sessions.c.digest,
        agent_sessions.c.created_at.label("session_created_at"),
        agent_sessions.c.seen_at,
        agent_sessions.c.ends_at,
        *_FIELDS,
    )
    .join(agents, agents.c.id == agent_sessions.c.agent_id)
    .where(agent_sessions.c.digest == bindparam("session"))
)
TOUCH_SESSION = (
    update(agent_sessions)
    .where(agent_sessions.c.digest == bindparam("session"))
    .values(seen_at=bindparam("at"))
)
END_SESSION = delete(agent_sessions).where(agent_sessions.c.digest == bindparam("session"))
END_SESSIONS = delete(agent_sessions).where(agent_sessions.c.agent_id == bindparam("agent"))
DROP_ENDED_SESSIONS = delete(agent_sessions).where(agent_sessions.c.ends_at <= bindparam("at"))


ADD_RECOVERY_CODE = insert(agent_recovery_codes)
DROP_RECOVERY_CODES = delete(agent_recovery_codes).where(
    agent_recovery_codes.c.agent_id == bindparam("agent")
)
# Of those who use one at the same time, one deletes it.
USE_RECOVERY_CODE = DROP_RECOVERY_CODES.where(agent_recovery_codes.c.digest == bindparam("code"))
COUNT_RECOVERY_CODES = select(func.count()).where(
    agent_recovery_codes.c.agent_id == bindparam("agent")
)

DROP_DEVICES = delete(agent_devices).where(agent_devices.c.agent_id == bindparam("agent"))
DROP_OLD_DEVICES = delete(agent_devices).where(agent_devices.c.seen_at < bindparam("oldest"))
FIND_DEVICE_OWNERS = select(agent_devices.c.agent_id).where(
    agent_devices.c.digest == bindparam("device"), agent_devices.c.seen_at >= bindparam("oldest")
)


def _remembering() -> Mapping[str, Insert]:
    return {
        "sqlite": _or_see(sqlite.insert(agent_devices)),
        "postgresql": _or_see(postgresql.insert(agent_devices)),
    }


def _or_see(insertion: sqlite.Insert | postgresql.Insert) -> Insert:
    return insertion.on_conflict_do_update(
        index_elements=[agent_devices.c.digest, agent_devices.c.agent_id],
        set_={"seen_at": insertion.excluded.seen_at},
    )


REMEMBER_DEVICE = _remembering()


def _beginning() -> Mapping[str, Insert]:
    return {
        "sqlite": _or_lock(sqlite.insert(sign_in_attempts)),
        "postgresql": _or_lock(postgresql.insert(sign_in_attempts)),
    }


def _or_lock(insertion: sqlite.Insert | postgresql.Insert) -> Insert:
    """A key that is there is locked by writing it as it is: attempts follow one another."""
    return insertion.on_conflict_do_update(
        index_elements=[sign_in_attempts.c.key], set_={"key": insertion.excluded.key}
    ).returning(sign_in_attempts.c.level, sign_in_attempts.c.latest)


BEGIN_ATTEMPT = _beginning()
COUNT_ATTEMPT = update(sign_in_attempts).where(sign_in_attempts.c.key == bindparam("tried"))
DROP_FORGOTTEN_ATTEMPTS = delete(sign_in_attempts).where(
    sign_in_attempts.c.forgotten_at <= bindparam("at"), sign_in_attempts.c.key != bindparam("tried")
)
FORGIVE_ATTEMPTS = (
    update(sign_in_attempts)
    .where(sign_in_attempts.c.key == bindparam("forgiven"))
    .values(
        level=case(
            (
                sign_in_attempts.c.level > bindparam("most"),
                sign_in_attempts.c.level - bindparam("most"),
            ),
            else_=0,
        )
    )
)

ADD_CONFIRMATION = insert(confirmations)
USE_CONFIRMATION = delete(confirmations).where(
    confirmations.c.digest == bindparam("token"),
    confirmations.c.agent_id == bindparam("agent"),
    confirmations.c.action == bindparam("what"),
    confirmations.c.object_digest == bindparam("on"),
    confirmations.c.ends_at > bindparam("at"),
)
DROP_ENDED_CONFIRMATIONS = delete(confirmations).where(confirmations.c.ends_at <= bindparam("at"))
