"""Browsers that agents signed in with before. An attacker's failures do not count for them."""

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.agent import Agent
from bot.domain.conversation import now
from bot.ports import AgentStore
from bot.services.sessions import digest

LIFETIME = timedelta(days=180)  # since the latest sign-in

_TOKEN = re.compile("[A-Za-z0-9_-]{43}")


class Devices:
    def __init__(self, agents: AgentStore, clock: Callable[[], datetime] = now) -> None:
        self._agents = agents
        self._clock = clock

    async def knows(self, agent: Agent, token: str) -> bool:
        return agent.id in await self._owners(token)

    async def remember(self, agent: Agent, token: str) -> str:
        """What the browser is to keep: its token where anybody signed in with it before, so that
        colleagues can share it, and never one that a stranger may have put there."""
        token = token if await self._owners(token) else secrets.token_urlsafe(32)
        at = self._clock()
        await self._agents.remember_device(digest(token), agent.id, at, at - LIFETIME)
        return token

    async def _owners(self, token: str) -> frozenset[str]:
        if not _TOKEN.fullmatch(token):
            return frozenset()
        found = await self._agents.device_owners(digest(token), self._clock() - LIFETIME)
        return frozenset(found)
