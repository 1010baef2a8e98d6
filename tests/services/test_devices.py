"""Browsers that are known from earlier sign-ins."""

import pytest

from bot.domain.agent import Agent
from bot.services.devices import LIFETIME, Devices
from tests.channels.office import Office


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def devices(office: Office) -> Devices:
    return Devices(office.agents, office.clock)


@pytest.fixture
async def li(office: Office) -> Agent:
    return await office.add("li@example.com")


@pytest.mark.parametrize("put_there", ["", "a" * 43, "x", "é" * 43])
async def test_token_is_never_one_that_somebody_put_there(
    devices: Devices, li: Agent, put_there: str
) -> None:
    token = await devices.remember(li, put_there)
    assert token != put_there
    assert await devices.knows(li, token)
    assert not await devices.knows(li, put_there)


async def test_colleagues_share_a_browser(office: Office, devices: Devices, li: Agent) -> None:
    wang = await office.add("wang@example.com")
    token = await devices.remember(li, "")
    assert not await devices.knows(wang, token)
    assert await devices.remember(wang, token) == token
    assert await devices.knows(wang, token)
    assert await devices.knows(li, token)


async def test_browser_is_known_for_its_time(office: Office, devices: Devices, li: Agent) -> None:
    token = await devices.remember(li, "")
    office.clock.advance(days=LIFETIME.days)
    assert await devices.knows(li, token)
    office.clock.advance(seconds=1)
    assert not await devices.knows(li, token)
    assert await devices.remember(li, token) != token


async def test_store_knows_no_token(office: Office, devices: Devices, li: Agent) -> None:
    assert await devices.remember(li, "") not in repr(vars(office.agents))
