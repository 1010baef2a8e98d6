"""A real browser for the tests of pages; `browser` is a fixture of each module that imports it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.web import until

CHROMIUM = shutil.which("chromium")
# A busy machine is slow, which is no failure; what never comes fails all the same.
PATIENCE_S = 30.0
expect.set_options(timeout=PATIENCE_S * 1000)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

# One loop and one browser for all: starting it takes longer than any of the tests.
LOOP: Any = {"loop_scope": "module"}

pytestmark = [
    pytest.mark.asyncio(**LOOP),
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"
    ),
]

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest_asyncio.fixture(scope="module", **LOOP)
async def browser() -> AsyncIterator[Browser]:
    assert CHROMIUM, "CI needs Chromium: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class Witness:
    """Everything a page must not do."""

    origin: str
    offences: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("dialog", lambda dialog: self.offences.append(f"dialog {dialog.message}"))
        page.on("pageerror", lambda error: self.offences.append(f"error {error}"))
        page.on("request", lambda request: self._check_address(request.url))
        page.on("console", lambda entry: self._check_console(entry.text))

    def _check_address(self, address: str) -> None:
        if not address.startswith(self.origin):
            self.offences.append(f"request {address}")

    def _check_console(self, text: str) -> None:
        if any(word in text for word in ("Content Security Policy", "Error", "Trusted")):
            self.offences.append(f"console {text}")


async def visit(context: BrowserContext, url: str) -> Page:
    """The page with the widget's panel open and greeting."""
    page = await context.new_page()
    await page.goto(url)
    await open_panel(page)
    return page


async def open_panel(page: Page) -> None:
    await page.locator(".launcher").click()
    await expect(page.locator(".log .bot").first).to_be_visible()


async def eventually(condition: Callable[[], bool]) -> None:
    """For what a page tells others, which no locator shows; fails as late as `expect` does."""
    async with asyncio.timeout(PATIENCE_S):
        await until(condition)


async def expect_width(page: Page, width: int) -> None:
    """Of the whole page: nothing hangs over its edge."""
    await expect(page.locator("html")).to_have_js_property("scrollWidth", width)


async def expect_dark_to_differ(page: Page, shown: Locator) -> None:
    """From light, as the system has it."""
    await page.emulate_media(color_scheme="light")
    light = await shown.evaluate("node => getComputedStyle(node).backgroundColor")
    await page.emulate_media(color_scheme="dark")
    await expect(shown).not_to_have_css("background-color", light)


def composer(page: Page) -> Locator:
    return page.locator(".composer textarea")


async def ask(page: Page, text: str) -> None:
    await composer(page).fill(text)
    await composer(page).press("Enter")
