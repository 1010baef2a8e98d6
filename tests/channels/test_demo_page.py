"""The page of the sample product that carries the widget, in a real browser."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.app import create_app
from tests.chromium import (
    DESK,
    LOOP,
    Witness,
    browser,
    expect_dark_to_differ,
    expect_width,
    pytestmark,
)
from tests.fakes import FakeBot
from tests.web import serve

__all__ = ["browser", "pytestmark"]


@pytest_asyncio.fixture(**LOOP)
async def url() -> AsyncIterator[str]:
    async with serve(create_app(FakeBot())) as url:
        yield url


@pytest_asyncio.fixture(**LOOP)
async def page(browser: Browser, url: str) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="en-US", viewport=DESK)
    page = await context.new_page()
    witness = Witness(url)
    witness.watch(page)
    yield page
    await context.close()
    assert witness.offences == []


async def test_the_page_and_its_widget_speak_the_visitors_language(
    browser: Browser, url: str
) -> None:
    for tag, heading, launcher in (
        ("zh-CN", "需要什么帮助？", "打开帮助助手"),
        ("en-GB", "How can we help?", "Open the help assistant"),
        ("fr-FR", "How can we help?", "Open the help assistant"),
    ):
        context = await browser.new_context(locale=tag)
        page = await context.new_page()
        await page.goto(f"{url}/")
        await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        await expect(page.get_by_role("button", name=launcher)).to_be_visible()
        await context.close()


async def test_the_language_can_be_changed(page: Page, url: str) -> None:
    await page.goto(f"{url}/demo")
    await page.get_by_role("link", name="中文").click()
    await expect(page).to_have_url(re.compile(r"locale=zh"))
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.get_by_role("button", name="打开帮助助手")).to_be_visible()


async def test_the_way_from_an_article_opens_the_panel(page: Page, url: str) -> None:
    await page.goto(f"{url}/demo?locale=en#ask")
    await expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_nothing_hangs_over_the_edge(page: Page, url: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 700})
    await page.goto(f"{url}/demo")
    await expect_width(page, width)


async def test_light_and_dark_follow_the_system(page: Page, url: str) -> None:
    await page.goto(f"{url}/demo")
    await expect_dark_to_differ(page, page.locator("html"))
