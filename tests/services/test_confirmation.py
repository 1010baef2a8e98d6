"""Confirmations as services use them; the routes show the rest."""

import pytest

from bot.domain.agent import (
    AgentSession,
    CodeNeeded,
    Confirmation,
    ConfirmationRefused,
    CredentialsRefused,
)
from bot.domain.audit import AuditEvent
from bot.services.confirmation import Answer, Intention
from bot.services.proving import Proof
from tests.channels.office import PASSWORD, Office

PURGE = Intention("outbox.purge", "dead-letters", {"count": "3"})


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def boss(office: Office) -> AgentSession:
    agent = await office.add("boss@example.com")
    return (await office.staff.sessions.sign_in(agent.email, Proof(PASSWORD))).session


async def purge(office: Office, boss: AgentSession, intention: Intention, answer: Answer) -> str:
    async def work(confirmation: Confirmation) -> str:
        await office.agents.use_confirmation(
            confirmation, AuditEvent(boss.agent.id, "outbox.purged")
        )
        return "purged"

    return await office.staff.confirmations.execute(boss, intention, answer, work)


def test_digest_is_of_every_part() -> None:
    others = [
        Intention("other", "dead-letters", {"count": "3"}),
        Intention("outbox.purge", "other", {"count": "3"}),
        Intention("outbox.purge", "dead-letters", {"count": "4"}),
        Intention("outbox.purge", "dead-letters"),
    ]
    assert len({PURGE.digest, *(other.digest for other in others)}) == 5
    state = {"b": "2", "a": "1"}
    assert Intention("x", "y", state).digest == Intention("x", "y", {"a": "1", "b": "2"}).digest


async def test_work_gets_the_confirmation_and_gives_the_result(
    office: Office, boss: AgentSession
) -> None:
    demand = await office.staff.confirmations.ask(boss.agent, PURGE)
    answer = Answer(demand.token, Proof(PASSWORD))
    assert await purge(office, boss, PURGE, answer) == "purged"
    assert office.actions()[-1] == "outbox.purged"


async def test_nothing_is_worked_on_with_a_wrong_password(
    office: Office, boss: AgentSession
) -> None:
    demand = await office.staff.confirmations.ask(boss.agent, PURGE)
    with pytest.raises(CredentialsRefused):
        await purge(office, boss, PURGE, Answer(demand.token, Proof("wrong")))
    assert office.audit.log[-1].event.details == {
        "action": "outbox.purge",
        "why": "CredentialsRefused",
    }


async def test_object_that_changed_needs_a_new_confirmation(
    office: Office, boss: AgentSession
) -> None:
    demand = await office.staff.confirmations.ask(boss.agent, PURGE)
    now = Intention(PURGE.action, PURGE.object, {"count": "4"})
    with pytest.raises(ConfirmationRefused):
        await purge(office, boss, now, Answer(demand.token, Proof(PASSWORD)))
    assert "outbox.purged" not in office.actions()


async def test_who_has_an_app_shows_its_code_too(office: Office, boss: AgentSession) -> None:
    await office.staff.accounts.enrol(boss, Proof(PASSWORD))
    await office.staff.accounts.confirm_enrolment(boss, office.code_of("secret-1"))
    office.clock.advance(minutes=1)
    demand = await office.staff.confirmations.ask(boss.agent, PURGE)
    with pytest.raises(CodeNeeded):
        await purge(office, boss, PURGE, Answer(demand.token, Proof(PASSWORD)))
    with pytest.raises(CredentialsRefused):
        await purge(office, boss, PURGE, Answer(demand.token, Proof(PASSWORD, "000000")))
    answer = Answer(demand.token, Proof(PASSWORD, office.code_of("secret-1")))
    assert await purge(office, boss, PURGE, answer) == "purged"
