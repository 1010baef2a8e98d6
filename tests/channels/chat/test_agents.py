"""Who works on tickets in a chat program, by whose name."""

from dataclasses import replace

import pytest

from bot.adapters.memory_agents import MemoryAgents
from bot.channels.chat.agents import ChatAgent, ChatAgents
from bot.channels.chat.program import Member
from bot.domain.agent import Agent
from bot.domain.desk_news import actor_at
from tests.channels.chat.program import CHANNEL, TEAM, FakePeople

LEE = Agent("lee@example.com", "Lee", id="agent-1")


@pytest.mark.parametrize(
    ("member", "actor"),
    [
        (Member("L.", "Lee@Example.com"), "agent-1"),
        (Member("Mei", "mei@example.com"), actor_at(CHANNEL, "Mei", "u1")),
        (Member("Lee"), actor_at(CHANNEL, "Lee", "u1")),
        (Member("Lee", "no address"), actor_at(CHANNEL, "Lee", "u1")),
    ],
)
async def test_whose_address_is_an_agents_is_that_agent(member: Member, actor: str) -> None:
    agents = ChatAgents(CHANNEL, FakePeople({"u1": member}), MemoryAgents(agents=(LEE,)))
    assert await agents.agent(TEAM, "u1") == ChatAgent(actor, "u1")
    assert await agents.agent(TEAM, "u2") is None
    assert await agents.agent("T2", "u1") is None


async def test_who_was_disabled_is_none() -> None:
    people = FakePeople({"u1": Member("Lee", "lee@example.com")})
    agents = ChatAgents(CHANNEL, people, MemoryAgents(agents=(replace(LEE, active=False),)))
    assert await agents.agent(TEAM, "u1") is None
