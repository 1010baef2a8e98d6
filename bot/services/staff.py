"""Everything about agents in one value: their store, and the services around it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.conversation import now
from bot.ports import AgentStore, AuditLog, OneTimeCodes, Passwords
from bot.services.agent_accounts import AgentAccounts
from bot.services.agent_administration import AgentAdministration
from bot.services.agents import AgentSessions
from bot.services.confirmation import Confirmations
from bot.services.proving import Prover


@dataclass(frozen=True, slots=True)
class Staff:
    agents: AgentStore
    audit: AuditLog
    sessions: AgentSessions
    accounts: AgentAccounts
    administration: AgentAdministration
    confirmations: Confirmations

    @classmethod
    def of(
        cls,
        agents: AgentStore,
        audit: AuditLog,
        passwords: Passwords,
        codes: OneTimeCodes,
        clock: Callable[[], datetime] = now,
    ) -> "Staff":
        prover = Prover(agents, audit, passwords, codes, clock)
        sessions = AgentSessions(agents, prover, clock)
        return cls(
            agents,
            audit,
            sessions,
            AgentAccounts(agents, sessions, prover, passwords, codes, clock),
            AgentAdministration(agents, passwords, clock),
            Confirmations(agents, audit, prover, clock),
        )

    async def is_staffed(self) -> bool:
        """Whether anybody could answer a customer at all. Raises StoreError."""
        return any(agent.active for agent in await self.agents.agents())

    async def is_there(self, agent_id: str) -> bool:
        """With the team, and able to work. Raises StoreError."""
        agent = await self.agents.agent(agent_id)
        return agent is not None and agent.active

    async def name_of(self, agent_id: str) -> str | None:
        """As customers see it; None for one who is unknown or not with the team any more."""
        agent = await self.agents.agent(agent_id)
        return agent.name if agent and agent.active else None
