"""Rows of agents to the domain's values and back."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Row

from bot.domain.agent import Agent, AgentSession, Confirmation, Credentials, Role
from bot.domain.conversation import Locale

Values = dict[str, Any]


def from_agent(agent: Agent) -> Values:
    return {field.name: getattr(agent, field.name) for field in fields(agent)}


def to_agent(row: Row[Any]) -> Agent:
    return Agent(
        email=row.email,
        name=row.name,
        id=row.id,
        role=Role(row.role),
        team=row.team,
        locale=Locale(row.locale),
        active=row.active,
        created_at=row.agent_created_at,
    )


def from_credentials(credentials: Credentials) -> Values:
    return {field.name: getattr(credentials, field.name) for field in fields(credentials)}


def to_credentials(row: Row[Any]) -> Credentials:
    return Credentials(*(getattr(row, field.name) for field in fields(Credentials)))


def from_session(session: AgentSession) -> Values:
    return {
        "digest": session.digest,
        "agent_id": session.agent.id,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
        "ends_at": session.ends_at,
    }


def to_session(row: Row[Any]) -> AgentSession:
    return AgentSession(row.digest, to_agent(row), row.session_created_at, row.seen_at, row.ends_at)


def from_confirmation(confirmation: Confirmation) -> Values:
    return {
        "digest": confirmation.digest,
        "agent_id": confirmation.agent,
        "action": confirmation.action,
        "object_digest": confirmation.object_digest,
    }
