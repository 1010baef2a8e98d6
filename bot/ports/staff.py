"""The seams of the people who take over: agents, their proofs, and the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.agent import Agent, AgentSession, Confirmation, Credentials
from bot.domain.audit import AuditEntry, AuditEvent, AuditHead


class AuditLog(Protocol):
    """Entries are added and read, never changed. Every method is one transaction; failures raise
    StoreError."""

    async def append(self, event: AuditEvent) -> AuditEntry: ...

    async def entries(self, after: int = 0, limit: int = 1000) -> Sequence[AuditEntry]:
        """Those behind the number `after`, oldest first."""
        ...

    async def head(self) -> AuditHead:
        """Where the log ends by what was written down apart from its entries."""
        ...


@dataclass(frozen=True, slots=True)
class AgentChange:
    """What becomes of one agent, with its line in the audit log."""

    agent: Agent  # as it shall be
    expected: Agent | None  # as it was seen; None adds the agent
    audit: AuditEvent
    credentials: Credentials | None = None  # None leaves them as they are
    ends_sessions: bool = False  # of the agent, all of them
    session: AgentSession | None = None  # begins, after the others ended
    confirmation: Confirmation | None = None  # is used up by this


@dataclass(frozen=True, slots=True)
class Attempts:
    count: int  # with the one just counted
    since: datetime  # when the first of them was


class AgentStore(Protocol):
    """Agents, their sessions and what protects both. Every method is one transaction, with the
    audit entry it was given inside of it; failures raise StoreError."""

    async def apply(self, change: AgentChange) -> None:
        """Raises AgentExists, AgentChanged, LastAdmin, ConfirmationRefused; then nothing is done
        and the confirmation can be used again."""
        ...

    async def agent(self, agent_id: str) -> Agent | None: ...

    async def agent_by_email(self, email: str) -> Agent | None: ...

    async def agents(self) -> Sequence[Agent]:
        """All of them, by name."""
        ...

    async def credentials(self, agent_id: str) -> Credentials | None: ...

    async def invited(self, invitation_digest: str) -> Agent | None:
        """Whoever the invitation is for, whether or not its time is over."""
        ...

    async def use_totp_step(self, agent_id: str, step: int) -> bool:
        """False when that step or a later one was used before."""
        ...

    async def start_session(self, session: AgentSession, audit: AuditEvent) -> None: ...

    async def session(self, digest: str) -> AgentSession | None:
        """With the agent as it is now; its times are not looked at."""
        ...

    async def touch_session(self, digest: str, at: datetime) -> None: ...

    async def end_session(self, digest: str, audit: AuditEvent) -> None:
        """Nothing is recorded where there is no such session."""
        ...

    async def count_attempt(self, key: str, at: datetime, since: datetime) -> Attempts:
        """One more of this key; those before `since` are forgotten."""
        ...

    async def forgive_attempts(self, key: str, most: int) -> None:
        """Takes back up to `most` of the key's attempts."""
        ...

    async def add_confirmation(self, confirmation: Confirmation, ends_at: datetime) -> None: ...

    async def use_confirmation(self, confirmation: Confirmation, audit: AuditEvent) -> None:
        """For what the store itself does not do; raises ConfirmationRefused."""
        ...


class Passwords(Protocol):
    async def hash(self, password: str) -> str: ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Takes as long without a hash, and is False then."""
        ...


class OneTimeCodes(Protocol):
    """Codes of an authenticator app, a new one every 30 seconds (RFC 6238)."""

    def new_secret(self) -> str: ...

    def address(self, secret: str, account: str) -> str:
        """What the app reads from a QR code: `otpauth://...`."""
        ...

    def step(self, secret: str, code: str, at: datetime) -> int | None:
        """The number of the half minute whose code this is, of the last, present and next one."""
        ...
