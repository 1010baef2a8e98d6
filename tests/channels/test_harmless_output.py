"""Whatever customers, articles and models write is shown in a browser and does nothing there."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route as ServerRoute

from bot.adapters.prompt_files import PromptFiles
from bot.adapters.snapshot_articles import SnapshotArticles
from bot.adapters.snapshot_retriever import SnapshotRetriever
from bot.app import create_app
from bot.bootstrap import build
from bot.domain.conversation import Locale, Message
from bot.domain.knowledge import ArticlePage, Citation
from bot.domain.reply import Answer, ReplyEvent
from bot.middleware import SECURITY_HEADERS
from bot.services.turns import TurnRunner
from bot.settings import Settings, Web
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.adapters.test_snapshot_search import RANKINGS
from tests.channels.detector import Detector
from tests.channels.payloads import CALL, HOST, PAYLOADS, URLS
from tests.chromium import LOOP, browser, eventually, pytestmark
from tests.fakes import FakeBot, FakeDialogue, FakeRetriever, reply_to, trace_of
from tests.ingest.knowledge import hashed_space, write_articles
from tests.web import Visitor, call, serve

__all__ = ["browser", "pytestmark"]

BATCH = 30  # articles on one page


@pytest_asyncio.fixture(**LOOP)
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    yield context
    await context.close()


async def test_there_are_many_payloads() -> None:
    assert len(PAYLOADS) >= 300


# What the detector sees


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (f"<img src=x onerror={CALL}>", "dialog"),
        (f"<p onclick={CALL}>x</p>", "dialog"),
        (f"<img src=//{HOST}/p.png>", "request"),
        (f"<link rel=stylesheet href=//{HOST}/x.css>", "request"),
        (f"<meta http-equiv=refresh content='0;url=https://{HOST}/'>", "request"),
        (f"<iframe src='javascript:{CALL}'></iframe>", "iframe"),
        (f"<a href='javascript:{CALL}'>x</a>", "a javascript:"),
        (f"<p style='color:red' onfocus={CALL}>x</p>", "p style="),
        ("<script>open('/other')</script>", "window"),
        (f"<script>throw Error('{HOST}')</script>", "error"),
    ],
)
@pytest.mark.parametrize("secured", [False, True])
async def test_a_payload_that_is_not_cleaned_is_detected(
    context: BrowserContext, payload: str, kind: str, secured: bool
) -> None:
    """Beside a page without any policy, one with ours: it would tell of a violation."""
    headers = SECURITY_HEADERS if secured else {}
    page_of = HTMLResponse(f"<!doctype html><main>{payload}</main>", headers=headers)
    app = Starlette(routes=[ServerRoute("/{path:path}", lambda _: page_of)])
    async with serve(app, lifespan="off") as url:
        detector = Detector(url)
        await detector.watch(context)
        page = await context.new_page()
        await page.goto(url, wait_until="load")
        if "refresh" not in payload:  # which leads away from what there is to inspect
            await detector.inspect(page, "main")
        if secured:
            await eventually(lambda: bool(detector.offences))
        else:
            await eventually(lambda: any(o.startswith(kind) for o in detector.offences))
    if secured:
        assert not any(o.startswith(("dialog", "window", "error")) for o in detector.offences)


# Articles


def hostile_markdown(payload: str) -> str:
    """A payload at every place where an article has text or an address."""
    line = " ".join(payload.split())
    return (
        f"---\ntitle: {json.dumps(line)}\nlocale: en\nquestions: [{json.dumps(line)}]\n---\n"
        f"Before {line} and after.\n\n## {line}\n\n- {line}\n- [words]({line})\n\n"
        f"[words](<{line}>) ![words]({line}) ![words](<{line}>) ![{line}](a.png) [{line}](b.md)\n\n"
        f"> {line}\n\n| {line} | b |\n| --- | --- |\n| c | {line} |\n\n"
        f"```{line}\n{payload}\n```\n\n<div>{line}</div>\n\n### After {line}\n\n{payload}\n"
    )


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> list[ArticlePage]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    names = {f"en/{n}{file_name(payload)}.md": payload for n, payload in enumerate(PAYLOADS)}
    texts = {name: hostile_markdown(payload) for name, payload in names.items()}
    index = SnapshotIndex(folder / "index")
    ingest(write_articles(folder / "kb", texts), index, [hashed_space()])
    snapshot = index.load()
    shown = SnapshotArticles(snapshot)
    return [page for path in snapshot.manifest.sources if (page := shown.page(path))]


def file_name(payload: str) -> str:
    """What of a payload can be in the name of a file."""
    return (
        "".join(c for c in payload if c.isprintable() and c != "/")
        .encode()[:80]
        .decode(errors="ignore")
    )


def joined(pages: Sequence[ArticlePage], payload: str, number: int) -> ArticlePage:
    """Many articles on one page, which takes a browser no longer than one."""
    sections = tuple(
        replace(section, heading=section.heading or page.title, anchor=section.anchor or page.title)
        for page in pages
        for section in page.sections
    )
    return replace(pages[0], path=f"{number}.md", sections=sections, translation=payload)


async def test_no_article_does_anything(
    context: BrowserContext, articles: list[ArticlePage]
) -> None:
    assert len(articles) >= len(PAYLOADS) - 5  # comments that never end leave no text
    bot = FakeBot()
    for start in range(0, len(articles), BATCH):
        batch = joined(articles[start : start + BATCH], PAYLOADS[start], start)
        bot.retriever.articles[batch.path] = batch
    async with serve(create_app(bot)) as url:
        detector = Detector(url)
        await detector.watch(context)
        page = await context.new_page()
        for path in bot.retriever.articles:
            await page.goto(f"{url}/kb/{path}#__proto__")
            await detector.inspect(page, "article")
            assert (
                await page.locator("article :is(script, style, svg, form, input, img)").count() == 0
            )
    assert detector.offences == []


ACTIVE_SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="{CALL}">
<script>{CALL}</script><image href="https://{HOST}/i.png"/><rect width="9" height="9"/>
<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><iframe src="https://{HOST}/"/></body>
</foreignObject></svg>"""


