"""Every route of the inbox against everybody who may come to it. A route without a row fails."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest
from fastapi.routing import iter_route_contexts

from bot.domain.agent import Role
from bot.ports import AgentChange
from bot.services.agents import IDLE, LONGEST
from tests.channels.office import PASSWORD, Browser, Office, slug

WHO = ("none", "expired", "agent", "admin")

# What each of them gets, in the order of WHO. An unsafe request with an empty body, so 422 says
# that the route would have worked on it.
ALL = (200, 200, 200, 200)
PAGE = (303, 303, 200, 200)
ADMIN_PAGE = (303, 303, 404, 200)
SIGNED_IN = (401, 401, 200, 200)
UNREADABLE = (401, 401, 422, 422)
UNKNOWN = (401, 401, 404, 404)
ROWS: Mapping[str, tuple[int, int, int, int]] = {
    "GET /inbox": PAGE,
    "GET /inbox/account": PAGE,
    "GET /inbox/agents": ADMIN_PAGE,
    "GET /inbox/sign-in": ALL,
    "GET /inbox/static/{name}": ALL,
    "POST /inbox/api/sign-in": (422, 422, 422, 422),
    "POST /inbox/api/invitation": (422, 422, 422, 422),
    "POST /inbox/api/sign-out": (401, 401, 204, 204),
    "GET /inbox/api/me": SIGNED_IN,
    "POST /inbox/api/account/profile": SIGNED_IN,
    "POST /inbox/api/account/password": UNREADABLE,
    "POST /inbox/api/account/codes": UNREADABLE,
    "POST /inbox/api/account/codes/confirm": UNREADABLE,
    "POST /inbox/api/account/codes/remove": UNREADABLE,
    "GET /inbox/api/admin/agents": (401, 401, 404, 200),
    "POST /inbox/api/admin/agents": (401, 401, 404, 422),
    "POST /inbox/api/admin/agents/{agent_id}/{deed}": (401, 401, 404, 202),
    "GET /inbox/static/inbox/{name}": ALL,
    "GET /inbox/api/queue": SIGNED_IN,
    "GET /inbox/api/agents": SIGNED_IN,
    "GET /inbox/api/canned": SIGNED_IN,
    "GET /inbox/api/events": SIGNED_IN,
    "GET /inbox/api/customers/{customer_id}": UNKNOWN,
    "POST /inbox/api/customers/{customer_id}/labels": UNKNOWN,
    "GET /inbox/api/conversations": SIGNED_IN,
    "GET /inbox/api/conversations/{conversation_id}": UNKNOWN,
    "POST /inbox/api/conversations/{conversation_id}/take-over": UNKNOWN,
    "GET /inbox/api/tickets/{ticket_id}": UNKNOWN,
    "POST /inbox/api/tickets/{ticket_id}/assign": UNREADABLE,
    "POST /inbox/api/tickets/{ticket_id}/attend": UNKNOWN,
    "POST /inbox/api/tickets/{ticket_id}/claim": UNKNOWN,
    "POST /inbox/api/tickets/{ticket_id}/leave": UNKNOWN,
    "POST /inbox/api/tickets/{ticket_id}/merge": UNREADABLE,
    "POST /inbox/api/tickets/{ticket_id}/note": UNREADABLE,
    "POST /inbox/api/tickets/{ticket_id}/prioritise": UNREADABLE,
    "POST /inbox/api/tickets/{ticket_id}/reopen": UNKNOWN,
    "POST /inbox/api/tickets/{ticket_id}/reply": UNREADABLE,
    "POST /inbox/api/tickets/{ticket_id}/resolve": UNKNOWN,
    "POST /inbox/api/tickets/{ticket_id}/return": UNKNOWN,
    "POST /inbox/api/tickets/{ticket_id}/snooze": UNREADABLE,
    "POST /inbox/api/tickets/{ticket_id}/typing": UNKNOWN,
    "POST /inbox/api/tickets/{ticket_id}/wake": UNKNOWN,
    "POST /inbox/api/tickets/{ticket_id}/wrong": UNREADABLE,
    "GET /inbox/api/outbox/dead": (401, 401, 404, 200),
    "POST /inbox/api/outbox/{key}/replay": (401, 401, 404, 404),
    "POST /inbox/api/admin/audit/export": (401, 401, 404, 202),
}
VALUES = {
    "deed": "disable",
    "ticket_id": "0" * 32,
    "conversation_id": "0" * 32,
    "customer_id": "c-1",
    "key": "k",
}
NAMES = {"/inbox/static/{name}": "inbox.css", "/inbox/static/inbox/{name}": "main.js"}


@pytest.fixture
async def office() -> Office:
    office = Office()
    office.app.state.desk.arrivals.close()  # ends event streams as soon as they began
    await office.add("agent@example.com")
    await office.add("admin@example.com", Role.ADMIN)
    return office


@pytest.fixture
async def browsers(office: Office) -> AsyncIterator[Mapping[str, Browser]]:
    async with (
        office.browser() as none,
        office.browser("admin@example.com") as expired,
        office.browser("agent@example.com") as agent,
        office.browser("admin@example.com") as admin,
    ):
        office.clock.advance(minutes=90)
        for browser in (agent, admin):
            await browser.get("/api/me")
        office.clock.advance(minutes=90)
        yield {"none": none, "expired": expired, "agent": agent, "admin": admin}


def routes_of(office: Office) -> list[str]:
    return sorted(
        f"{method} {route.path}"
        for route in iter_route_contexts(office.app.routes)
        if route.path and f"{route.path}/".startswith("/inbox/")
        for method in route.methods or ()
        if method != "HEAD"
    )


async def test_every_route_has_a_row(office: Office) -> None:
    assert routes_of(office) == sorted(ROWS)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("row", ROWS)
async def test_route_is_for_whom_it_is(
    office: Office, browsers: Mapping[str, Browser], row: str, who: str
) -> None:
    method, _, template = row.partition(" ")
    agent = await office.agents.agent_by_email("agent@example.com")
    assert agent is not None
    path = template.format(**VALUES, name=NAMES.get(template), agent_id=agent.id)
    browser = browsers[who]
    body = {} if method == "POST" else None
    response = await browser.client.request(method, path, json=body, headers=browser.headers)
    assert response.status_code == ROWS[row][WHO.index(who)]
    if response.status_code == 401:
        assert slug(response) == "sign-in-needed"
        assert "www-authenticate" not in response.headers
    if response.status_code == 303:
        assert response.headers["location"] == "/inbox/sign-in"


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
