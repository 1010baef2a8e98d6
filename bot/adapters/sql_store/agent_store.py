"""Agents in SQLite or PostgreSQL; each method is one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.adapters.sql_store import agent_transactions as transactions
from bot.adapters.sql_store.database import Database
from bot.adapters.storable_text import check_storable
from bot.domain.agent import Agent, AgentSession, Confirmation, Credentials
from bot.domain.attempts import Attempt, Pace
from bot.domain.audit import AuditEvent
from bot.domain.conversation import now
from bot.ports import AgentChange


class SqlAgents:
    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def apply(self, change: AgentChange) -> None:
        check_storable(change.agent.email, change.agent.name, change.agent.team)
        await self._database.write(transactions.apply, change, self._clock())

    async def agent(self, agent_id: str) -> Agent | None:
        return await self._database.read(transactions.find_agent, agent_id)

    async def agent_by_email(self, email: str) -> Agent | None:
        return await self._database.read(transactions.find_agent_by_email, email)

    async def agents(self) -> Sequence[Agent]:
        return await self._database.read(transactions.list_agents)

    async def credentials(self, agent_id: str) -> Credentials | None:
        return await self._database.read(transactions.find_credentials, agent_id)

    async def invited(self, invitation_digest: str) -> Agent | None:
        return await self._database.read(transactions.find_invited, invitation_digest)

    async def use_totp_step(self, agent_id: str, step: int) -> bool:
        return await self._database.write(transactions.use_totp_step, agent_id, step)

    async def use_recovery_code(self, agent_id: str, digest: str, audit: AuditEvent) -> bool:
        return await self._database.write(transactions.use_recovery_code, agent_id, digest, audit)

    async def count_recovery_codes(self, agent_id: str) -> int:
        return await self._database.read(transactions.count_recovery_codes, agent_id)

    async def start_session(
        self, session: AgentSession, proven: Credentials, audit: AuditEvent
    ) -> None:
        await self._database.write(
            transactions.start_session, session, proven, audit, self._clock()
        )

    async def session(self, digest: str) -> AgentSession | None:
        return await self._database.read(transactions.find_session, digest)

    async def touch_session(self, digest: str, at: datetime) -> None:
        await self._database.write(transactions.touch_session, digest, at)

    async def end_session(self, digest: str, audit: AuditEvent) -> None:
        await self._database.write(transactions.end_session, digest, audit)

    async def remember_device(
        self, digest: str, agent_id: str, at: datetime, oldest: datetime
    ) -> None:
        await self._database.write(transactions.remember_device, digest, agent_id, at, oldest)

    async def device_owners(self, digest: str, oldest: datetime) -> Sequence[str]:
        return await self._database.read(transactions.find_device_owners, digest, oldest)

    async def count_attempt(self, key: str, pace: Pace, at: datetime) -> Attempt:
        return await self._database.write(transactions.count_attempt, key, pace, at)

    async def forgive_attempts(self, key: str, most: int | None = None) -> None:
        await self._database.write(transactions.forgive_attempts, key, most)

    async def add_confirmation(self, confirmation: Confirmation, ends_at: datetime) -> None:
        await self._database.write(
            transactions.add_confirmation, confirmation, ends_at, self._clock()
        )

    async def use_confirmation(self, confirmation: Confirmation, audit: AuditEvent) -> None:
        await self._database.write(
            transactions.use_confirmation, confirmation, audit, self._clock()
        )
