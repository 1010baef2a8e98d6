"""Sensitive actions ask twice: first what would happen, then the proof for exactly that."""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from bot.domain.agent import (
    Agent,
    AgentChanged,
    AgentSession,
    Confirmation,
    ConfirmationRefused,
    CredentialsRefused,
    TooManyAttempts,
)
from bot.domain.audit import AuditEvent
from bot.domain.conversation import now
from bot.ports import AgentStore, AuditLog
from bot.services.proving import Proof, Prover
from bot.services.sessions import digest

LIFETIME = timedelta(minutes=5)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Intention:
    """One action on one object. `state` is the object as the agent sees it and what shall become
    of it: when either differs the second time, the confirmation does not hold."""

    action: str  # such as `agent.disable`
    object: str
    state: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        text = json.dumps([self.action, self.object, dict(self.state)], sort_keys=True)
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Demand:
    """The token of the second request; told once."""

    token: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The second request: the token with the agent's own password and code, if there is an app."""

    token: str
    proof: Proof


class Confirmations:
    def __init__(
        self,
        agents: AgentStore,
        audit: AuditLog,
        prover: Prover,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._agents = agents
        self._audit = audit
        self._prover = prover
        self._clock = clock

    async def ask(self, actor: Agent, intention: Intention) -> Demand:
        token, ends_at = secrets.token_urlsafe(32), self._clock() + LIFETIME
        await self._agents.add_confirmation(_confirmation(actor, intention, token), ends_at)
        return Demand(token, ends_at)

    async def execute(
        self,
        session: AgentSession,
        intention: Intention,
        answer: Answer,
        work: Callable[[Confirmation], Awaitable[Result]],
    ) -> Result:
        """`work` uses the confirmation up in the transaction of what it does (AgentChange), or by
        AgentStore.use_confirmation before it. Raises ConfirmationRefused, CredentialsRefused,
        CodeNeeded, TooManyAttempts and what `work` raises; a refusal stands in the audit log."""
        actor = session.agent
        try:
            await self._prover.prove_again(session, answer.proof)
            return await work(_confirmation(actor, intention, answer.token))
        except (ConfirmationRefused, AgentChanged, CredentialsRefused, TooManyAttempts) as error:
            details = {"action": intention.action, "why": type(error).__name__}
            event = AuditEvent(
                actor.id, "confirmation.refused", intention.object, details, self._clock()
            )
            await self._audit.append(event)
            raise


def _confirmation(actor: Agent, intention: Intention, token: str) -> Confirmation:
    return Confirmation(digest(token), actor.id, intention.action, intention.digest)