async def test_an_image_of_ours_is_shown_and_does_nothing(
    context: BrowserContext, tmp_path: Path
) -> None:
    """Nor does it as a document of its own, where its policy has to hold it back."""
    images = f"![ours](a.svg) ![theirs](https://{HOST}/b.png)"
    kb = write_articles(tmp_path / "kb", {"en/a.md": f"# A\n\nText.\n\n{images}\n"})
    (kb / "en/a.svg").write_text(ACTIVE_SVG, "utf-8")
    index = SnapshotIndex(tmp_path / "index")
    assert ingest(kb, index, [hashed_space()]).errors == ()
    bot = FakeBot()
    bot.retriever = SnapshotRetriever(index.folder, [hashed_space()], RANKINGS)
    async with serve(create_app(bot)) as url:
        detector = Detector(url)
        await detector.watch(context)
        page = await context.new_page()
        await page.goto(f"{url}/kb/en/a.md")
        image = page.locator("article img")
        await expect(image).to_have_attribute("alt", "ours")
        await expect(image).to_have_js_property("naturalWidth", 9)
        link = page.get_by_role("link", name="theirs")
        await expect(link).to_have_attribute("href", f"https://{HOST}/b.png")
        await detector.inspect(page, "article")
        address = await image.get_attribute("src")
        assert detector.offences == []
        await page.goto(f"{url}{address}")
        assert await page.evaluate("origin") == "null"
    assert detector.offences
    assert all(o.startswith("console") and "violates" in o for o in detector.offences)


async def test_an_article_of_any_file_name_is_found_by_its_address(
    articles: list[ArticlePage],
) -> None:
    bot = FakeBot()
    bot.retriever.articles = {page.path: page for page in articles}
    async with call(create_app(bot)) as client:
        for path, article in bot.retriever.articles.items():
            response = await client.get(article.address.url(path, None, article.locale))
            assert response.status_code == 200, path
            for name in ("Content-Security-Policy", "X-Content-Type-Options"):
                assert response.headers[name] == SECURITY_HEADERS[name]


# Messages and replies


