"""The widget without a mouse, without eyes, with an input method."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from bot.app import create_app
from tests.chromium import DESK, LOOP, PHONE, ask, browser, composer, open_panel, pytestmark
from tests.fakes import FakeBot
from tests.web import serve

__all__ = ["browser", "pytestmark"]

SERIOUS = {"serious", "critical"}
ACTIVE = """() => {
  let node = document.activeElement;
  while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node.ariaLabel ?? node.textContent.trim();
}"""


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest_asyncio.fixture(**LOOP)
async def url(bot: FakeBot) -> AsyncIterator[str]:
    async with serve(create_app(bot)) as url:
        yield url


@pytest_asyncio.fixture(**LOOP)
async def page(browser: Browser, url: str) -> AsyncIterator[Page]:
    context = await browser.new_context(
        locale="en-US", viewport=DESK, color_scheme="light", reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(f"{url}/demo")
    yield page
    await context.close()


async def find_faults(page: Page) -> list[tuple[str, str]]:
    """The serious findings of axe-core, with the places."""
    results = await Axe().run(page)
    violations: list[Mapping[str, Any]] = results.response["violations"]
    return [
        (violation["id"], str(node["target"]))
        for violation in violations
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("size", ["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(
    page: Page, bot: FakeBot, scheme: Literal["light", "dark"], size: str
) -> None:
    bot.dialogue.text = "Open **Settings** [1].\n\n| A | B |\n|---|---|\n| `c` | d |\n\n```\nx\n```"
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if size == "phone":
        await page.set_viewport_size(PHONE)
    assert await find_faults(page) == []
    await open_panel(page)
    assert await find_faults(page) == []
    await ask(page, "How do I create a team?")
    await page.get_by_role("button", name="Not helpful").click()
    await page.get_by_role("button", name="Incomplete").click()
    await page.context.set_offline(True)
    await ask(page, "And now?")
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await find_faults(page) == []


async def test_axe_would_find_something(page: Page) -> None:
    await page.evaluate("document.querySelector('input').removeAttribute('aria-label')")
    await page.evaluate("document.querySelector('input').removeAttribute('placeholder')")
    assert await find_faults(page) != []


async def test_the_keyboard_does_everything(page: Page, bot: FakeBot) -> None:
    launcher = page.locator(".launcher")
    await launcher.focus()
    await page.keyboard.press("Enter")
    await expect(composer(page)).to_be_focused()
    await page.keyboard.type("two")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("lines")
    await page.keyboard.press("Enter")
    await expect(page.locator(".log .sources")).to_be_visible()
    assert bot.store.log[0].text == "two\nlines"
    await expect(composer(page)).to_be_focused()
    await expect(composer(page)).to_have_value("")
    await launcher.focus()
    names = []
    while "Talk to a person" not in names:
        await page.keyboard.press("Tab")
        names.append(await page.evaluate(ACTIVE))
    assert names[:3] == ["用中文显示", "New conversation", "Close"]
    assert names[-8:] == [
        "Source 1: Teams, opens in a new tab",
        "Teams",
        "Helpful",
        "Not helpful",
        "Copy with sources",
        "Your question",
        "Send",
        "Talk to a person",
    ]


async def test_escape_closes_and_focus_returns(page: Page) -> None:
    await open_panel(page)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    launcher = page.get_by_role("button", name="Open the help assistant")
    await expect(launcher).to_be_focused()
    await expect(launcher).to_have_attribute("aria-expanded", "false")


async def test_escape_in_the_reasons_closes_only_them(page: Page) -> None:
    await open_panel(page)
    await ask(page, "How do I create a team?")
    await page.get_by_role("button", name="Not helpful").click()
    await expect(page.get_by_role("button", name="Incorrect")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".reasons")).to_have_count(0)
    await expect(page.get_by_role("button", name="Not helpful")).to_be_focused()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_a_sheet_keeps_the_focus_and_gives_it_back(page: Page) -> None:
    await page.set_viewport_size(PHONE)
    await open_panel(page)
    for _ in range(12):
        await page.keyboard.press("Tab")
        inside = "document.activeElement.localName"
        assert await page.evaluate(inside) in ("firstline-widget", "body")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Open the help assistant")).to_be_focused()


@pytest.mark.parametrize("state", ["{isComposing: true}", "{keyCode: 229}"])
async def test_enter_that_ends_a_composition_sends_nothing(
    page: Page, bot: FakeBot, state: str
) -> None:
    await open_panel(page)
    await composer(page).fill("tuandui")
    await composer(page).evaluate(
        "node => node.dispatchEvent(new KeyboardEvent('keydown',"
        f" {{key: 'Enter', bubbles: true, cancelable: true, ...{state}}}))"
    )
    await expect(composer(page)).to_have_value("tuandui")
    assert bot.store.log == []


async def test_targets_are_large_enough_to_touch(page: Page) -> None:
    await page.set_viewport_size(PHONE)
    await open_panel(page)
    await ask(page, "How do I create a team?")
    await page.get_by_role("button", name="Not helpful").click()
    await expect(page.get_by_role("button", name="Incorrect")).to_be_visible()
    small: list[str] = await page.locator("firstline-widget button").evaluate_all(
        "nodes => nodes.filter(n => n.offsetWidth && (n.offsetWidth < 44 || n.offsetHeight < 44))"
        ".map(n => `${n.className} ${n.offsetWidth}x${n.offsetHeight}`)"
    )
    assert small == []


async def test_history_is_not_read_out_again(page: Page) -> None:
    await open_panel(page)
    await ask(page, "How do I create a team?")
    await expect(page.locator(".log .sources")).to_be_visible()
    await expect(page.locator(".log")).to_have_attribute("role", "log")
    await page.reload()
    await expect(page.locator(".log .sources")).to_be_visible()
    await expect(page.locator(".log")).to_have_attribute("aria-live", "polite")
