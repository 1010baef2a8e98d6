"""Proof that somebody is an agent: password and one-time code, as often as is allowed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.agent import (
    Agent,
    AgentSession,
    CodeNeeded,
    CodeUsed,
    Credentials,
    CredentialsRefused,
    WeakPassword,
)
from bot.domain.audit import UNKNOWN, AuditEvent, Detail
from bot.domain.conversation import now
from bot.ports import AgentStore, AuditLog, OneTimeCodes, Passwords
from bot.services.devices import Devices
from bot.services.pacing import Pacing, Try, known_form
from bot.services.recovery_codes import code_digest, normal_code

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
FEWEST_CHARACTERS = 5  # different ones


@dataclass(frozen=True, slots=True)
class Visit:
    """Where somebody comes from: a network address, and the token of a browser that is known."""

    address: str = "unknown"
    device: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody shows. The code is of an authenticator app, or one to recover with."""

    password: str
    code: str | None = None
    visit: Visit = field(default_factory=Visit)


@dataclass(frozen=True, slots=True)
class Proven:
    """Who it is, by which credentials: what follows holds only while these are the agent's."""

    agent: Agent
    credentials: Credentials


class Prover:
    def __init__(
        self,
        agents: AgentStore,
        audit: AuditLog,
        passwords: Passwords,
        codes: OneTimeCodes,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._agents = agents
        self._audit = audit
        self._passwords = passwords
        self._codes = codes
        self._clock = clock
        self._devices = Devices(agents, clock)
        self._pacing = Pacing(agents, audit, clock)

    async def prove(self, email: str, proof: Proof) -> Proven:
        """Raises TooManyAttempts, CredentialsRefused, CodeNeeded for a right password alone, and
        CodesUnreadable.

        An unknown address, a disabled agent and a wrong password look alike and take as long.
        """
        agent, credentials = await self._find(email)
        visit = proof.visit
        is_known = agent is not None and await self._devices.knows(agent, visit.device)
        if agent is not None and is_known:
            made = await self._pacing.of_device(agent, visit.device, visit.address)
        else:
            made = await self._pacing.of_stranger(email, visit.address)
        agent = await self._check_password(agent, credentials, proof)
        await self._ask_code(credentials, proof, made)
        credentials = await self._check_code(agent, credentials, proof, is_known)
        await self._pacing.succeed(made)
        return Proven(agent, credentials)

    async def prove_again(self, session: AgentSession, proof: Proof) -> Credentials:
        """For what a signed-in agent does: the same as at sign-in. Only what is tried with this
        session counts. Raises as above."""
        made = await self._pacing.of_session(session, proof.visit.address)
        agent, credentials = await self._find(session.agent.email)
        agent = await self._check_password(agent, credentials, proof)
        await self._ask_code(credentials, proof, made)
        credentials = await self._check_code(agent, credentials, proof, is_known=True)
        await self._pacing.succeed(made)
        return credentials

    async def prove_by_code(
        self, agent: Agent, credentials: Credentials, proof: Proof
    ) -> Credentials:
        """For who comes with an invitation in place of a password. Raises as above."""
        if credentials.totp_secret is not None and not proof.code:
            raise CodeNeeded("the one-time code is missing")
        return await self._check_code(agent, credentials, proof, is_known=False)

    async def _find(self, email: str) -> tuple[Agent | None, Credentials]:
        """Nothing to sign in with for whoever is not there or disabled."""
        agent = await self._agents.agent_by_email(known_form(email))
        credentials = await self._agents.credentials(agent.id if agent else "")
        if agent is None or not agent.active or credentials is None:
            return None, Credentials()
        return agent, credentials

    async def _check_password(
        self, agent: Agent | None, credentials: Credentials, proof: Proof
    ) -> Agent:
        is_right = await self._passwords.verify(credentials.password_hash, proof.password)
        if agent is None or not is_right:
            raise await self._refusal(agent, proof, "password")
        return agent

    async def _ask_code(self, credentials: Credentials, proof: Proof, made: Try) -> None:
        if credentials.totp_secret is not None and not proof.code:
            await self._pacing.take_back(made)
            raise CodeNeeded("the one-time code is missing")

    async def _check_code(
        self, agent: Agent, credentials: Credentials, proof: Proof, is_known: bool
    ) -> Credentials:
        if credentials.totp_secret is None:
            return credentials
        made = None if is_known else await self._pacing.of_code(agent, proof.visit.address)
        typed = proof.code or ""
        if (recovery := normal_code(typed)) is not None:
            await self._use_recovery_code(agent, recovery, proof)
        else:
            step = await self._use_app_code(agent, credentials.totp_secret, typed, proof)
            credentials = replace(credentials, totp_step=step)
        if made is not None:
            await self._pacing.succeed(made)
        return credentials

    async def _use_recovery_code(self, agent: Agent, code: str, proof: Proof) -> None:
        used = AuditEvent(
            agent.id,
            "recovery-code.used",
            agent.id,
            {"address": proof.visit.address},
            self._clock(),
        )
        if not await self._agents.use_recovery_code(agent.id, code_digest(agent.id, code), used):
            raise await self._refusal(agent, proof, "recovery-code")

    async def _use_app_code(self, agent: Agent, kept: str, code: str, proof: Proof) -> int:
        step = self._codes.step(kept, code, self._clock())
        if step is None:
            raise await self._refusal(agent, proof, "code")
        if not await self._agents.use_totp_step(agent.id, step):
            await self._refusal(agent, proof, "code-used")
            raise CodeUsed("that code was used already; wait for the next one")
        return step

    async def _refusal(self, agent: Agent | None, proof: Proof, what: str) -> CredentialsRefused:
        """Recorded, and then raised."""
        details: dict[str, Detail] = {"what": what, "address": proof.visit.address}
        target = agent.id if agent else None
        await self._audit.append(
            AuditEvent(UNKNOWN, "proof.refused", target, details, self._clock())
        )
        return CredentialsRefused("refused")


def check_password(password: str, agent: Agent) -> None:
    """Raises WeakPassword for what is guessed first: short, monotonous, one's own name."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise WeakPassword(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; "
            "several words in a row are easy to keep in mind"
        )
    own = {agent.email, agent.email.partition("@")[0] * 2, agent.name.lower()}
    if len(set(password)) < FEWEST_CHARACTERS or password.lower() in own:
        raise WeakPassword("that password is guessed too easily; take several words")
