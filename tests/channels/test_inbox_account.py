"""Sign-in and one's own account, as a browser uses them."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.domain.agent import Agent, Role
from bot.services.agent_administration import Deed
from bot.services.pacing import OF_PAIR
from tests.channels.office import PASSWORD, Browser, Office, slug

LI = "li@example.com"
NEW = "staple fence orchard"


@pytest.fixture
async def office() -> Office:
    office = Office()
    await office.add(LI)
    return office


@pytest.fixture
async def browser(office: Office) -> AsyncIterator[Browser]:
    async with office.browser(LI) as browser:
        yield browser


def cookies_of(response: httpx.Response) -> dict[str, list[str]]:
    """Attributes by name."""
    pairs = (header.split("; ") for header in response.headers.get_list("set-cookie"))
    return {pair.partition("=")[0]: sorted(attributes) for pair, *attributes in pairs}


def code_of(office: Office) -> str:
    return office.code_of("secret-1")


async def test_cookie_is_out_of_reach_over_https(office: Office) -> None:
    async with office.browser(origin="https://desk.example.com") as browser:
        cookies = cookies_of(await browser.sign_in(LI))
    closed = ["HttpOnly", "Path=/", "SameSite=strict", "Secure"]
    assert cookies == {
        "__Host-firstline-agent": closed,
        "__Host-firstline-agent-device": sorted([*closed, "Max-Age=15552000"]),
    }


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
async def test_own_machine_may_do_without_https(office: Office, host: str) -> None:
    async with office.browser(origin=f"http://{host}") as browser:
        cookies = cookies_of(await browser.sign_in(LI))
        assert (await browser.get("/api/me")).status_code == 200
    closed = ["HttpOnly", "Path=/", "SameSite=strict"]
    assert cookies == {
        "firstline-agent": closed,
        "firstline-agent-device": sorted([*closed, "Max-Age=15552000"]),
    }


@pytest.mark.parametrize("origin", ["http://desk.example.com", "http://localhost.evil.example"])
async def test_no_password_is_taken_over_plain_http(office: Office, origin: str) -> None:
    async with office.browser(origin=origin) as browser:
        response = await browser.sign_in(LI)
    assert slug(response) == "insecure-connection"
    assert office.passwords.verified == []


async def test_session_that_a_stranger_chose_is_never_taken(office: Office) -> None:
    async with office.browser() as browser:
        chosen = "a" * 43
        browser.client.cookies.set("firstline-agent", chosen, domain="localhost.local")
        await browser.sign_in(LI)
        assert browser.client.cookies["firstline-agent"] != chosen
    assert await office.staff.sessions.find(chosen) is None


async def test_sign_in_ends_the_session_of_before(office: Office, browser: Browser) -> None:
    first = browser.client.cookies["firstline-agent"]
    await browser.sign_in(LI)
    assert browser.client.cookies["firstline-agent"] != first
    assert await office.staff.sessions.find(first) is None


async def test_store_knows_no_token(office: Office, browser: Browser) -> None:
    token = browser.client.cookies["firstline-agent"]
    session = await office.staff.sessions.find(token)
    assert session is not None
    assert token not in repr(session)
    assert token not in repr(vars(office.agents))
    assert PASSWORD not in repr(office.audit.log)


async def test_refusals_look_alike(office: Office) -> None:
    await office.add("gone@example.com", active=False)
    answers = []
    async with office.browser() as browser:
        for email in (LI, "nobody@example.com", "gone@example.com", "no address", "", "\x00"):
            response = await browser.sign_in(email, "wrong")
            answers.append((response.status_code, response.text, "set-cookie" in response.headers))
    assert len(set(answers)) == 1
    assert answers[0][0] == 401
    assert len(office.passwords.verified) == 6  # each time a password was compared


async def test_failures_make_the_next_wait_which_the_answer_tells(office: Office) -> None:
    async with office.browser() as browser:
        for _ in range(OF_PAIR.free):
            assert slug(await browser.sign_in(LI, "wrong")) == "credentials-refused"
        response = await browser.sign_in(LI)
        assert slug(response) == "too-many-requests"
        assert response.headers["retry-after"] == "5"
        office.clock.advance(seconds=5)
        assert (await browser.sign_in(LI)).status_code == 200


async def test_browser_of_before_is_let_in_whatever_strangers_try(
    office: Office, browser: Browser
) -> None:
    await browser.post("/api/sign-out")
    assert "firstline-agent-device" in browser.client.cookies
    async with office.browser() as stranger:  # from the same address
        for _ in range(OF_PAIR.free):
            await stranger.sign_in(LI, "wrong")
        assert slug(await stranger.sign_in(LI)) == "too-many-requests"
    assert (await browser.sign_in(LI)).status_code == 200


async def test_browser_that_is_known_still_needs_the_password(
    office: Office, browser: Browser
) -> None:
    device = browser.client.cookies["firstline-agent-device"]
    async with office.browser() as other:
        headers = {"Cookie": f"firstline-agent={device}; firstline-agent-device={device}"}
        response = await other.client.get("/inbox/api/me", headers=headers)
        assert response.status_code == 401
    assert device not in repr(vars(office.agents))


async def test_signed_out_is_out(office: Office, browser: Browser) -> None:
    token = browser.client.cookies["firstline-agent"]
    response = await browser.post("/api/sign-out")
    assert response.status_code == 204
    assert "firstline-agent" not in browser.client.cookies
    assert await office.staff.sessions.find(token) is None
    assert office.actions()[-1] == "sign-out"


async def test_me_is_who_is_signed_in(browser: Browser) -> None:
    me = (await browser.get("/api/me")).json()
    assert me == {
        "id": browser.me["id"],
        "email": LI,
        "name": "Li",
        "role": "agent",
        "team": None,
        "locale": "en",
        "active": True,
        "has_codes": False,
        "recovery_codes": 0,
        "csrf": browser.csrf,
    }


async def test_profile_is_changed(office: Office, browser: Browser) -> None:
    changed = await browser.post("/api/account/profile", {"name": " 李 ", "locale": "zh"})
    assert (changed.json()["name"], changed.json()["locale"]) == ("李", "zh")
    assert 'lang="zh-CN"' in (await browser.get("/account")).text
    response = await browser.post("/api/account/profile", {"role": "admin"})
    assert response.status_code == 422
    response = await browser.post("/api/account/profile", {"name": "a\x00b"})
    assert response.json()["name"] == "a\ufffdb"


async def test_new_password_ends_all_sessions_but_a_new_one(
    office: Office, browser: Browser
) -> None:
    async with office.browser(LI) as other:
        former = browser.client.cookies["firstline-agent"]
        body = {"current": PASSWORD, "password": NEW}
        changed = await browser.post("/api/account/password", body)
        assert changed.status_code == 200
        browser.csrf = changed.json()["csrf"]
        assert (await other.get("/api/me")).status_code == 401
    assert await office.staff.sessions.find(former) is None
    assert (await browser.post("/api/account/profile")).status_code == 200
    async with office.browser() as later:
        assert (await later.sign_in(LI)).status_code == 401
        assert (await later.sign_in(LI, NEW)).status_code == 200


async def test_password_is_not_changed_without_the_current_one(browser: Browser) -> None:
    body = {"current": "wrong", "password": NEW}
    assert slug(await browser.post("/api/account/password", body)) == "credentials-refused"
    body = {"current": PASSWORD, "password": "short"}
    assert slug(await browser.post("/api/account/password", body)) == "weak-password"
    assert (await browser.get("/api/me")).status_code == 200


async def test_stolen_session_cannot_guess_the_password_for_long(browser: Browser) -> None:
    body = {"current": "wrong", "password": NEW}
    answers = [slug(await browser.post("/api/account/password", body)) for _ in range(11)]
    assert answers == ["credentials-refused"] * 10 + ["too-many-requests"]


async def enrol(office: Office, browser: Browser) -> list[str]:
    """Gives the recovery codes."""
    begun = (await browser.post("/api/account/codes", {"password": PASSWORD})).json()
    assert begun["address"] == f"otpauth://totp/{LI}?secret=secret-1"
    assert begun["secret"] == "secret-1"
    response = await browser.post("/api/account/codes/confirm", {"code": code_of(office)})
    codes: list[str] = response.json()["recovery_codes"]
    return codes


async def test_codes_count_from_their_confirmation_on(office: Office, browser: Browser) -> None:
    await browser.post("/api/account/codes", {"password": PASSWORD})
    response = await browser.post("/api/account/codes/confirm", {"code": "0"})
    assert slug(response) == "credentials-refused"
    async with office.browser(LI):
        pass  # not asked for a code yet
    assert (await browser.get("/api/me")).json()["has_codes"] is False


async def test_code_is_needed_and_used_once(office: Office, browser: Browser) -> None:
    await enrol(office, browser)
    assert (await browser.get("/api/me")).json()["has_codes"] is True
    async with office.browser() as other:
        assert slug(await other.sign_in(LI)) == "code-needed"
        assert slug(await other.sign_in(LI, "wrong")) == "credentials-refused"
        # The one that confirmed the app is used up.
        response = await other.sign_in(LI, code=code_of(office))
        assert slug(response) == "code-used"
        office.clock.advance(minutes=1)
        code = code_of(office)
        assert (await other.sign_in(LI, code=code)).status_code == 200
        assert slug(await other.sign_in(LI, code=code)) == "code-used"
    assert "code-used" in repr(office.audit.log[-1])


async def test_codes_are_turned_off_with_password_and_code(
    office: Office, browser: Browser
) -> None:
    await enrol(office, browser)
    office.clock.advance(minutes=1)
    path = "/api/account/codes/remove"
    assert slug(await browser.post(path, {"password": PASSWORD})) == "code-needed"
    body = {"password": PASSWORD, "code": code_of(office)}
    assert (await browser.post(path, body)).status_code == 204
    async with office.browser(LI):
        pass


async def test_codes_are_not_enrolled_without_the_password(browser: Browser) -> None:
    response = await browser.post("/api/account/codes", {"password": "wrong"})
    assert slug(response) == "credentials-refused"


async def test_picture_of_the_address_is_a_square_of_modules(browser: Browser) -> None:
    qr = (await browser.post("/api/account/codes", {"password": PASSWORD})).json()["qr"]
    assert qr["size"] >= 29
    assert qr["path"].startswith("M4 4h1v1h-1z")  # behind the quiet zone


async def test_invitation_works_once_and_in_its_time(office: Office) -> None:
    async with office.browser() as browser:
        await office.add("boss@example.com", Role.ADMIN)
        await browser.sign_in("boss@example.com")
        body = {"email": "New@Example.com", "name": "New", "password": PASSWORD}
        added = (await browser.post("/api/admin/agents", body)).json()
    token = added["invitation"].partition("#invitation=")[2]
    async with office.browser() as browser:
        assert (await browser.sign_in("new@example.com", "")).status_code == 422
        taken = {"token": token, "password": NEW}
        weak = await browser.post("/api/invitation", {"token": token, "password": "short"})
        assert slug(weak) == "weak-password"
        assert (await browser.post("/api/invitation", taken)).status_code == 200
        assert (await browser.get("/api/me")).json()["email"] == "new@example.com"
        assert slug(await browser.post("/api/invitation", taken)) == "credentials-refused"
        body = {"token": "x", "password": NEW}
        assert slug(await browser.post("/api/invitation", body)) == "credentials-refused"


async def test_old_invitation_is_refused(office: Office) -> None:
    invited = await office.staff.administration.add(Agent("new@example.com", "New"))
    office.clock.advance(hours=72)
    async with office.browser() as browser:
        body = {"token": invited.token, "password": NEW}
        assert slug(await browser.post("/api/invitation", body)) == "credentials-refused"


async def test_recovery_codes_are_shown_once_and_each_signs_in_once(
    office: Office, browser: Browser
) -> None:
    codes = await enrol(office, browser)
    assert len(set(codes)) == 10
    assert (await browser.get("/api/me")).json()["recovery_codes"] == 10
    assert not any(code in repr(vars(office.agents)) for code in codes)
    async with office.browser() as other:
        assert (await other.sign_in(LI, code=codes[0])).status_code == 200
        assert (await other.get("/api/me")).json()["recovery_codes"] == 9
        assert slug(await other.sign_in(LI, code=codes[0])) == "credentials-refused"
    assert not any(code in repr(office.audit.log) for code in codes)


async def test_recovery_codes_are_renewed_with_password_and_code(
    office: Office, browser: Browser
) -> None:
    path = "/api/account/codes/recovery"
    assert slug(await browser.post(path, {"password": PASSWORD})) == "invalid-request"  # no app
    former = await enrol(office, browser)
    assert slug(await browser.post(path, {"password": PASSWORD})) == "code-needed"
    office.clock.advance(minutes=1)
    body = {"password": PASSWORD, "code": code_of(office)}
    renewed = (await browser.post(path, body)).json()["recovery_codes"]
    assert office.actions()[-1] == "recovery-codes.renewed"
    async with office.browser() as other:
        assert slug(await other.sign_in(LI, code=former[0])) == "credentials-refused"
        assert (await other.sign_in(LI, code=renewed[0])).status_code == 200


async def test_turning_codes_off_takes_the_recovery_codes_away(
    office: Office, browser: Browser
) -> None:
    codes = await enrol(office, browser)
    body = {"password": PASSWORD, "code": codes[0]}
    assert (await browser.post("/api/account/codes/remove", body)).status_code == 204
    assert (await browser.get("/api/me")).json()["recovery_codes"] == 0


async def test_turning_codes_on_ends_sessions_that_began_without(
    office: Office, browser: Browser
) -> None:
    async with office.browser(LI) as other:
        await enrol(office, browser)
        assert (await browser.get("/api/me")).status_code == 200
        assert (await other.get("/api/me")).status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/account/password", {"current": PASSWORD, "password": NEW}),
        ("/api/account/codes", {"password": PASSWORD}),
        ("/api/account/codes/recovery", {"password": PASSWORD}),
        ("/api/account/codes/remove", {"password": PASSWORD}),
    ],
)
async def test_sensitive_things_need_the_code_too(
    office: Office, browser: Browser, path: str, body: dict[str, str]
) -> None:
    await enrol(office, browser)
    before = len(office.audit.log)
    assert slug(await browser.post(path, body)) == "code-needed"
    used = await browser.post(path, {**body, "code": code_of(office)})
    assert slug(used) == "code-used"  # by the confirmation of the app
    assert slug(await browser.post(path, {**body, "code": "000000"})) == "credentials-refused"
    assert {entry.event.action for entry in office.audit.log[before:]} == {"proof.refused"}
    office.clock.advance(minutes=1)
    assert (await browser.post(path, {**body, "code": code_of(office)})).is_success


async def test_invitation_alone_does_not_replace_the_app(office: Office, browser: Browser) -> None:
    await enrol(office, browser)
    member = await office.staff.administration.member(browser.me["id"])
    assert member is not None
    invited = await office.staff.administration.do(member, Deed.RESET_PASSWORD)
    office.clock.advance(minutes=1)
    async with office.browser() as thief:
        body = {"token": invited.token, "password": NEW}
        assert slug(await thief.post("/api/invitation", body)) == "code-needed"
        wrong = await thief.post("/api/invitation", {**body, "code": "000000"})
        assert slug(wrong) == "credentials-refused"
        assert (await thief.get("/api/me")).status_code == 401
        right = await thief.post("/api/invitation", {**body, "code": code_of(office)})
        assert right.status_code == 200


async def test_invitation_that_two_take_at_once_is_one_s(office: Office) -> None:
    invited = await office.staff.administration.add(Agent("new@example.com", "New"))
    async with office.browser() as one, office.browser() as other:
        bodies = [{"token": invited.token, "password": f"{NEW} {n}"} for n in range(2)]
        answers = await asyncio.gather(
            one.post("/api/invitation", bodies[0]), other.post("/api/invitation", bodies[1])
        )
        assert sorted(answer.status_code for answer in answers) == [200, 401]
        found = [(await browser.get("/api/me")).status_code for browser in (one, other)]
        assert sorted(found) == [200, 401]


async def test_too_long_a_body_is_not_compared(office: Office) -> None:
    async with office.browser() as browser:
        for password in ("x" * 1001, "x" * 100_000):
            response = await browser.sign_in(LI, password)
            assert slug(response) in ("invalid-request", "too-large")
    assert office.passwords.verified == []
