"""How fast passwords and codes may be tried, so that guessing is hopeless and yet no stranger can
keep an agent out.

What OWASP calls device cookies: a browser that signed in to the account before has a pace of its
own, which only its own failures slow down. Everybody else is slowed down by address, by address
and account, and, where many addresses try one account, by account; that last one is what is left
of keeping an agent out, and only from a browser that is new. Attempts are counted in the store
before they are looked at, so that neither several processes nor requests at the same time allow
more of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from bot.domain.agent import Agent, AgentError, AgentSession, TooManyAttempts, normal_email
from bot.domain.attempts import Attempt, Pace
from bot.domain.audit import UNKNOWN, AuditEvent, Detail
from bot.domain.conversation import now
from bot.ports import AgentStore, AuditLog

SECONDS_5 = timedelta(seconds=5)
SECONDS_10 = timedelta(seconds=10)
MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)

OF_PAIR = Pace(5, SECONDS_5, QUARTER, QUARTER)
OF_ADDRESS = Pace(50, SECONDS_10, QUARTER, QUARTER / 50)  # an office shares one
OF_ACCOUNT = Pace(100, SECONDS_10, 5 * MINUTE, HOUR / 100)  # of all who are strangers to it
OF_DEVICE = Pace(10, SECONDS_5, QUARTER, 5 * MINUTE)
OF_SESSION = Pace(10, SECONDS_5, QUARTER, 5 * MINUTE)
OF_CODE = Pace(10, MINUTE, HOUR, HOUR)  # by strangers who know the password


@dataclass(frozen=True, slots=True)
class Try:
    """What was counted; taken back when it succeeds."""

    own: str  # the key that success clears
    shared: tuple[str, ...] = ()  # keys of which it takes one back


class Pacing:
    def __init__(
        self, agents: AgentStore, audit: AuditLog, clock: Callable[[], datetime] = now
    ) -> None:
        self._agents = agents
        self._audit = audit
        self._clock = clock

    async def of_stranger(self, email: str, address: str) -> Try:
        """Raises TooManyAttempts, as all of them do."""
        account = _account(email)
        of_address, of_account = f"address:{address}", f"account:{account}"
        own = f"pair:{sha256(f'{address} {account}'.encode()).hexdigest()}"
        await self._count(of_address, OF_ADDRESS, address)
        try:
            await self._count(own, OF_PAIR, address)
        except TooManyAttempts:
            # One who is impatient about one account does not slow down the office.
            await self._agents.forgive_attempts(of_address, 1)
            raise
        await self._count(of_account, OF_ACCOUNT, address)
        return Try(own, (of_address, of_account))

    async def of_device(self, agent: Agent, device: str, address: str) -> Try:
        own = f"device:{sha256(f'{device} {agent.id}'.encode()).hexdigest()}"
        await self._count(own, OF_DEVICE, address)
        return Try(own)

    async def of_session(self, session: AgentSession, address: str) -> Try:
        own = f"session:{session.digest}"
        await self._count(own, OF_SESSION, address)
        return Try(own)

    async def of_code(self, agent: Agent, address: str) -> Try:
        own = f"code:{agent.id}"
        await self._count(own, OF_CODE, address)
        return Try(own)

    async def succeed(self, made: Try) -> None:
        await self._agents.forgive_attempts(made.own)
        for key in made.shared:
            await self._agents.forgive_attempts(key, 1)

    async def take_back(self, made: Try) -> None:
        """It was no failure, but what came before still counts."""
        for key in (made.own, *made.shared):
            await self._agents.forgive_attempts(key, 1)

    async def _count(self, key: str, pace: Pace, address: str) -> None:
        at = self._clock()
        made = await self._agents.count_attempt(key, pace, at)
        if not made.is_counted:
            raise TooManyAttempts(ceil(made.wait.total_seconds()))
        if _begins_to_wait(made, pace):  # once, or the log would grow with every try
            kind: dict[str, Detail] = {"limit": key.partition(":")[0], "address": address}
            await self._audit.append(AuditEvent(UNKNOWN, "proof.slowed", None, kind, at))


def _begins_to_wait(made: Attempt, pace: Pace) -> bool:
    return round(made.attempts.level) == pace.free


def _account(email: str) -> str:
    # Hashed: people type passwords into this field, too.
    return sha256(known_form(email).encode(errors="replace")).hexdigest()


def known_form(email: str) -> str:
    """Empty for what is no address."""
    try:
        return normal_email(email)
    except AgentError:
        return ""
