"""The seams of the people who take over: agents, their proofs, and the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.agent import Agent, AgentSession, Confirmation, Credentials
from bot.domain.attempts import Attempt, Pace
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
    seen: Credentials | None = None  # those that are replaced; needed with `credentials`
    recovery_codes: Sequence[str] | None = None  # digests instead of all of before; None keeps them
    ends_sessions: bool = False  # of the agent, all of them
    forgets_devices: bool = False  # which the agent signed in with
    session: AgentSession | None = None  # begins, after the others ended
    confirmation: Confirmation | None = None  # is used up by this


class AgentStore(Protocol):
    """Agents, their sessions and what protects both. Every method is one transaction, with the
    audit entry it was given inside of it; failures raise StoreError."""

    async def apply(self, change: AgentChange) -> None:
        """Raises AgentExists, AgentChanged (also for other credentials than were seen), LastAdmin,
        ConfirmationRefused; then nothing is done and the confirmation can be used again."""
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

    async def use_recovery_code(self, agent_id: str, digest: str, audit: AuditEvent) -> bool:
        """False, and nothing is recorded, where there is no such code (any more)."""
        ...

    async def count_recovery_codes(self, agent_id: str) -> int: ...

    async def start_session(
        self, session: AgentSession, proven: Credentials, audit: AuditEvent
    ) -> None:
        """Raises AgentChanged where the agent is disabled or password or app are others by now."""
        ...

    async def session(self, digest: str) -> AgentSession | None:
        """With the agent as it is now; its times are not looked at."""
        ...

    async def touch_session(self, digest: str, at: datetime) -> None: ...

    async def end_session(self, digest: str, audit: AuditEvent) -> None:
        """Nothing is recorded where there is no such session."""
        ...

    async def remember_device(
        self, digest: str, agent_id: str, at: datetime, oldest: datetime
    ) -> None:
        """The agent signed in with it; those that nobody did with since `oldest` are forgotten."""
        ...

    async def device_owners(self, digest: str, oldest: datetime) -> Sequence[str]:
        """The ids of those who signed in with it, the latest time after `oldest`."""
        ...

    async def count_attempt(self, key: str, pace: Pace, at: datetime) -> Attempt:
        """One more of this key, if it is time for one."""
        ...

    async def forgive_attempts(self, key: str, most: int | None = None) -> None:
        """Takes back up to `most` of the key's attempts, without it all of them."""
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
    """Codes of an authenticator app, a new one every 30 seconds (RFC 6238).

    What the app knows is kept sealed: without the server's key, which is not in the store, nobody
    can read it there.
    """

    def new_secret(self) -> str:
        """As the app is told it."""
        ...

    def address(self, secret: str, account: str) -> str:
        """What the app reads from a QR code: `otpauth://...`."""
        ...

    def seal(self, secret: str) -> str:
        """As it is kept."""
        ...

    def reseal(self, kept: str) -> str:
        """By the newest key, the same where it is already; versions before kept it unsealed.

        Raises CodesUnreadable."""
        ...

    def step(self, kept: str, code: str, at: datetime) -> int | None:
        """The number of the half minute whose code this is, of the last, present and next one.

        Raises CodesUnreadable."""
        ...
