"""What agents do with their own account: invitation, password, one-time codes, profile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.agent import (
    Agent,
    AgentChanged,
    AgentError,
    AgentSession,
    Credentials,
    CredentialsRefused,
)
from bot.domain.audit import AuditEvent, Detail
from bot.domain.conversation import Locale, now
from bot.ports import AgentChange, AgentStore, OneTimeCodes, Passwords
from bot.services.agents import AgentSessions, SignedIn
from bot.services.proving import Proof, Prover, check_password
from bot.services.recovery_codes import digests_of, new_codes
from bot.services.sessions import digest


class NotEnrolled(AgentError):
    """There is no authenticator app that codes could stand in for."""


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

    async def accept_invitation(self, token: str, proof: Proof) -> SignedIn:
        """Sets the proof's password and signs in. An app that is enrolled is asked for, or the
        link alone would open the account. Raises CredentialsRefused, WeakPassword, and what
        Prover.prove_by_code does."""
        agent = await self._agents.invited(digest(token))
        credentials = await self._credentials(agent) if agent else Credentials()
        ends_at = credentials.invitation_ends_at
        if agent is None or not agent.active or ends_at is None or ends_at <= self._clock():
            raise CredentialsRefused("the invitation is used up or too old; ask for a new one")
        check_password(proof.password, agent)
        credentials = await self._prover.prove_by_code(agent, credentials, proof)
        try:
            return await self._set_password(agent, credentials, proof, "invitation.accepted")
        except AgentChanged as error:  # somebody else took it while the password was hashed
            raise CredentialsRefused("the invitation is used up") from error

    async def change_password(
        self, session: AgentSession, current: Proof, password: str
    ) -> SignedIn:
        """Every session of the agent ends, and a new one begins. Raises as Prover.prove_again,
        WeakPassword."""
        check_password(password, session.agent)
        credentials = await self._prover.prove_again(session, current)
        chosen = replace(current, password=password)
        return await self._set_password(session.agent, credentials, chosen, "password.changed")

    async def has_codes(self, agent: Agent) -> bool:
        return (await self._credentials(agent)).totp_secret is not None

    async def count_recovery_codes(self, agent: Agent) -> int:
        return await self._agents.count_recovery_codes(agent.id)

    async def enrol(self, session: AgentSession, proof: Proof) -> Enrolment:
        """The codes count from `confirm_enrolment` on, once the app has shown one. Raises as
        Prover.prove_again."""
        agent = session.agent
        credentials = await self._prover.prove_again(session, proof)
        secret = self._codes.new_secret()
        begun = replace(credentials, totp_pending=self._codes.seal(secret))
        await self._agents.apply(
            AgentChange(agent, agent, self._event(agent, "totp.begun"), begun, credentials)
        )
        return Enrolment(secret, self._codes.address(secret, agent.email))

    async def confirm_enrolment(self, session: AgentSession, code: str) -> Sequence[str]:
        """Gives the recovery codes, this once. Other sessions, which began without the app, end.

        Raises CredentialsRefused for a code that the app does not show now, CodesUnreadable.
        """
        agent = session.agent
        credentials = await self._credentials(agent)
        kept = credentials.totp_pending
        step = self._codes.step(kept, code, self._clock()) if kept else None
        if step is None:
            raise CredentialsRefused("refused")
        recovery = new_codes()
        change = AgentChange(
            agent,
            agent,
            self._event(agent, "totp.enrolled"),
            replace(credentials, totp_secret=kept, totp_pending=None, totp_step=step),
            credentials,
            recovery_codes=digests_of(agent.id, recovery),
            ends_sessions=True,
            session=session,
        )
        await self._agents.apply(change)
        return recovery

    async def renew_recovery_codes(self, session: AgentSession, proof: Proof) -> Sequence[str]:
        """Those of before open nothing any more. Raises as Prover.prove_again, NotEnrolled."""
        agent = session.agent
        credentials = await self._prover.prove_again(session, proof)
        if credentials.totp_secret is None:
            raise NotEnrolled("set up two-step sign-in first")
        recovery = new_codes()
        change = AgentChange(
            agent,
            agent,
            self._event(agent, "recovery-codes.renewed"),
            credentials,
            credentials,
            recovery_codes=digests_of(agent.id, recovery),
        )
        await self._agents.apply(change)
        return recovery

    async def remove_codes(self, session: AgentSession, proof: Proof) -> None:
        """Raises as Prover.prove_again."""
        agent = session.agent
        credentials = await self._prover.prove_again(session, proof)
        change = AgentChange(
            agent,
            agent,
            self._event(agent, "totp.removed"),
            replace(credentials, totp_secret=None, totp_pending=None),
            credentials,
            recovery_codes=(),
        )
        await self._agents.apply(change)

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
        self, agent: Agent, credentials: Credentials, proof: Proof, action: str
    ) -> SignedIn:
        changed = replace(
            credentials,
            password_hash=await self._passwords.hash(proof.password),
            invitation_digest=None,
            invitation_ends_at=None,
        )
        signed_in = self._sessions.begin(agent)
        change = AgentChange(
            agent,
            agent,
            self._event(agent, action),
            changed,
            credentials,
            ends_sessions=True,
            forgets_devices=True,
            session=signed_in.session,
        )
        await self._agents.apply(change)
        return await self._sessions.known(signed_in, proof.visit)

    async def _credentials(self, agent: Agent) -> Credentials:
        credentials = await self._agents.credentials(agent.id)
        if credentials is None:
            raise AgentChanged("the agent is not there any more")
        return credentials

    def _event(self, agent: Agent, action: str, **details: Detail) -> AuditEvent:
        return AuditEvent(agent.id, action, agent.id, details, self._clock())
