"""What authenticator apps know, as it is kept for all agents: sealed, and by the newest key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.agent import Agent, AgentChanged, CodesUnreadable, Credentials
from bot.domain.audit import OPERATOR, AuditEvent
from bot.domain.conversation import now
from bot.ports import AgentChange, AgentStore, OneTimeCodes

TRIES = 3


@dataclass(frozen=True, slots=True)
class Resealed:
    count: int  # of agents whose secrets are kept otherwise than before
    unreadable: Sequence[Agent] = ()
    why: str | None = None  # of the first of them, with what to do


class CodeSecrets:
    def __init__(
        self, agents: AgentStore, codes: OneTimeCodes, clock: Callable[[], datetime] = now
    ) -> None:
        self._agents = agents
        self._codes = codes
        self._clock = clock

    async def reseal(self) -> Resealed:
        """Seals what versions before kept open, and by the newest key what another one sealed.

        What cannot be read stays as it is.
        """
        count, unreadable, why = 0, [], None
        for agent in await self._agents.agents():
            try:
                count += await self._reseal(agent)
            except CodesUnreadable as error:
                unreadable.append(agent)
                why = why or str(error)
        return Resealed(count, unreadable, why)

    async def _reseal(self, agent: Agent) -> bool:
        for _ in range(TRIES):
            seen = await self._agents.credentials(agent.id)
            if seen is None or (changed := self._renew(seen)) == seen:
                return False
            event = AuditEvent(OPERATOR, "totp.resealed", agent.id, {}, self._clock())
            try:
                await self._agents.apply(AgentChange(agent, agent, event, changed, seen))
            except AgentChanged:  # signs in at this moment, or is being changed
                agent = await self._agents.agent(agent.id) or agent
            else:
                return True
        return False

    def _renew(self, seen: Credentials) -> Credentials:
        secret, pending = seen.totp_secret, seen.totp_pending
        return replace(
            seen,
            totp_secret=self._codes.reseal(secret) if secret else secret,
            totp_pending=self._codes.reseal(pending) if pending else pending,
        )
