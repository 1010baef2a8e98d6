"""Who is there, and what customers call them."""

from dataclasses import replace

import pytest

from bot.adapters.memory_agents import MemoryAgents
from bot.domain.agent import Agent
from bot.services.staff import Staff
from tests.fakes import FakeCodes, FakePasswords

LI = Agent("li@example.com", "Li", id="li")


def staff(*agents: Agent) -> Staff:
    kept = MemoryAgents(agents=agents)
    return Staff.of(kept, kept.audit, FakePasswords(), FakeCodes())


@pytest.mark.parametrize(
    ("agents", "there", "name"),
    [((LI,), True, "Li"), ((replace(LI, active=False),), False, None), ((), False, None)],
)
async def test_somebody_who_left_is_not_there(
    agents: tuple[Agent, ...], there: bool, name: str | None
) -> None:
    found = staff(*agents)
    assert await found.is_staffed() is there
    assert await found.is_there("li") is there
    assert await found.name_of("li") == name
