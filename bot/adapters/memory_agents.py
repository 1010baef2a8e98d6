"""Agents and the audit log of a process that keeps nothing, for tests."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.adapters.storable_text import check_storable
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
from bot.domain.audit import START, AuditEntry, AuditEvent, AuditHead
from bot.domain.conversation import now
from bot.ports import AgentChange, Attempts


class MemoryAuditLog:
    def __init__(self) -> None:
        self.log: list[AuditEntry] = []

    async def append(self, event: AuditEvent) -> AuditEntry:
        return self.add(event)

    def add(self, event: AuditEvent) -> AuditEntry:
        check_storable(event.actor, event.action, event.object)
        check_storable(*(value for value in event.details.values() if isinstance(value, str)))
        entry = AuditEntry.after(self.log[-1].head if self.log else START, event)
        self.log.append(entry)
        return entry

    async def entries(self, after: int = 0, limit: int = 1000) -> Sequence[AuditEntry]:
        return [entry for entry in self.log if entry.seq > after][:limit]

    async def head(self) -> AuditHead:
        return self.log[-1].head if self.log else START


class MemoryAgents:
    # No method awaits anything, so on one event loop each is a transaction by itself.

    def __init__(
        self, audit: MemoryAuditLog | None = None, clock: Callable[[], datetime] = now
    ) -> None:
        self.audit = audit or MemoryAuditLog()
        self._clock = clock
        self._agents: dict[str, Agent] = {}
        self._credentials: dict[str, Credentials] = {}
        self._sessions: dict[str, AgentSession] = {}
        self._attempts: dict[str, Attempts] = {}
        self._confirmations: dict[str, tuple[Confirmation, datetime]] = {}

    async def apply(self, change: AgentChange) -> None:
        agent = change.agent
        check_storable(agent.email, agent.name, agent.team)
        self._check_confirmation(change.confirmation)
        self._check(agent, change.expected)
        if change.confirmation is not None:
            del self._confirmations[change.confirmation.digest]
        self._agents[agent.id] = agent
        if change.credentials is not None or change.expected is None:
            self._credentials[agent.id] = change.credentials or Credentials()
        if change.ends_sessions:
            kept = {d: s for d, s in self._sessions.items() if s.agent.id != agent.id}
            self._sessions = kept
        if change.session is not None:
            self._sessions[change.session.digest] = change.session
        self.audit.add(change.audit)

    async def agent(self, agent_id: str) -> Agent | None:
        return self._agents.get(agent_id)

    async def agent_by_email(self, email: str) -> Agent | None:
        return next((a for a in self._agents.values() if a.email == email), None)

    async def agents(self) -> Sequence[Agent]:
        return sorted(self._agents.values(), key=lambda agent: (agent.name, agent.email))

    async def credentials(self, agent_id: str) -> Credentials | None:
        return self._credentials.get(agent_id)

    async def invited(self, invitation_digest: str) -> Agent | None:
        for agent_id, credentials in self._credentials.items():
            if credentials.invitation_digest == invitation_digest:
                return self._agents[agent_id]
        return None

    async def use_totp_step(self, agent_id: str, step: int) -> bool:
        known = self._credentials.get(agent_id)
        if known is None or (known.totp_step is not None and known.totp_step >= step):
            return False
        self._credentials[agent_id] = replace(known, totp_step=step)
        return True

    async def start_session(self, session: AgentSession, audit: AuditEvent) -> None:
        self._sessions[session.digest] = session
        self.audit.add(audit)

    async def session(self, digest: str) -> AgentSession | None:
        found = self._sessions.get(digest)
        return replace(found, agent=self._agents[found.agent.id]) if found else None

    async def touch_session(self, digest: str, at: datetime) -> None:
        if digest in self._sessions:
            self._sessions[digest] = replace(self._sessions[digest], seen_at=at)

    async def end_session(self, digest: str, audit: AuditEvent) -> None:
        if self._sessions.pop(digest, None) is not None:
            self.audit.add(audit)

    async def count_attempt(self, key: str, at: datetime, since: datetime) -> Attempts:
        known = self._attempts.get(key)
        is_new = known is None or known.since < since
        counted = (
            Attempts(1, at) if is_new or known is None else replace(known, count=known.count + 1)
        )
        self._attempts[key] = counted
        return counted

    async def forgive_attempts(self, key: str, most: int) -> None:
        if key in self._attempts:
            known = self._attempts[key]
            self._attempts[key] = replace(known, count=max(0, known.count - most))

    async def add_confirmation(self, confirmation: Confirmation, ends_at: datetime) -> None:
        self._confirmations[confirmation.digest] = (confirmation, ends_at)

    async def use_confirmation(self, confirmation: Confirmation, audit: AuditEvent) -> None:
        self._check_confirmation(confirmation)
        del self._confirmations[confirmation.digest]
        self.audit.add(audit)

    def _check_confirmation(self, confirmation: Confirmation | None) -> None:
        if confirmation is None:
            return
        known, ends_at = self._confirmations.get(confirmation.digest, (None, self._clock()))
        if known != confirmation or ends_at <= self._clock():
            raise ConfirmationRefused("the confirmation does not hold; ask for a new one")

    def _check(self, agent: Agent, expected: Agent | None) -> None:
        others = [known for known in self._agents.values() if known.id != agent.id]
        if expected is not None:
            if expected.is_admin and not agent.is_admin and not any(o.is_admin for o in others):
                raise LastAdmin("this is the last active admin; make another one first")
            if self._agents.get(agent.id) != expected:
                raise AgentChanged("the agent was changed in the meantime; look again")
        if any(known.email == agent.email for known in others):
            raise AgentExists(f"there is an agent {agent.email} already")
