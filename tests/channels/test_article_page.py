"""Articles in a real browser: citations lead to them, and nothing in them does anything."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.adapters.snapshot_retriever import SnapshotRetriever
from bot.app import create_app
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.adapters.test_article_html import PAYLOADS
from tests.adapters.test_snapshot_search import RANKINGS
from tests.channels.test_articles import hostile_article
from tests.chromium import (
    LOOP,
    Witness,
    ask,
    browser,
    expect_dark_to_differ,
    expect_width,
    open_panel,
    pytestmark,
)
from tests.fakes import FakeBot
from tests.ingest.knowledge import hashed_space, write_articles
from tests.web import serve

__all__ = ["browser", "pytestmark"]

FILLER = "\n\n".join(f"Paragraph {n}." for n in range(60))
WIDE = "| " + " | ".join(["column"] * 14) + " |"
ARTICLES = {
    "en/administration/teams.md": (
        f"---\ntitle: Teams\nlocale: en\n---\nAbout teams.\n\n## Limits\n\n{FILLER}\n\n"
        f"## Create a team\n\nOpen **Settings**, see [guests](guests.md).\n\n## More\n\n{FILLER}\n"
    ),
    "en/administration/guests.md": (
        f"---\ntitle: Guests\nlocale: en\n---\n{'x' * 300}\n\n```\n{'y ' * 200}\n```\n\n"
        f"{WIDE}\n{WIDE.replace('column', '---')}\n{WIDE}\n"
    ),
    "zh/管理/团队.md": (
        "---\ntitle: 团队\nlocale: zh\ntranslation_of: en/administration/teams.md\n---\n"
        f"{FILLER}\n\n## 创建团队（管理员）\n\n打开设置。\n\n## 其他\n\n{FILLER}\n"
    ),
}


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> SnapshotRetriever:
    folder: Path = tmp_path_factory.mktemp("articles")
    index = SnapshotIndex(folder / "index")
    ingest(write_articles(folder / "kb", ARTICLES), index, [hashed_space()])
    return SnapshotRetriever(index.folder, [hashed_space()], RANKINGS)


@pytest_asyncio.fixture(**LOOP)
async def url(retriever: SnapshotRetriever) -> AsyncIterator[str]:
    bot = FakeBot()
    bot.retriever = retriever  # answers as the fake does; the articles it cites are there
    async with serve(create_app(bot)) as url:
        yield url


@pytest_asyncio.fixture(**LOOP)
async def page(browser: Browser, url: str) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    witness = Witness(url)
    context.on("page", witness.watch)
    yield await context.new_page()
    await context.close()
    assert witness.offences == []


async def test_a_citation_opens_the_article_at_its_heading(page: Page, url: str) -> None:
    await page.goto(f"{url}/demo")
    await open_panel(page)
    await ask(page, "How do I create a team?")
    link = page.locator(".sources").get_by_role("link", name="Teams")
    async with page.context.expect_page() as opened:
        await link.click()
    article = await opened.value
    await expect(article).to_have_url(f"{url}/kb/en/administration/teams.md#create-a-team")
    await expect(article.get_by_role("heading", level=1)).to_have_text("Teams")
    heading = article.get_by_role("heading", name="Create a team")
    await expect(heading).to_be_in_viewport()
    await expect(article.locator(":target")).to_have_text("Create a team")
    await article.wait_for_function("scrollY > 0")
    assert await article.evaluate("window.opener") is None
    await expect(article.locator("article strong")).to_have_text("Settings")


async def test_the_way_on_leads_to_articles_and_to_the_assistant(page: Page, url: str) -> None:
    await page.goto(f"{url}/kb/en/administration/teams.md")
    await page.get_by_role("link", name="guests").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Guests")
    await page.go_back()
    await page.get_by_role("link", name="中文").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("团队")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await page.get_by_role("link", name="询问助手").first.click()
    await expect(page.get_by_role("textbox", name="您的问题")).to_be_visible()


@pytest.mark.parametrize("anchor", ["创建团队管理员", quote("创建团队管理员")])
async def test_chinese_anchors_are_found_as_written_and_encoded(
    page: Page, url: str, anchor: str
) -> None:
    await page.goto(f"{url}/kb/zh/管理/团队.md#{anchor}")
    heading = page.get_by_role("heading", name="创建团队（管理员）")
    await expect(heading).to_be_in_viewport()
    await expect(page.locator(":target")).to_have_text("创建团队（管理员）")


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_wide_content_scrolls_inside_of_the_page(page: Page, url: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 700})
    await page.goto(f"{url}/kb/en/administration/guests.md")
    await expect(page.locator("table")).to_be_visible()
    await expect_width(page, width)
    await expect(page.get_by_role("link", name="Ask the assistant").first).to_be_in_viewport()


async def test_light_and_dark_follow_the_system(page: Page, url: str) -> None:
    await page.goto(f"{url}/kb/en/administration/teams.md")
    await expect_dark_to_differ(page, page.locator("article"))


async def test_a_missing_article_is_a_page_with_a_way_on(page: Page, url: str) -> None:
    response = await page.goto(f"{url}/kb/en/missing.md")
    assert response is not None
    assert response.status == 404
    await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("does not exist"))
    await expect(page.get_by_role("link", name="Ask the assistant").first).to_be_visible()


async def test_no_payload_does_anything(browser: Browser) -> None:
    bot = FakeBot()
    pages = [hostile_article(payload, f"{n}.md") for n, payload in enumerate(PAYLOADS)]
    everything = hostile_article("\n\n".join(PAYLOADS), "all.md")
    bot.retriever.articles = {page.path: page for page in (*pages, everything)}
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    async with serve(create_app(bot)) as url:
        witness = Witness(url)
        context.on("page", witness.watch)
        page = await context.new_page()
        for path in bot.retriever.articles:
            await page.goto(f"{url}/kb/{path}")
            for control in await page.locator("article [tabindex]").all():
                await control.hover()
                await control.focus()
        assert page.url == f"{url}/kb/all.md"
        handlers = "[...document.querySelectorAll('*')].flatMap(node => node.getAttributeNames())"
        names: list[str] = await page.evaluate(handlers)
        assert not [name for name in names if name.startswith("on") or name == "style"]
        assert await page.locator("article :is(img, script, style, iframe, svg, form)").count() == 0
        await context.close()
    assert witness.offences == []
