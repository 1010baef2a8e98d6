"""Every statement about agents; built once, as those of `statements.py` are."""

from collections.abc import Mapping

from sqlalchemy import Insert, bindparam, case, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.sql_store.tables import (
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


def _counting() -> Mapping[str, Insert]:
    return {
        "sqlite": _or_count(sqlite.insert(sign_in_attempts)),
        "postgresql": _or_count(postgresql.insert(sign_in_attempts)),
    }


def _or_count(insertion: sqlite.Insert | postgresql.Insert) -> Insert:
    """One statement, so that attempts at the same time are all counted."""
    is_old = sign_in_attempts.c.since < bindparam("oldest")
    new = insertion.excluded
    return insertion.on_conflict_do_update(
        index_elements=[sign_in_attempts.c.key],
        set_={
            "count": case((is_old, 1), else_=sign_in_attempts.c.count + 1),
            "since": case((is_old, new.since), else_=sign_in_attempts.c.since),
        },
    ).returning(sign_in_attempts.c.count, sign_in_attempts.c.since)


COUNT_ATTEMPT = _counting()
DROP_OLD_ATTEMPTS = delete(sign_in_attempts).where(sign_in_attempts.c.since < bindparam("oldest"))
FORGIVE_ATTEMPTS = (
    update(sign_in_attempts)
    .where(sign_in_attempts.c.key == bindparam("forgiven"))
    .values(
        count=case(
            (
                sign_in_attempts.c.count > bindparam("most"),
                sign_in_attempts.c.count - bindparam("most"),
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
