"""Sign-in and sessions of agents."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.agent import Agent, AgentChanged, AgentSession, CredentialsRefused
from bot.domain.audit import AuditEvent
from bot.domain.conversation import now
from bot.ports import AgentStore
from bot.services.devices import Devices
from bot.services.proving import Proof, Prover, Visit
from bot.services.sessions import digest

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)

_TOKEN = re.compile("[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The tokens are told once; only their digests are kept."""

    session: AgentSession
    token: str
    device: str = ""  # for the browser to keep, by which it is known the next time


class AgentSessions:
    def __init__(
        self, agents: AgentStore, prover: Prover, clock: Callable[[], datetime] = now
    ) -> None:
        self._agents = agents
        self._prover = prover
        self._clock = clock
        self._devices = Devices(agents, clock)

    async def sign_in(self, email: str, proof: Proof, former_token: str = "") -> SignedIn:
        """A new session whatever the browser had before, which ends. Raises as Prover.prove."""
        proven = await self._prover.prove(email, proof)
        agent, signed_in = proven.agent, self.begin(proven.agent)
        event = self._event(agent, "sign-in", address=proof.visit.address)
        try:
            await self._agents.start_session(signed_in.session, proven.credentials, event)
        except AgentChanged as error:  # while the password was compared
            raise CredentialsRefused("refused") from error
        if _TOKEN.fullmatch(former_token):
            await self._agents.end_session(digest(former_token), self._event(agent, "sign-out"))
        return await self.known(signed_in, proof.visit)

    async def known(self, signed_in: SignedIn, visit: Visit) -> SignedIn:
        """With the browser remembered as one of the agent's."""
        device = await self._devices.remember(signed_in.session.agent, visit.device)
        return replace(signed_in, device=device)

    def begin(self, agent: Agent) -> SignedIn:
        """A session that is not stored yet."""
        token, at = secrets.token_urlsafe(32), self._clock()
        return SignedIn(AgentSession(digest(token), agent, at, at, at + LONGEST), token)

    async def prove(self, session: AgentSession, proof: Proof) -> None:
        """That it still is the agent who uses the session; raises as Prover.prove_again."""
        await self._prover.prove_again(session, proof)

    async def sign_out(self, session: AgentSession) -> None:
        await self._agents.end_session(session.digest, self._event(session.agent, "sign-out"))

    async def find(self, token: str) -> AgentSession | None:
        """The session the token opens, as long as it is used and its agent active."""
        if not _TOKEN.fullmatch(token):
            return None
        session = await self._current(digest(token))
        at = self._clock()
        if session is None or at - session.seen_at < TOUCH_EVERY:
            return session
        await self._agents.touch_session(session.digest, at)
        return replace(session, seen_at=at)

    async def current(self, session: AgentSession) -> AgentSession | None:
        """As it is now, None when it is over: for event streams, which outlive their request.

        Looking is no use of the session: a page that is only open does not keep it alive.
        """
        return await self._current(session.digest)

    async def _current(self, session_digest: str) -> AgentSession | None:
        session = await self._agents.session(session_digest)
        at = self._clock()
        if session is None or not session.agent.active:
            return None
        return session if at < min(session.ends_at, session.seen_at + IDLE) else None

    def _event(self, agent: Agent, action: str, **details: str | None) -> AuditEvent:
        return AuditEvent(agent.id, action, agent.id, details, self._clock())
