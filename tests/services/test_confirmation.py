"""Confirmations as services use them; the routes show the rest."""

import pytest

from bot.domain.agent import Agent, Confirmation, ConfirmationRefused, CredentialsRefused
from bot.domain.audit import AuditEvent
from bot.services.confirmation import Answer, Intention
from bot.services.proving import Proof
from tests.channels.office import PASSWORD, Office

PURGE = Intention("outbox.purge", "dead-letters", {"count": "3"})


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def boss(office: Office) -> Agent:
    return await office.add("boss@example.com")


async def purge(office: Office, boss: Agent, intention: Intention, answer: Answer) -> str:
    async def work(confirmation: Confirmation) -> str:
        await office.agents.use_confirmation(confirmation, AuditEvent(boss.id, "outbox.purged"))
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


async def test_work_gets_the_confirmation_and_gives_the_result(office: Office, boss: Agent) -> None:
    demand = await office.staff.confirmations.ask(boss, PURGE)
    answer = Answer(demand.token, Proof(PASSWORD))
    assert await purge(office, boss, PURGE, answer) == "purged"
    assert office.actions()[-1] == "outbox.purged"


async def test_nothing_is_worked_on_with_a_wrong_password(office: Office, boss: Agent) -> None:
    demand = await office.staff.confirmations.ask(boss, PURGE)
    with pytest.raises(CredentialsRefused):
        await purge(office, boss, PURGE, Answer(demand.token, Proof("wrong")))
    assert office.audit.log[-1].event.details == {
        "action": "outbox.purge",
        "why": "CredentialsRefused",
    }


async def test_object_that_changed_needs_a_new_confirmation(office: Office, boss: Agent) -> None:
    demand = await office.staff.confirmations.ask(boss, PURGE)
    now = Intention(PURGE.action, PURGE.object, {"count": "4"})
    with pytest.raises(ConfirmationRefused):
        await purge(office, boss, now, Answer(demand.token, Proof(PASSWORD)))
    assert "outbox.purged" not in office.actions()
