"""The inbox's pages in a real browser: in both languages, without a mouse, light and dark."""

import re
from collections.abc import AsyncIterator
from typing import Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from bot.domain.agent import Role
from bot.services.proving import Proof
from tests.channels.office import PASSWORD, Office
from tests.chromium import DESK, LOOP, PHONE, Witness, browser, expect_width, pytestmark
from tests.web import serve

__all__ = ["browser", "pytestmark"]

LI = "li@example.com"
NEW = "staple fence orchard"


@pytest.fixture
def office() -> Office:
    return Office()


@pytest_asyncio.fixture(**LOOP)
async def url(office: Office) -> AsyncIterator[str]:
    await office.add(LI)
    await office.add("boss@example.com", Role.ADMIN)
    async with serve(office.app) as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest_asyncio.fixture(**LOOP)
async def page(browser: Browser, url: str) -> AsyncIterator[Page]:
    context = await browser.new_context(
        locale="en-US", viewport=DESK, color_scheme="light", reduced_motion="reduce"
    )
    page = await context.new_page()
    witness = Witness(url)
    witness.watch(page)
    await page.goto(f"{url}/inbox")
    yield page
    await context.close()
    assert witness.offences == []


async def sign_in(page: Page, email: str = LI, password: str = PASSWORD) -> None:
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.keyboard.press("Enter")


