"""Proof that somebody is an agent: password and one-time code, as often as is allowed.

Attempts are counted in the store before they are looked at, so that neither several processes nor
requests at the same time allow more of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from bot.domain.agent import (
    Agent,
    AgentError,
    CodeNeeded,
    Credentials,
    CredentialsRefused,
    TooManyAttempts,
    WeakPassword,
    normal_email,
)
from bot.domain.audit import UNKNOWN, AuditEvent, Detail
from bot.domain.conversation import now
from bot.ports import AgentStore, AuditLog, OneTimeCodes, Passwords

WINDOW = timedelta(minutes=15)
MOST_OF_ACCOUNT = 10
MOST_OF_ADDRESS = 50  # an office shares one; what succeeds is not counted
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
FEWEST_CHARACTERS = 5  # different ones


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody shows, and the network address it comes from."""

    password: str
    code: str | None = None
    address: str | None = None


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

    async def prove(self, email: str, proof: Proof) -> Agent:
        """Raises TooManyAttempts, CredentialsRefused, and CodeNeeded for a right password alone.

        An unknown address, a disabled agent and a wrong password look alike and take as long.
        """
        await self._count(email, proof.address)
        agent, credentials = await self._find(email)
        if not await self._passwords.verify(credentials.password_hash, proof.password):
            await self._refuse(agent, proof, "password")
        if agent is None:
            raise CredentialsRefused("refused")
        if credentials.totp_secret is not None:
            if not proof.code:
                await self._forgive_address(proof.address)
                raise CodeNeeded("the one-time code is missing")
            await self._use_code(agent, credentials.totp_secret, proof)
        await self._forgive(email, proof.address)
        return agent

    async def prove_again(self, agent: Agent, proof: Proof) -> None:
        """For what a signed-in agent does; asks for the password alone. Raises as above."""
        await self._count(agent.email, proof.address)
        found, credentials = await self._find(agent.email)
        if not await self._passwords.verify(credentials.password_hash, proof.password):
            await self._refuse(found, proof, "password")
        await self._forgive(agent.email, proof.address)

    async def _find(self, email: str) -> tuple[Agent | None, Credentials]:
        """Nothing to sign in with for whoever is not there or disabled."""
        agent = await self._agents.agent_by_email(_known_form(email))
        credentials = await self._agents.credentials(agent.id if agent else "")
        if agent is None or not agent.active or credentials is None:
            return None, Credentials()
        return agent, credentials

    async def _use_code(self, agent: Agent, secret: str, proof: Proof) -> None:
        step = self._codes.step(secret, proof.code or "", self._clock())
        if step is None:
            await self._refuse(agent, proof, "code")
        elif not await self._agents.use_totp_step(agent.id, step):
            await self._refuse(agent, proof, "code-used")

    async def _refuse(self, agent: Agent | None, proof: Proof, what: str) -> None:
        details: dict[str, Detail] = {"what": what, "address": proof.address}
        target = agent.id if agent else None
        await self._audit.append(
            AuditEvent(UNKNOWN, "proof.refused", target, details, self._clock())
        )
        raise CredentialsRefused("refused")

    async def _count(self, email: str, address: str | None) -> None:
        """The address first: what it is refused for does not count against the account."""
        if address is not None:
            await self._count_one(_address_key(address), MOST_OF_ADDRESS, address)
        await self._count_one(_account_key(email), MOST_OF_ACCOUNT, address)

    async def _count_one(self, key: str, most: int, address: str | None) -> None:
        at = self._clock()
        found = await self._agents.count_attempt(key, at, at - WINDOW)
        if found.count <= most:
            return
        if found.count == most + 1:  # once, or the log would grow with every try
            kind: dict[str, Detail] = {"limit": key.partition(":")[0], "address": address}
            await self._audit.append(AuditEvent(UNKNOWN, "proof.locked", None, kind, at))
        raise TooManyAttempts(max(1, ceil((found.since + WINDOW - at).total_seconds())))

    async def _forgive(self, email: str, address: str | None) -> None:
        await self._agents.forgive_attempts(_account_key(email), MOST_OF_ACCOUNT)
        await self._forgive_address(address)

    async def _forgive_address(self, address: str | None) -> None:
        if address is not None:
            await self._agents.forgive_attempts(_address_key(address), 1)


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


def _known_form(email: str) -> str:
    try:
        return normal_email(email)
    except AgentError:
        return ""


def _account_key(email: str) -> str:
    # Hashed: people type passwords into this field, too.
    return "account:" + sha256(_known_form(email).encode(errors="replace")).hexdigest()


def _address_key(address: str) -> str:
    return f"address:{address}"