class HostileDialogue(FakeDialogue):
    """Repeats the customer's text wherever a reply has text or an address."""

    def __init__(self, bot: FakeBot) -> None:
        super().__init__(bot.store)
        self.number = 0

    async def respond(self, message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
        self.number += 1
        text, url = message.text, URLS[self.number % len(URLS)]
        citation = Citation(1, text, text, text, url if self.number % 2 else text, text)
        words = f"{text} [1]\n\n{text} [x]({url}) ![x]({url}) <{url}> [x](/kb/other) [2]"
        reply = replace(reply_to(message), act=Answer(words, (citation,)), suggestions=(text, url))
        if await self.store.finish(message.id, worker, reply, trace_of(message)):
            yield reply


async def converse(app: FastAPI, texts: Sequence[str]) -> tuple[Visitor, list[str]]:
    """A conversation of these messages, and the texts of the replies."""
    async with call(app) as client:
        visitor = await Visitor.arrive(client)
        replies = [await visitor.ask(text, str(number)) for number, text in enumerate(texts)]
        return visitor, [reply.json()["text"] for reply in replies]


async def show(page: Page, url: str, visitor: Visitor) -> None:
    """The conversation as after a reload of the page that carries the widget."""
    session = {"conversation": visitor.conversation, "token": visitor.token}
    state = {"session": session, "greeting": PAYLOADS[0], "open": True}
    await page.goto(f"{url}/demo")
    await page.evaluate(
        "([key, state]) => sessionStorage.setItem(key, JSON.stringify(state))",
        [f"firstline:{url}/", state],
    )
    await page.reload()


async def test_no_message_and_no_reply_does_anything(context: BrowserContext) -> None:
    bot = FakeBot()
    bot.turns = TurnRunner(bot.store, HostileDialogue(bot))
    app = create_app(bot)
    async with serve(app) as url:
        visitor, _ = await converse(app, PAYLOADS)
        detector = Detector(url)
        await detector.watch(context)
        page = await context.new_page()
        await show(page, url, visitor)
        await expect(page.locator(".message.bot")).to_have_count(len(PAYLOADS) + 1)
        await detector.inspect(page, ".message .body")
        links: list[str] = await page.locator(".body > :not(.sources) a:not(.cite a)").evaluate_all(
            "(nodes) => nodes.map((node) => node.getAttribute('href'))"
        )
        assert await page.locator(".message :is(img, script, style, form, input)").count() == 0
        await page.close()
    assert detector.offences == []
    assert all(link.startswith(("http://", "https://")) for link in links)


async def test_what_streams_in_does_nothing(context: BrowserContext) -> None:
    bot = FakeBot()
    bot.dialogue.text = "\n\n".join(PAYLOADS)
    async with serve(create_app(bot)) as url:
        detector = Detector(url)
        await detector.watch(context)
        page = await context.new_page()
        await page.goto(f"{url}/demo#ask")
        bot.dialogue.gate.clear()
        await page.locator("firstline-widget textarea").fill("\n".join(PAYLOADS)[:4000])
        await page.keyboard.press("Enter")
        await expect(page.locator(".draft .body")).to_contain_text("alert(1)")
        await detector.inspect(page, ".draft .body")
        bot.dialogue.gate.set()
        await expect(page.locator(".sources")).to_be_visible()
        await detector.inspect(page, ".message .body")
        await page.close()
    assert detector.offences == []


# What a model writes

GROUNDED = "Open **Settings** and choose *Teams* [1]."
REWRITING = [PromptFiles().text("rewrite", locale, "system") for locale in Locale]


class EchoingChat:
    """Writes one output after the other; the question is put in the same words as its answer."""

    name = "echo"

    def __init__(self, outputs: Sequence[str]) -> None:
        self.outputs = outputs
        self.written = 0

    async def stream(self, system: str, user: str) -> AsyncIterator[str]:
        output = self.outputs[min(self.written, len(self.outputs) - 1)]
        self.written += system not in REWRITING
        yield output


def outputs_of(payloads: Sequence[str]) -> Iterator[str]:
    for number, payload in enumerate(payloads):
        yield (f"{GROUNDED} {payload} [1].", f"{payload}\n\n{GROUNDED}", f"Open {payload} [1].")[
            number % 3
        ]


async def ask_until_written(app: FastAPI, chat: EchoingChat) -> tuple[Visitor, list[str]]:
    """Who is answered badly again and again gets a person; that one is sent away each time."""
    texts: list[str] = []
    async with call(app) as client:
        visitor = await Visitor.arrive(client)
        while chat.written < len(chat.outputs):
            reply = (await visitor.ask("How do I create a team?", str(len(texts)))).json()
            texts.append(reply["text"])
            if reply["decision"] == "handoff":
                await client.post(f"{visitor.url}/handoff/cancel", headers=visitor.headers)
    return visitor, texts


async def test_nothing_that_a_model_writes_does_anything(
    context: BrowserContext, tmp_path: Path
) -> None:
    chat = EchoingChat([GROUNDED, *outputs_of(PAYLOADS)])
    settings = Settings(home=tmp_path, web=Web(rate_limit=0))
    app = create_app(build(settings, retriever=FakeRetriever(), chat=chat))
    async with serve(app) as url:
        visitor, texts = await ask_until_written(app, chat)
        assert "Settings" in texts[0]
        for text in texts:
            assert not re.search(
                r"\]\(|!\[|<\w|&#?\w+;|[\x00-\x09\x0b-\x1f\u202a-\u202e]", bare(text)
            )
        detector = Detector(url)
        await detector.watch(context)
        page = await context.new_page()
        await show(page, url, visitor)
        await expect(page.locator(".message.bot")).to_have_count(len(texts) + 1)
        await detector.inspect(page, ".message .body")
        hrefs: list[str] = await page.locator(".message .body a").evaluate_all(
            "(nodes) => nodes.map((node) => new URL(node.href).pathname)"
        )
        await page.close()
    assert detector.offences == []
    assert set(hrefs) == {"/kb/en/administration/teams.md"}


def bare(text: str) -> str:
    """Without code, which is shown as it is."""
    return re.sub(r"(`+).+?\1", "", text, flags=re.DOTALL)


# Other answers


async def test_a_search_gives_data_and_no_page() -> None:
    async with call(create_app(FakeBot())) as client:
        for payload in PAYLOADS:
            response = await client.post("/v1/search", json={"query": payload})
            assert response.status_code in (200, 422)
            assert response.headers["content-type"].endswith("json")
            assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("prefix", ["/kb/", "/demo/", "/widget/", "/images/", "/"])
async def test_no_address_comes_back_in_a_page(prefix: str) -> None:
    async with call(create_app(FakeBot())) as client:
        for payload in PAYLOADS[::3]:
            path = prefix + quote(payload, safe="")
            response = await client.get(path, headers={"Accept": "text/html"})
            # Without its last slash it may be another address of ours.
            assert response.headers.get("location", "http://test/").startswith("http://test/")
            assert response.status_code == (307 if "location" in response.headers else 404)
            assert HOST not in response.text
            assert CALL not in response.text
            for name, value in SECURITY_HEADERS.items():
                assert response.headers[name] == value
