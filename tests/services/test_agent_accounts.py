"""One's own account, where the routes do not show it."""

import pytest

from bot.domain.agent import Agent, AgentSession, CredentialsRefused, WeakPassword
from bot.domain.conversation import Locale
from bot.services.proving import Proof
from tests.channels.office import PASSWORD, Office


@pytest.fixture
def office() -> Office:
    return Office()


async def signed_in(office: Office) -> AgentSession:
    agent = await office.add("li@example.com")
    return (await office.staff.sessions.sign_in(agent.email, Proof(PASSWORD))).session


async def test_weak_password_leaves_the_invitation(office: Office) -> None:
    invited = await office.staff.administration.add(Agent("li@example.com", "Li"))
    assert invited.token is not None
    with pytest.raises(WeakPassword):
        await office.staff.accounts.accept_invitation(invited.token, Proof("short"))
    await office.staff.accounts.accept_invitation(invited.token, Proof(PASSWORD))
    credentials = await office.agents.credentials(invited.agent.id)
    assert credentials is not None
    assert credentials.invitation_digest is None


async def test_invitation_of_a_disabled_agent_is_refused(office: Office) -> None:
    invited = await office.staff.administration.add(Agent("li@example.com", "Li", active=False))
    with pytest.raises(CredentialsRefused):
        await office.staff.accounts.accept_invitation(invited.token or "", Proof(PASSWORD))


async def test_profile_that_stays_is_not_recorded(office: Office) -> None:
    session = await signed_in(office)
    await office.staff.accounts.set_profile(session, None, Locale.EN)
    assert office.actions()[-1] == "sign-in"
    changed = await office.staff.accounts.set_profile(session, "李", Locale.ZH)
    assert await office.agents.agent(changed.id) == changed
    assert office.actions()[-1] == "profile.changed"


async def test_code_without_a_begun_enrolment_is_refused(office: Office) -> None:
    session = await signed_in(office)
    with pytest.raises(CredentialsRefused):
        await office.staff.accounts.confirm_enrolment(session, "123456")
