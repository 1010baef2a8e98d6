"""Secrets of authenticator apps come to the newest key, those of versions before included."""

from dataclasses import replace

import pytest

from bot.domain.agent import Agent, Credentials
from bot.domain.audit import AuditEvent
from bot.ports import AgentChange
from tests.channels.office import Office


@pytest.fixture
def office() -> Office:
    return Office()


async def keep(office: Office, email: str, secret: str | None, pending: str | None = None) -> Agent:
    agent = await office.add(email)
    seen = await office.agents.credentials(agent.id)
    assert seen is not None
    credentials = replace(seen, totp_secret=secret, totp_pending=pending)
    event = AuditEvent("operator", "kept")
    await office.agents.apply(AgentChange(agent, agent, event, credentials, seen))
    return agent


async def secrets_of(office: Office, agent: Agent) -> tuple[str | None, str | None]:
    found = await office.agents.credentials(agent.id) or Credentials()
    return found.totp_secret, found.totp_pending


async def test_what_is_open_or_by_another_key_is_sealed_once(office: Office) -> None:
    agents = [
        await keep(office, "a@example.com", "plain", "other"),
        await keep(office, "b@example.com", "old sealed-1", None),
        await keep(office, "c@example.com", "sealed secret-1", None),
        await keep(office, "d@example.com", None, "begun"),
        await keep(office, "e@example.com", None, None),
    ]
    done = await office.staff.code_secrets.reseal()
    assert (done.count, done.unreadable, done.why) == (3, [], None)
    assert [await secrets_of(office, agent) for agent in agents] == [
        ("sealed plain", "sealed other"),
        ("sealed sealed-1", None),
        ("sealed secret-1", None),
        (None, "sealed begun"),
        (None, None),
    ]
    assert office.actions().count("totp.resealed") == 3
    assert (await office.staff.code_secrets.reseal()).count == 0


async def test_what_cannot_be_read_stays_and_keeps_nobody_else_from_it(office: Office) -> None:
    lost = await keep(office, "a@example.com", "lost", None)
    other = await keep(office, "b@example.com", "plain", None)
    done = await office.staff.code_secrets.reseal()
    assert (done.count, done.why) == (1, "the key is lost")
    assert [agent.email for agent in done.unreadable] == ["a@example.com"]
    assert await secrets_of(office, lost) == ("lost", None)
    assert await secrets_of(office, other) == ("sealed plain", None)
