"""Requests that a foreign page makes a signed-in agent's browser send."""

from collections.abc import AsyncIterator, Mapping

import pytest

from bot.channels.inbox.cookies import csrf_token
from tests.channels.office import ORIGIN, Browser, Office, slug

PROFILE = "/inbox/api/account/profile"
JSON = "application/json"


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.add("li@example.com")
    return office


@pytest.fixture
async def browser(office: Office) -> AsyncIterator[Browser]:
    async with office.browser("li@example.com") as browser:
        yield browser


FORGED: Mapping[str, Mapping[str, str | None]] = {
    "no token": {"X-CSRF-Token": None},
    "empty token": {"X-CSRF-Token": ""},
    "wrong token": {"X-CSRF-Token": "0" * 64},
    "token that is no text": {"X-CSRF-Token": "\u00e9"},
    "token of nobody's session": {"X-CSRF-Token": csrf_token("")},
    "no origin": {"Origin": None},
    "foreign origin": {"Origin": "https://evil.example"},
    "null origin": {"Origin": "null"},
    "other port": {"Origin": f"{ORIGIN}:8080"},
    "other scheme": {"Origin": "https://localhost"},
    "origin that begins alike": {"Origin": "http://localhost.evil.example"},
    "same-site page": {"Sec-Fetch-Site": "same-site"},
    "cross-site page": {"Sec-Fetch-Site": "cross-site"},
    "text/plain": {"Content-Type": "text/plain"},
    "form": {"Content-Type": "application/x-www-form-urlencoded"},
    "multipart": {"Content-Type": "multipart/form-data; boundary=x"},
    "no type": {"Content-Type": None},
    "type that begins alike": {"Content-Type": "application/json-seq"},
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
async def test_forged_request_does_nothing(
    office: Office, browser: Browser, change: Mapping[str, str | None]
) -> None:
    headers = {**browser.headers, "Content-Type": JSON, **change}
    sent = {k: v.encode() for k, v in headers.items() if v is not None}
    response = await browser.client.post(PROFILE, content='{"name": "X"}', headers=sent)
    assert response.status_code == 403
    assert slug(response) in ("forgery-refused", "origin-refused")
    agent = await office.agents.agent_by_email("li@example.com")
    assert agent is not None
    assert agent.name == "Li"


async def test_own_request_works(office: Office, browser: Browser) -> None:
    headers = {**browser.headers, "Content-Type": f"{JSON}; charset=utf-8"}
    headers["Sec-Fetch-Site"] = "same-origin"
    response = await browser.client.post(PROFILE, content='{"name": "Wang"}', headers=headers)
    assert response.status_code == 200
    agent = await office.agents.agent_by_email("li@example.com")
    assert agent is not None
    assert agent.name == "Wang"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "LOCK"])
async def test_every_method_but_reading_is_guarded(browser: Browser, method: str) -> None:
    response = await browser.client.request(method, PROFILE, json={})
    assert slug(response) == "forgery-refused"


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
async def test_no_header_makes_reading_an_action(
    office: Office, browser: Browser, header: str
) -> None:
    response = await browser.client.get(
        f"{PROFILE}?_method=POST&name=Changed", headers={header: "POST"}
    )
    assert response.status_code == 405
    assert office.actions()[-1] == "sign-in"


async def test_token_is_of_one_session(office: Office, browser: Browser) -> None:
    async with office.browser("li@example.com") as other:
        headers = {**browser.headers, "X-CSRF-Token": other.csrf}
        response = await browser.client.post(PROFILE, json={}, headers=headers)
        assert slug(response) == "forgery-refused"


async def test_foreign_page_cannot_sign_its_visitor_in(office: Office) -> None:
    async with office.browser() as browser:
        for change in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
            response = await browser.client.post(
                "/inbox/api/sign-in",
                json={"email": "li@example.com", "password": "correct horse battery"},
                headers={**browser.headers, **change},
            )
            assert response.status_code == 403
            assert "set-cookie" not in response.headers


async def test_site_that_carries_the_widget_is_a_foreign_page_too(browser: Browser) -> None:
    # On a loopback address every local page may use the widget's routes, but not these.
    headers = {**browser.headers, "Origin": "http://localhost:3000"}
    response = await browser.client.post(PROFILE, json={}, headers=headers)
    assert slug(response) == "forgery-refused"


async def test_token_is_told_to_no_other_origin(browser: Browser) -> None:
    response = await browser.client.get(
        "/inbox/api/me", headers={"Origin": "http://localhost:3000"}
    )
    assert "access-control-allow-credentials" not in response.headers
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
