"""What agents do with their own account: invitation, password, one-time codes, profile."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.agent import (
    Agent,
    AgentChanged,
    AgentSession,
    Credentials,
    CredentialsRefused,
)
from bot.domain.audit import AuditEvent, Detail
from bot.domain.conversation import Locale, now
from bot.ports import AgentChange, AgentStore, OneTimeCodes, Passwords
from bot.services.agents import AgentSessions, SignedIn
from bot.services.proving import Proof, Prover, check_password
from bot.services.sessions import digest


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app has to know; shown once."""

    secret: str
    address: str


class AgentAccounts:
    def __init__(
        self,
        agents: AgentStore,
        sessions: AgentSessions,
        prover: Prover,
        passwords: Passwords,
        codes: OneTimeCodes,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._agents = agents
        self._sessions = sessions
        self._prover = prover
        self._passwords = passwords
        self._codes = codes
        self._clock = clock

    async def accept_invitation(self, token: str, password: str) -> SignedIn:
        """Sets the password and signs in; raises CredentialsRefused, WeakPassword."""
        agent = await self._agents.invited(digest(token))
        credentials = await self._credentials(agent) if agent else Credentials()
        ends_at = credentials.invitation_ends_at
        if agent is None or not agent.active or ends_at is None or ends_at <= self._clock():
            raise CredentialsRefused("the invitation is used up or too old; ask for a new one")
        return await self._set_password(agent, credentials, password, "invitation.accepted")

    async def change_password(
        self, session: AgentSession, current: Proof, password: str
    ) -> SignedIn:
        """Every session of the agent ends, and a new one begins. Raises as Prover.prove_again,
        WeakPassword."""
        agent = session.agent
        await self._prover.prove_again(agent, current)
        credentials = await self._credentials(agent)
        return await self._set_password(agent, credentials, password, "password.changed")

    async def has_codes(self, agent: Agent) -> bool:
        return (await self._credentials(agent)).totp_secret is not None

    async def enrol(self, session: AgentSession, proof: Proof) -> Enrolment:
        """The codes count from `confirm_enrolment` on, once the app has shown one."""
        agent = session.agent
        await self._prover.prove_again(agent, proof)
        secret = self._codes.new_secret()
        credentials = replace(await self._credentials(agent), totp_pending=secret)
        await self._change(agent, credentials, "totp.begun")
        return Enrolment(secret, self._codes.address(secret, agent.email))

    async def confirm_enrolment(self, session: AgentSession, code: str) -> None:
        """Raises CredentialsRefused for a code that the app does not show now."""
        credentials = await self._credentials(session.agent)
        secret = credentials.totp_pending
        step = self._codes.step(secret, code, self._clock()) if secret else None
        if step is None:
            raise CredentialsRefused("refused")
        enrolled = replace(credentials, totp_secret=secret, totp_pending=None, totp_step=step)
        await self._change(session.agent, enrolled, "totp.enrolled")

    async def remove_codes(self, session: AgentSession, proof: Proof) -> None:
        """With password and code, as at sign-in; raises as Prover.prove."""
        await self._prover.prove(session.agent.email, proof)
        removed = replace(
            await self._credentials(session.agent), totp_secret=None, totp_pending=None
        )
        await self._change(session.agent, removed, "totp.removed")

    async def set_profile(
        self, session: AgentSession, name: str | None, locale: Locale | None
    ) -> Agent:
        agent = session.agent
        changed = replace(agent, name=name or agent.name, locale=locale or agent.locale)
        if changed != agent:
            event = self._event(agent, "profile.changed", locale=changed.locale.value)
            await self._agents.apply(AgentChange(changed, agent, event))
        return changed

    async def _set_password(
        self, agent: Agent, credentials: Credentials, password: str, action: str
    ) -> SignedIn:
        check_password(password, agent)
        changed = replace(
            credentials,
            password_hash=await self._passwords.hash(password),
            invitation_digest=None,
            invitation_ends_at=None,
        )
        signed_in = self._sessions.begin(agent)
        change = AgentChange(
            agent,
            agent,
            self._event(agent, action),
            changed,
            ends_sessions=True,
            session=signed_in.session,
        )
        await self._agents.apply(change)
        return signed_in

    async def _change(self, agent: Agent, credentials: Credentials, action: str) -> None:
        await self._agents.apply(AgentChange(agent, agent, self._event(agent, action), credentials))

    async def _credentials(self, agent: Agent) -> Credentials:
        credentials = await self._agents.credentials(agent.id)
        if credentials is None:
            raise AgentChanged("the agent is not there any more")
        return credentials

    def _event(self, agent: Agent, action: str, **details: Detail) -> AuditEvent:
        return AuditEvent(agent.id, action, agent.id, details, self._clock())