async def signed_in(page: Page, email: str = LI) -> None:
    await sign_in(page, email)
    await expect(page.get_by_role("region", name="Tickets")).to_be_visible()
    await page.goto(page.url.partition("/inbox")[0] + "/inbox/account")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def find_faults(page: Page) -> list[str]:
    results = await Axe().run(page)
    return [
        f"{violation['id']} {node['target']}"
        for violation in results.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def code_of(office: Office) -> str:
    return office.code_of("secret-1")


async def test_who_is_not_signed_in_is_asked_to_and_comes_in(page: Page) -> None:
    await expect(page).to_have_url(re.compile("/inbox/sign-in$"))
    await expect(page.get_by_label("E-mail")).to_be_focused()
    await sign_in(page, password="wrong")
    await expect(page.get_by_role("alert")).to_have_text("That is not right. Check what you typed.")
    await signed_in(page)
    await expect(page.get_by_role("link", name="Agents")).to_have_count(0)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(re.compile("/inbox/sign-in$"))
    await page.go_back()
    await expect(page).to_have_url(re.compile("/inbox/sign-in$"))


async def test_session_that_is_over_leads_to_sign_in(page: Page, office: Office) -> None:
    await signed_in(page)
    await page.get_by_role("link", name="Li").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    office.clock.advance(hours=3)
    await page.get_by_role("button", name="Save").click()
    await expect(page).to_have_url(re.compile("/inbox/sign-in$"))


async def test_language_is_changed_and_kept(page: Page, office: Office) -> None:
    await page.get_by_role("link", name="中文").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("登录收件箱")
    await page.get_by_role("link", name="English").click()
    await signed_in(page)
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("我的账号")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    agent = await office.agents.agent_by_email(LI)
    assert agent is not None
    assert agent.locale == "zh"


async def test_sign_in_in_the_other_language_leads_to_the_same_page(page: Page, url: str) -> None:
    await page.goto(f"{url}/inbox/sign-in?next=%2Finbox%2Faccount%3Ffrom%3Dmail")
    await page.get_by_role("link", name="中文").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("登录收件箱")
    await page.get_by_role("link", name="English").click()
    await sign_in(page)
    await expect(page).to_have_url(f"{url}/inbox/account?from=mail")


async def test_invitation_survives_a_change_of_language(page: Page, url: str) -> None:
    await page.goto("about:blank")  # from the sign-in page only the fragment would change
    await page.goto(f"{url}/inbox/sign-in#invitation=abc")
    await page.get_by_role("link", name="中文").click()
    await expect(page.get_by_label("新密码", exact=True)).to_be_focused()
    await expect(page).not_to_have_url(re.compile("invitation"))


async def test_invitation_sets_the_password(browser: Browser, page: Page, url: str) -> None:
    await signed_in(page, "boss@example.com")
    await page.get_by_role("link", name="Agents").click()
    await page.get_by_label("E-mail").fill("new@example.com")
    await page.get_by_label("Name").fill("<img src=x onerror=alert(1)>")
    await page.get_by_label("Your password").fill(PASSWORD)
    await page.get_by_role("button", name="Add an agent").click()
    invitation = page.get_by_role("textbox", name="Invitation")
    await expect(invitation).to_have_value(re.compile("#invitation=."))
    link = await invitation.input_value()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    name = page.get_by_role("rowheader", name="<img src=x onerror=alert(1)>")
    await expect(name).to_be_visible()
    guest = await (await browser.new_context(locale="en-US")).new_page()
    await guest.goto(link)
    await expect(guest).not_to_have_url(re.compile("invitation"))
    await guest.get_by_label("New password", exact=True).fill(NEW)
    await guest.get_by_label("New password again").fill("another one of them")
    await guest.get_by_role("button", name="Set password").click()
    await expect(guest).to_have_url(re.compile("/inbox/sign-in$"))
    await guest.get_by_label("New password again").fill(NEW)
    await guest.get_by_role("button", name="Set password").click()
    await expect(guest.get_by_role("region", name="Tickets")).to_be_visible()
    await guest.context.close()


async def test_password_is_changed(page: Page, url: str) -> None:
    await signed_in(page)
    await page.goto(f"{url}/inbox/account")
    card = page.locator("section", has_text="Changing it signs you out")
    await card.get_by_label("Current password").fill("wrong")
    await card.get_by_label("New password").fill(NEW)
    await card.get_by_role("button").click()
    await expect(card.get_by_role("alert")).to_have_text("Password or code is not right.")
    await card.get_by_label("Current password").fill(PASSWORD)
    await card.get_by_role("button").click()
    await expect(card.get_by_role("status")).to_contain_text("The password is changed.")
    await page.get_by_role("button", name="Save").click()  # with the new session's token
    await expect(page.get_by_text("Saved.")).to_be_visible()


async def test_two_step_sign_in_is_set_up_and_asked_for(
    page: Page, office: Office, url: str
) -> None:
    await signed_in(page)
    await page.goto(f"{url}/inbox/account")
    card = page.locator("#codes")
    await card.get_by_label("Current password").fill(PASSWORD)
    await card.get_by_role("button", name="Set up").click()
    await expect(card.get_by_role("img", name="QR code")).to_be_visible()
    await expect(card.locator(".secret")).to_have_text("secr et-1")
    await card.get_by_label("One-time code").fill(code_of(office))
    await card.get_by_role("button", name="Turn on").click()
    await expect(card.get_by_text("Two-step sign-in is on.")).to_be_visible()
    await expect(card.get_by_role("listitem")).to_have_count(10)
    codes = await card.get_by_role("listitem").all_text_contents()
    assert len(set(codes)) == 10
    assert await find_faults(page) == []
    await card.get_by_role("button", name="I have kept them").click()
    await expect(card).to_contain_text("Recovery codes left: 10")
    await expect(page.get_by_text(codes[0])).to_have_count(0)
    office.clock.advance(minutes=1)
    await page.get_by_role("button", name="Sign out").click()
    for code in (code_of(office), codes[3].upper()):
        await sign_in(page)
        await expect(page.get_by_label("One-time code")).to_be_focused()
        await page.get_by_label("One-time code").fill(code)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("region", name="Tickets")).to_be_visible()
        await page.goto(f"{url}/inbox/account")
        await page.get_by_role("button", name="Sign out").click()


async def enrolled(page: Page, office: Office, url: str) -> None:
    """On the account's page, with an app that shows another code by now."""
    await signed_in(page)
    await page.goto(f"{url}/inbox/account")
    card = page.locator("#codes")
    await card.get_by_label("Current password").fill(PASSWORD)
    await card.get_by_role("button", name="Set up").click()
    await card.get_by_label("One-time code").fill(code_of(office))
    await card.get_by_role("button", name="Turn on").click()
    await card.get_by_role("button", name="I have kept them").click()
    office.clock.advance(minutes=1)


