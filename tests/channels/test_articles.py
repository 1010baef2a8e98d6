"""The page of an article, and the answer where there is none."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote, unquote

import httpx
import pytest
from fastapi import FastAPI

from bot.app import create_app
from bot.domain.conversation import Locale
from bot.domain.knowledge import OWN_PAGES, ArticleImage, ArticlePage, ArticleSection
from bot.ports import IndexStatus
from tests.adapters.test_article_html import PAYLOADS, Inspection, render
from tests.fakes import FakeBot
from tests.web import call

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TEAMS = ArticlePage(
    path="en/administration/teams.md",
    title="Teams & <guests>",
    locale=Locale.EN,
    sections=(
        ArticleSection("", 1, None, "<p>Introduction.</p>"),
        ArticleSection("Create a team", 1, "create-a-team", "<p>Open <b>Settings</b>.</p>"),
        ArticleSection("In the app", 2, "in-the-app", "<p>Tap.</p>"),
        ArticleSection("Empty", 1, None, ""),
        ArticleSection("Deep", 9, "deep", "<p>Text.</p>"),
    ),
    translation="zh/管理/团队.md",
)
TEAMS_ZH = ArticlePage(
    path="zh/管理/团队.md",
    title="团队",
    locale=Locale.ZH,
    sections=(ArticleSection("创建团队（管理员）", 1, "创建团队管理员", "<p>打开设置。</p>"),),
)
TEAMS_URL = OWN_PAGES.url(TEAMS.path, None, Locale.EN)
HEAD = {"html", "head", "meta", "title", "link"}
BODY = {"body", "header", "nav", "main", "article", "footer", "div", "img", "p", "a"}
TAGS = HEAD | BODY | {"h1", "h2", "h3", "h6", "b"}


@pytest.fixture
def bot() -> FakeBot:
    bot = FakeBot()
    bot.retriever.articles = {page.path: page for page in (TEAMS, TEAMS_ZH)}
    return bot


@pytest.fixture
def app(bot: FakeBot) -> FastAPI:
    return create_app(bot)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with call(app) as client:
        yield client


async def test_an_article_is_a_page(client: httpx.AsyncClient) -> None:
    response = await client.get("/kb/en/administration/teams.md")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    text = response.text
    assert '<html lang="en">' in text
    assert "<title>Teams &amp; &lt;guests&gt; · Firstline</title>" in text
    headings = re.findall(r"<h(\d)(?: id=\"([^\"]*)\")?>(.*?)</h\1>", text)
    assert headings == [
        ("1", "", "Teams &amp; &lt;guests&gt;"),
        ("2", "create-a-team", "Create a team"),
        ("3", "in-the-app", "In the app"),
        ("2", "", "Empty"),
        ("6", "deep", "Deep"),
    ]
    assert "<p>Open <b>Settings</b>.</p>" in text
    assert Inspection.of(text).tags == TAGS


async def test_the_page_leads_to_the_assistant_and_to_the_translation(
    client: httpx.AsyncClient,
) -> None:
    text = (await client.get(TEAMS_URL)).text
    assert '<a class="button" href="/demo?locale=en#ask">Ask the assistant</a>' in text
    assert f'lang="zh-CN" hreflang="zh-CN" href="/kb/{quote("zh/管理/团队.md")}">中文</a>' in text
    for asset in re.findall(r'(?:href|src)="(/demo/[^"]*)"', text):
        assert (await client.get(asset)).status_code == 200


async def test_chinese_articles_have_chinese_words_and_anchors(client: httpx.AsyncClient) -> None:
    url = OWN_PAGES.url(TEAMS_ZH.path, "创建团队管理员", Locale.ZH)
    assert url.isascii()
    text = (await client.get(url)).text
    assert '<html lang="zh-CN">' in text
    assert f'<h2 id="{unquote(url.partition("#")[2])}">创建团队（管理员）</h2>' in text
    assert '<a class="button" href="/demo?locale=zh#ask">询问助手</a>' in text
    assert "hreflang" not in text


async def test_the_page_is_as_secure_as_the_demo(client: httpx.AsyncClient) -> None:
    demo, article = await client.get("/demo"), await client.get(TEAMS_URL)
    names = ("content-security-policy", "x-content-type-options", "referrer-policy")
    for name in names:
        assert article.headers[name] == demo.headers[name]
    assert not {"script", "style"} & Inspection.of(article.text).tags


MISSING = [
    "/kb/en/missing.md",
    "/kb/en/administration/teams.md/",
    "/kb/",
    "/kb/%2e%2e/%2e%2e/pyproject.toml",
    "/kb/..%2f..%2fpyproject.toml",
    "/kb//etc/passwd",
    "/kb/%00",
    "/kb/%ff%fe",
    "/kb/<script>alert(1)</script>",
]


@pytest.mark.parametrize("path", MISSING)
async def test_what_is_not_there_is_one_problem(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == (await client.get("/kb/other")).json()


@pytest.mark.parametrize("path", MISSING)
async def test_what_is_not_there_is_one_page_for_browsers(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(path, headers=BROWSER)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.text == (await client.get("/kb/other", headers=BROWSER)).text
    assert "This article does not exist" in response.text


@pytest.mark.parametrize(
    ("languages", "lang"),
    [
        ("", "en"),
        ("de-DE,de;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr, ZH-TW;q=0.5", "zh-CN"),
    ],
)
async def test_the_missing_page_speaks_the_readers_language(
    client: httpx.AsyncClient, languages: str, lang: str
) -> None:
    response = await client.get("/kb/other", headers=BROWSER | {"Accept-Language": languages})
    assert f'<html lang="{lang}">' in response.text


async def test_without_an_index_it_is_said(client: httpx.AsyncClient, bot: FakeBot) -> None:
    bot.retriever.index = IndexStatus(snapshot=None)
    response = await client.get(TEAMS_URL)
    assert response.status_code == 503
    assert response.json()["type"] == "/problems/index-missing"


async def test_articles_are_only_read(client: httpx.AsyncClient) -> None:
    assert (await client.post(TEAMS_URL)).status_code == 405


async def test_an_image_is_inert_and_kept_for_ever(client: httpx.AsyncClient, bot: FakeBot) -> None:
    bot.retriever.images = {"a.svg": ArticleImage(b"<svg/>", "image/svg+xml")}
    response = await client.get("/images/a.svg")
    assert (response.status_code, response.content) == (200, b"<svg/>")
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    policy = response.headers["content-security-policy"]
    assert {"default-src 'none'", "sandbox"} <= set(policy.split("; "))
    assert (await client.get("/images/b.svg")).status_code == 404


async def test_requests_are_counted_by_the_template(client: httpx.AsyncClient) -> None:
    await client.get(TEAMS_URL)
    metrics = (await client.get("/metrics")).text
    assert 'route="/kb/{path:path}"' in metrics
    assert "teams.md" not in metrics


def hostile_article(payload: str, path: str = "en/hostile.md") -> ArticlePage:
    """A payload as title, heading, anchor and text."""
    return ArticlePage(
        path=path,
        title=payload,
        locale=Locale.EN,
        sections=(
            ArticleSection("", 1, None, render(payload)),
            ArticleSection(payload, 1, payload, render(payload)),
        ),
        translation=f"zh/{payload}",
    )


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_no_payload_adds_anything_to_the_page(
    client: httpx.AsyncClient, bot: FakeBot, payload: str
) -> None:
    harmless = hostile_article("Harmless")
    bot.retriever.articles = {"harmless": harmless, "hostile": hostile_article(payload)}
    expected = Inspection.of((await client.get("/kb/harmless")).text)
    found = Inspection.of((await client.get("/kb/hostile")).text)
    text = Inspection.of(render(payload))
    assert found.tags - text.tags == expected.tags - text.tags
    names = {name for name, _ in expected.attributes}
    assert {name for name, _ in found.attributes} <= names | {name for name, _ in text.attributes}
    assert [value for name, value in found.attributes if name == "id"] == [payload]
    assert found.others == expected.others == ["doctype html"]
