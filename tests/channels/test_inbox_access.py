"""Sessions of the inbox, where test_access.py, which has every route, does not show them."""

from dataclasses import replace

import pytest

from bot.domain.agent import Role
from bot.ports import AgentChange
from bot.services.agents import IDLE, LONGEST
from tests.channels.office import PASSWORD, Office


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.add("agent@example.com")
    return office


async def test_session_ends_when_it_is_not_used(office: Office) -> None:
    async with office.browser("agent@example.com") as browser:
        office.clock.advance(seconds=IDLE.seconds - 1)
        assert (await browser.get("/api/me")).status_code == 200
        office.clock.advance(seconds=IDLE.seconds)
        assert (await browser.get("/api/me")).status_code == 401


async def test_session_ends_however_much_it_is_used(office: Office) -> None:
    async with office.browser("agent@example.com") as browser:
        for _ in range(LONGEST.seconds // 3600 - 1):
            office.clock.advance(hours=1)
            assert (await browser.get("/api/me")).status_code == 200
        office.clock.advance(hours=1)
        assert (await browser.get("/api/me")).status_code == 401


async def test_disabled_agent_is_out_at_the_next_request(office: Office) -> None:
    async with office.browser("agent@example.com") as browser:
        agent = await office.agents.agent_by_email("agent@example.com")
        assert agent is not None
        event = office.audit.log[0].event
        gone = AgentChange(replace(agent, active=False), agent, event)
        await office.agents.apply(gone)  # the session itself is still there
        assert (await browser.get("/api/me")).status_code == 401


async def test_role_is_the_one_of_now(office: Office) -> None:
    async with office.browser("agent@example.com") as browser:
        agent = await office.agents.agent_by_email("agent@example.com")
        assert agent is not None
        event = office.audit.log[0].event
        await office.agents.apply(AgentChange(replace(agent, role=Role.ADMIN), agent, event))
        assert (await browser.get("/api/admin/agents")).status_code == 200


async def test_stream_can_ask_whether_its_session_is_over(office: Office) -> None:
    async with office.browser("agent@example.com") as browser:
        cookie = browser.client.cookies["firstline-agent"]
        session = await office.staff.sessions.find(cookie)
        assert session is not None
        assert await office.staff.sessions.current(session) == session
        await browser.post("/api/sign-out")
        assert await office.staff.sessions.current(session) is None


@pytest.mark.parametrize("cookie", ["", "x", "a" * 43, "é" * 43, "a" * 5000, '"; x=y'])
async def test_invented_cookie_opens_nothing(office: Office, cookie: str) -> None:
    async with office.browser() as browser:
        headers = {"Cookie": f"firstline-agent={cookie}".encode()}
        response = await browser.client.get("/inbox/api/me", headers=headers)
        assert response.status_code == 401


async def test_session_of_https_is_not_taken_over_http(office: Office) -> None:
    async with office.browser("agent@example.com", origin="https://desk.example.com") as browser:
        token = browser.client.cookies["__Host-firstline-agent"]
        assert (await browser.get("/api/me")).status_code == 200
    async with office.browser(origin="http://desk.example.com") as browser:
        for name in ("firstline-agent", "__Host-firstline-agent"):
            headers = {"Cookie": f"{name}={token}"}
            response = await browser.client.get("/inbox/api/me", headers=headers)
            assert response.status_code == 401


async def test_answers_are_kept_by_no_cache(office: Office) -> None:
    async with office.browser("agent@example.com") as browser:
        for path in ("", "/api/me"):
            assert (await browser.get(path)).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["[", "[::1", "a b", "", "]"])
async def test_host_that_is_none_is_no_fault_of_ours(office: Office, host: str) -> None:
    async with office.browser() as browser:
        headers = {"Host": host}
        page = await browser.client.get("/inbox?view=%5B&ticket=http://[", headers=headers)
        assert page.status_code == 303
        assert page.headers["location"].startswith("/inbox/sign-in?next=%2Finbox%3Fview")
        assert (await browser.client.get("/inbox/api/me", headers=headers)).status_code == 401
        body = {"email": "agent@example.com", "password": PASSWORD, "code": None}
        headers["Origin"] = f"http://{host}"
        signed_in = await browser.client.post("/inbox/api/sign-in", json=body, headers=headers)
        assert signed_in.status_code == 403
