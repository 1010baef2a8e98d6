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
from bot.domain.attempts import Attempt, Attempts, Pace, attempt
from bot.domain.audit import START, AuditEntry, AuditEvent, AuditHead
from bot.domain.conversation import now
from bot.ports import AgentChange


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
        self,
        audit: MemoryAuditLog | None = None,
        clock: Callable[[], datetime] = now,
        agents: Sequence[Agent] = (),
    ) -> None:
        self.audit = audit or MemoryAuditLog()
        self._clock = clock
        self._agents = {agent.id: agent for agent in agents}
        self._credentials: dict[str, Credentials] = {}
        self._sessions: dict[str, AgentSession] = {}
        self._attempts: dict[str, Attempts] = {}
        self._confirmations: dict[str, tuple[Confirmation, datetime]] = {}
        self._devices: dict[tuple[str, str], datetime] = {}
        self._recovery_codes: dict[str, set[str]] = {}

    async def apply(self, change: AgentChange) -> None:
        agent = change.agent
        check_storable(agent.email, agent.name, agent.team)
        self._check_confirmation(change.confirmation)
        self._check(change)
        if change.confirmation is not None:
            del self._confirmations[change.confirmation.digest]
        self._agents[agent.id] = agent
        if change.credentials is not None or change.expected is None:
            self._credentials[agent.id] = change.credentials or Credentials()
        if change.recovery_codes is not None:
            self._recovery_codes[agent.id] = set(change.recovery_codes)
        if change.forgets_devices:
            kept_devices = {pair: at for pair, at in self._devices.items() if pair[1] != agent.id}
            self._devices = kept_devices
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

    async def use_recovery_code(self, agent_id: str, digest: str, audit: AuditEvent) -> bool:
        codes = self._recovery_codes.get(agent_id, set())
        if digest not in codes:
            return False
        codes.remove(digest)
        self.audit.add(audit)
        return True

    async def count_recovery_codes(self, agent_id: str) -> int:
        return len(self._recovery_codes.get(agent_id, ()))

    async def start_session(
        self, session: AgentSession, proven: Credentials, audit: AuditEvent
    ) -> None:
        known = self._credentials.get(session.agent.id)
        is_active = session.agent.id in self._agents and self._agents[session.agent.id].active
        if known is None or not is_active or not proven.opens_as(known):
            raise AgentChanged("the agent was changed in the meantime; sign in again")
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

    async def remember_device(
        self, digest: str, agent_id: str, at: datetime, oldest: datetime
    ) -> None:
        self._devices = {pair: seen for pair, seen in self._devices.items() if seen >= oldest}
        self._devices[digest, agent_id] = at

    async def device_owners(self, digest: str, oldest: datetime) -> Sequence[str]:
        return [
            agent_id
            for (device, agent_id), seen in self._devices.items()
            if device == digest and seen >= oldest
        ]

    async def count_attempt(self, key: str, pace: Pace, at: datetime) -> Attempt:
        made = attempt(self._attempts.get(key), pace, at)
        self._attempts[key] = made.attempts
        return made

    async def forgive_attempts(self, key: str, most: int | None = None) -> None:
        if key in self._attempts:
            known = self._attempts[key]
            level = 0.0 if most is None else max(0.0, known.level - most)
            self._attempts[key] = replace(known, level=level)

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

    def _check(self, change: AgentChange) -> None:
        agent, expected = change.agent, change.expected
        others = [other for other in self._agents.values() if other.id != agent.id]
        if expected is not None:
            if expected.is_admin and not agent.is_admin and not any(o.is_admin for o in others):
                raise LastAdmin("this is the last active admin; make another one first")
            known = self._credentials.get(agent.id)
            is_as_seen = change.credentials is None or known == change.seen
            if self._agents.get(agent.id) != expected or not is_as_seen:
                raise AgentChanged("the agent was changed in the meantime; look again")
        if any(other.email == agent.email for other in others):
            raise AgentExists(f"there is an agent {agent.email} already")
