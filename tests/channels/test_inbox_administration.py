"""Sensitive actions: nothing happens without the right confirmation and the right password."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.agent import Agent, Role
from bot.domain.audit import START, AuditEvent
from bot.ports import AgentChange
from bot.services.audit import verify_log
from tests.channels.office import PASSWORD, Browser, Office, slug

EXPORT = "/api/admin/audit/export"


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.add("boss@example.com", Role.ADMIN)
    await office.add("second@example.com", Role.ADMIN)
    await office.add("li@example.com")
    return office


@pytest.fixture
async def boss(office: Office) -> AsyncIterator[Browser]:
    async with office.browser("boss@example.com") as browser:
        yield browser


async def li(office: Office) -> Agent:
    agent = await office.agents.agent_by_email("li@example.com")
    assert agent is not None
    return agent


async def path_of(office: Office, deed: str = "disable") -> str:
    return f"/api/admin/agents/{(await li(office)).id}/{deed}"


async def ask(browser: Browser, path: str) -> dict[str, Any]:
    response = await browser.post(path)
    assert response.status_code == 202
    demand: dict[str, Any] = response.json()
    return demand


def answer_to(demand: Mapping[str, Any], password: str = PASSWORD) -> dict[str, str]:
    return {"confirmation": demand["confirmation"], "password": password}


async def test_agent_is_disabled_at_the_second_request(office: Office, boss: Browser) -> None:
    async with office.browser("li@example.com") as browser:
        path = await path_of(office)
        demand = await ask(boss, path)
        assert demand["impact"]["action"] == "agent.disable"
        assert demand["impact"]["agent"]["email"] == "li@example.com"
        assert (await li(office)).active
        assert (await boss.post(path, answer_to(demand))).status_code == 200
        assert not (await li(office)).active
        assert (await browser.get("/api/me")).status_code == 401
    last = office.audit.log[-1].event
    assert (last.actor, last.action, last.object) == (
        boss.me["id"],
        "agent.disable",
        (await li(office)).id,
    )


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        ("make-admin", {"role": "admin"}),
        ("make-agent", {"role": "agent"}),
        ("reset-codes", {}),
        ("enable", {"active": True}),
    ],
)
async def test_other_deeds(
    office: Office, boss: Browser, deed: str, expected: Mapping[str, Any]
) -> None:
    path = await path_of(office, deed)
    done = (await boss.post(path, answer_to(await ask(boss, path)))).json()
    assert {**done["agent"], **expected} == done["agent"]
    assert office.actions()[-1] == f"agent.{deed}"


async def test_reset_password_gives_an_invitation(office: Office, boss: Browser) -> None:
    path = await path_of(office, "reset-password")
    done = (await boss.post(path, answer_to(await ask(boss, path)))).json()
    async with office.browser() as browser:
        assert (await browser.sign_in("li@example.com")).status_code == 401
        token = done["invitation"].partition("#invitation=")[2]
        body = {"token": token, "password": "staple fence orchard"}
        assert (await browser.post("/api/invitation", body)).status_code == 200


async def test_unknown_deed_or_agent(boss: Browser, office: Office) -> None:
    assert (await boss.post(await path_of(office, "delete"))).status_code == 422
    assert (await boss.post("/api/admin/agents/nobody/disable")).status_code == 404


@pytest.mark.parametrize("path", ["agent", EXPORT])
async def test_nothing_without_a_valid_pair(office: Office, boss: Browser, path: str) -> None:
    path = await path_of(office) if path == "agent" else path
    demand = await ask(boss, path)
    wrong = {
        "no token": {"password": PASSWORD},
        "no password": {"confirmation": demand["confirmation"]},
    }
    for body in wrong.values():  # the first request once more
        assert (await boss.post(path, body)).status_code == 202
    body = answer_to(demand, "wrong")
    assert slug(await boss.post(path, body)) == "credentials-refused"
    body = answer_to({"confirmation": "invented"})
    assert slug(await boss.post(path, body)) == "confirmation-refused"
    assert office.actions()[-1] == "confirmation.refused"
    # What was refused did not use it up.
    assert (await boss.post(path, answer_to(demand))).status_code == 200
    assert slug(await boss.post(path, answer_to(demand))) == "confirmation-refused"


async def test_confirmation_is_over_after_five_minutes(office: Office, boss: Browser) -> None:
    for path in (await path_of(office), EXPORT):
        demand = await ask(boss, path)
        office.clock.advance(minutes=5)
        assert slug(await boss.post(path, answer_to(demand))) == "confirmation-refused"
    assert (await li(office)).active


async def test_confirmation_is_of_who_asked(office: Office, boss: Browser) -> None:
    path = await path_of(office)
    demand = await ask(boss, path)
    async with office.browser("second@example.com") as second:
        assert slug(await second.post(path, answer_to(demand))) == "confirmation-refused"
    assert (await li(office)).active


async def test_confirmation_is_for_what_was_asked(office: Office, boss: Browser) -> None:
    demand = await ask(boss, await path_of(office, "make-admin"))
    for path in (await path_of(office), EXPORT):
        assert slug(await boss.post(path, answer_to(demand))) == "confirmation-refused"
    other = f"/api/admin/agents/{boss.me['id']}/make-admin"
    assert slug(await boss.post(other, answer_to(demand))) == "confirmation-refused"
    assert (await li(office)).role is Role.AGENT


async def test_confirmation_is_for_the_agent_as_it_was_seen(office: Office, boss: Browser) -> None:
    path = await path_of(office)
    demand = await ask(boss, path)
    agent = await li(office)
    event = AuditEvent("operator", "renamed")
    await office.agents.apply(AgentChange(replace(agent, name="Other"), agent, event))
    assert slug(await boss.post(path, answer_to(demand))) == "confirmation-refused"
    assert (await li(office)).active


async def test_double_submit_executes_once(office: Office, boss: Browser) -> None:
    demand = await ask(boss, EXPORT)
    answers = await asyncio.gather(*(boss.post(EXPORT, answer_to(demand)) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert office.actions().count("audit.exported") == 1


async def test_admin_cannot_lock_everybody_out(office: Office, boss: Browser) -> None:
    second = await office.agents.agent_by_email("second@example.com")
    assert second is not None
    path = f"/api/admin/agents/{second.id}/make-agent"
    assert (await boss.post(path, answer_to(await ask(boss, path)))).status_code == 200
    path = f"/api/admin/agents/{boss.me['id']}/disable"
    assert slug(await boss.post(path, answer_to(await ask(boss, path)))) == "last-admin"
    assert (await boss.get("/api/me")).status_code == 200


async def test_export_holds_the_whole_chain_and_itself(office: Office, boss: Browser) -> None:
    demand = await ask(boss, EXPORT)
    response = await boss.post(EXPORT, answer_to(demand))
    assert response.headers["content-disposition"] == 'attachment; filename="audit.jsonl"'
    rows = [json.loads(line) for line in response.text.splitlines()]
    assert [row["seq"] for row in rows] == [*range(1, len(office.audit.log) + 1)]
    assert rows[-1]["action"] == "audit.exported"
    previous = START.hash
    for row in rows:
        assert row["previous"] == previous
        previous = row["hash"]
    assert await verify_log(office.audit) is None


async def test_agents_are_added_and_listed(office: Office, boss: Browser) -> None:
    body = {
        "email": "Wang@Example.com ",
        "name": "王",
        "team": "T2",
        "locale": "zh",
        "password": PASSWORD,
    }
    added = await boss.post("/api/admin/agents", body)
    assert added.status_code == 201
    listed = (await boss.get("/api/admin/agents")).json()["agents"]
    found = next(row for row in listed if row["email"] == "wang@example.com")
    assert found == {
        **added.json()["agent"],
        "has_password": False,
        "has_codes": False,
    }
    assert slug(await boss.post("/api/admin/agents", body)) == "agent-exists"
    for wrong in ({"email": "x"}, {"name": " "}, {"role": "root"}, {"active": False}):
        assert (await boss.post("/api/admin/agents", {**body, **wrong})).status_code == 422


async def test_stolen_session_alone_adds_nobody(office: Office, boss: Browser) -> None:
    body = {"email": "mallory@example.com", "name": "Mallory", "role": "admin"}
    assert slug(await boss.post("/api/admin/agents", body)) == "invalid-request"
    refused = await boss.post("/api/admin/agents", {**body, "password": "wrong"})
    assert slug(refused) == "credentials-refused"
    assert await office.agents.agent_by_email("mallory@example.com") is None
