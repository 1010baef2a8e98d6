"""Who works on tickets in a chat program: people of the triage room's own team."""

from dataclasses import dataclass
from typing import Protocol

from bot.channels.chat.program import People
from bot.domain.agent import Agent, AgentError, normal_email
from bot.domain.desk_news import actor_at


class AgentsByEmail(Protocol):
    async def agent_by_email(self, email: str) -> Agent | None: ...


@dataclass(frozen=True, slots=True)
class ChatAgent:
    actor: str  # the id of an agent of ours, or of somebody who acts at this desk
    user: str  # as the program calls them


class ChatAgents:
    def __init__(self, channel: str, people: People, agents: AgentsByEmail) -> None:
        self._channel = channel
        self._people = people
        self._agents = agents

    async def agent(self, team: str, user: str) -> ChatAgent | None:
        """None for who is none of the team's people, and for an agent who was disabled.

        Whose mail address is an agent's is that agent: the program has proved it. Raises as a desk.
        """
        member = await self._people.member(team, user)
        if member is None:
            return None
        known = await self._known(member.email)
        if known is not None:
            return ChatAgent(known.id, user) if known.active else None
        return ChatAgent(actor_at(self._channel, member.name, user), user)

    async def _known(self, email: str) -> Agent | None:
        try:
            return await self._agents.agent_by_email(normal_email(email)) if email else None
        except AgentError:
            return None
