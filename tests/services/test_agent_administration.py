"""Agents are managed, where the routes do not show it."""

import pytest

from bot.domain.agent import Agent, WeakPassword
from bot.services.agent_administration import Deed, Member
from bot.services.proving import Proof
from tests.channels.office import PASSWORD, Office


@pytest.fixture
def office() -> Office:
    return Office()


async def member_of(office: Office, agent: Agent) -> Member:
    member = await office.staff.administration.member(agent.id)
    assert member is not None
    return member


async def test_weak_password_adds_nobody(office: Office) -> None:
    with pytest.raises(WeakPassword):
        await office.staff.administration.add(Agent("li@example.com", "Li"), "short")
    assert await office.staff.administration.members() == []


@pytest.mark.parametrize("deed", [deed for deed in Deed if deed is not Deed.ENABLE])
async def test_what_takes_something_away_ends_the_sessions(office: Office, deed: Deed) -> None:
    agent = await office.add("li@example.com")
    signed_in = await office.staff.sessions.sign_in(agent.email, Proof(PASSWORD))
    await office.staff.administration.do(await member_of(office, agent), deed)
    assert await office.staff.sessions.current(signed_in.session) is None


async def test_disabling_takes_an_invitation_back(office: Office) -> None:
    invited = await office.staff.administration.add(Agent("li@example.com", "Li"))
    await office.staff.administration.do(await member_of(office, invited.agent), Deed.DISABLE)
    credentials = await office.agents.credentials(invited.agent.id)
    assert credentials is not None
    assert credentials.invitation_digest is None


async def test_intention_is_for_the_member_as_it_was_seen(office: Office) -> None:
    agent = await office.add("li@example.com")
    administration = office.staff.administration
    before = administration.intend(await member_of(office, agent), Deed.DISABLE)
    assert (
        before.digest == administration.intend(await member_of(office, agent), Deed.DISABLE).digest
    )
    await administration.do(await member_of(office, agent), Deed.RESET_PASSWORD)
    after = administration.intend(await member_of(office, agent), Deed.DISABLE)
    assert after.digest != before.digest


async def test_new_password_can_be_given_at_once(office: Office) -> None:
    agent = await office.add("li@example.com")
    member = await member_of(office, agent)
    new = "staple fence orchard"
    done = await office.staff.administration.do(member, Deed.RESET_PASSWORD, password=new)
    assert done.token is None
    await office.staff.sessions.sign_in(agent.email, Proof(new))