async def test_recovery_codes_are_made_anew_with_password_and_code(
    page: Page, office: Office, url: str
) -> None:
    await enrolled(page, office, url)
    part = page.locator("#codes form", has_text="Make new ones")
    await part.get_by_label("Current password").fill(PASSWORD)
    await part.get_by_label("One-time code").fill("000000")
    await part.get_by_role("button").click()
    await expect(part.get_by_role("alert")).to_be_visible()
    await part.get_by_label("One-time code").fill(code_of(office))
    await part.get_by_role("button").click()
    await expect(page.get_by_text("The former recovery codes open nothing")).to_be_visible()
    await page.get_by_role("button", name="I have kept them").click()
    assert await find_faults(page) == []
    # The same code once more, on the form that turns it off.
    part = page.locator("#codes form", has_text="Turn off")
    await part.get_by_label("Current password").fill(PASSWORD)
    await part.get_by_label("One-time code").fill(code_of(office))
    await part.get_by_role("button").click()
    await expect(part.get_by_role("alert")).to_contain_text("Wait until your app shows the next")
    office.clock.advance(minutes=1)
    await part.get_by_label("One-time code").fill(code_of(office))
    await part.get_by_role("button").click()
    await expect(page.get_by_text("Two-step sign-in is off.")).to_be_visible()


async def test_password_is_changed_with_a_code_where_there_is_an_app(
    page: Page, office: Office, url: str
) -> None:
    await enrolled(page, office, url)
    card = page.locator("section", has_text="Changing it signs you out")
    await card.get_by_label("Current password").fill(PASSWORD)
    await card.get_by_label("New password").fill(NEW)
    await card.get_by_role("button").click()
    await expect(card.get_by_label("One-time code")).to_be_focused()
    await card.get_by_label("One-time code").fill(code_of(office))
    await card.get_by_role("button").click()
    await expect(card.get_by_role("status")).to_contain_text("The password is changed.")


async def test_sensitive_action_asks_for_the_code_of_who_has_an_app(
    page: Page, office: Office, url: str
) -> None:
    boss = "boss@example.com"
    session = (await office.staff.sessions.sign_in(boss, Proof(PASSWORD))).session
    await office.staff.accounts.enrol(session, Proof(PASSWORD))
    await office.staff.accounts.confirm_enrolment(session, code_of(office))
    office.clock.advance(minutes=1)
    await sign_in(page, boss)
    await page.get_by_label("One-time code").fill(code_of(office))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="Tickets")).to_be_visible()
    office.clock.advance(minutes=1)
    await page.goto(f"{url}/inbox/agents")
    await page.get_by_label("Actions for Li").select_option("Disable")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Your password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_label("One-time code")).to_be_focused()
    await dialog.get_by_label("One-time code").fill(code_of(office))
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("row", name="Li li@example.com")).to_contain_text("Disabled")


async def test_sensitive_action_says_what_it_does_and_asks_again(
    page: Page, office: Office, url: str
) -> None:
    await signed_in(page, "boss@example.com")
    await page.goto(f"{url}/inbox/agents")
    await page.get_by_label("Actions for Li").select_option("Disable")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Li is signed out at once")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.get_by_label("Actions for Li").select_option("Disable")
    await dialog.get_by_label("Your password").fill("wrong")
    await dialog.get_by_role("button", name="Disable").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Password or code is not right.")
    await dialog.get_by_label("Your password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("row", name="Li li@example.com")).to_contain_text("Disabled")


async def test_audit_log_is_exported(page: Page, url: str) -> None:
    await signed_in(page, "boss@example.com")
    await page.goto(f"{url}/inbox/agents")
    await page.get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Your password").fill(PASSWORD)
    async with page.expect_download() as download:
        await dialog.get_by_role("button", name="Export").click()
    assert (await download.value).suggested_filename == "audit.jsonl"


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(
    page: Page, url: str, scheme: Literal["light", "dark"], size: str
) -> None:
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if size == "phone":
        await page.set_viewport_size(PHONE)
    await sign_in(page, password="wrong")
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await find_faults(page) == []
    await signed_in(page, "boss@example.com")
    for name in ("", "/account", "/agents"):
        await page.goto(f"{url}/inbox{name}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await find_faults(page) == []
    await page.get_by_role("button", name="Export").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await find_faults(page) == []


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_nothing_hangs_over_the_edge(page: Page, url: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 700})
    await signed_in(page, "boss@example.com")
    for name in ("", "/account", "/agents"):
        await page.goto(f"{url}/inbox{name}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect_width(page, width)
