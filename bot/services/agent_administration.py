"""Who is an agent: added, disabled, given a role, helped after a lost password or phone.

From a web page everything but adding asks twice (`Confirmed`); on the server's own command line
the operator decides.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.agent import Agent, AgentChanged, Confirmation, Credentials, Role
from bot.domain.audit import OPERATOR, AuditEvent, Detail
from bot.domain.conversation import now
from bot.ports import AgentChange, AgentStore, Passwords
from bot.services.confirmation import Intention
from bot.services.proving import check_password
from bot.services.sessions import digest

INVITATION_LIFETIME = timedelta(hours=72)


class Deed(StrEnum):
    """What becomes of an agent; `agent.` before it is the name in the audit log."""

    DISABLE = "disable"
    ENABLE = "enable"
    MAKE_ADMIN = "make-admin"
    MAKE_AGENT = "make-agent"
    RESET_PASSWORD = "reset-password"  # noqa: S105 - a name
    RESET_CODES = "reset-codes"


@dataclass(frozen=True, slots=True)
class Member:
    agent: Agent
    has_password: bool
    has_codes: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """The token sets a password once; told once. None where a password is set already."""

    agent: Agent
    token: str | None
    ends_at: datetime | None


class AgentAdministration:
    def __init__(
        self, agents: AgentStore, passwords: Passwords, clock: Callable[[], datetime] = now
    ) -> None:
        self._agents = agents
        self._passwords = passwords
        self._clock = clock

    async def members(self) -> Sequence[Member]:
        return [await self._member(agent) for agent in await self._agents.agents()]

    async def member(self, agent_id: str) -> Member | None:
        agent = await self._agents.agent(agent_id)
        return await self._member(agent) if agent else None

    async def add(
        self, agent: Agent, password: str | None = None, actor: str = OPERATOR
    ) -> Invited:
        """With a password, or else with an invitation to set one. Raises AgentExists,
        WeakPassword."""
        credentials, token = await self._entrance(agent, Credentials(), password)
        details: dict[str, Detail] = {"email": agent.email, "role": agent.role.value}
        event = AuditEvent(actor, "agent.added", agent.id, details, self._clock())
        await self._agents.apply(AgentChange(agent, None, event, credentials))
        return Invited(agent, token, credentials.invitation_ends_at)

    def intend(self, member: Member, deed: Deed) -> Intention:
        """Holds as long as nothing about the agent changes."""
        state = {"member": repr(member)}
        return Intention(f"agent.{deed.value}", member.agent.id, state)

    async def do(
        self,
        member: Member,
        deed: Deed,
        actor: str = OPERATOR,
        confirmation: Confirmation | None = None,
        password: str | None = None,
    ) -> Invited:
        """On the agent as it was seen. Whatever takes something away ends all its sessions.

        Raises AgentChanged, LastAdmin, ConfirmationRefused, WeakPassword.
        """
        agent, token = _become(member.agent, deed), None
        seen = credentials = await self._agents.credentials(agent.id)
        if credentials is None:
            raise AgentChanged("the agent is not there any more")
        if deed is Deed.RESET_PASSWORD:
            credentials, token = await self._entrance(agent, credentials, password)
        elif deed is Deed.RESET_CODES:
            credentials = replace(credentials, totp_secret=None, totp_pending=None)
        elif deed is Deed.DISABLE:
            credentials = replace(credentials, invitation_digest=None, invitation_ends_at=None)
        event = AuditEvent(actor, f"agent.{deed.value}", agent.id, {}, self._clock())
        change = AgentChange(
            agent,
            member.agent,
            event,
            credentials,
            seen,
            recovery_codes=() if deed is Deed.RESET_CODES else None,
            ends_sessions=deed is not Deed.ENABLE,
            forgets_devices=deed in (Deed.RESET_PASSWORD, Deed.DISABLE),
            confirmation=confirmation,
        )
        await self._agents.apply(change)
        return Invited(agent, token, credentials.invitation_ends_at if token else None)

    async def _entrance(
        self, agent: Agent, credentials: Credentials, password: str | None
    ) -> tuple[Credentials, str | None]:
        """A password, or none until the invitation is taken."""
        if password is not None:
            check_password(password, agent)
            hashed = await self._passwords.hash(password)
            return replace(
                credentials,
                password_hash=hashed,
                invitation_digest=None,
                invitation_ends_at=None,
            ), None
        token = secrets.token_urlsafe(32)
        invited = replace(
            credentials,
            password_hash=None,
            invitation_digest=digest(token),
            invitation_ends_at=self._clock() + INVITATION_LIFETIME,
        )
        return invited, token

    async def _member(self, agent: Agent) -> Member:
        credentials = await self._agents.credentials(agent.id) or Credentials()
        has_codes = credentials.totp_secret is not None
        return Member(agent, credentials.password_hash is not None, has_codes)


def _become(agent: Agent, deed: Deed) -> Agent:
    if deed in (Deed.DISABLE, Deed.ENABLE):
        return replace(agent, active=deed is Deed.ENABLE)
    if deed in (Deed.MAKE_ADMIN, Deed.MAKE_AGENT):
        return replace(agent, role=Role.ADMIN if deed is Deed.MAKE_ADMIN else Role.AGENT)
    return agent
