"""The demo page in a real browser: what customers see, and what nobody can make it do."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from bot.app import create_app
from bot.ports import IndexStatus
from tests.fakes import FakeBot
from tests.web import serve

CHROMIUM = shutil.which("chromium")
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


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest_asyncio.fixture(**LOOP)
async def url(bot: FakeBot) -> AsyncIterator[str]:
    async with serve(create_app(bot)) as url:
        yield url


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
        if "Content Security Policy" in text or "Error" in text:
            self.offences.append(f"console {text}")


@pytest_asyncio.fixture(**LOOP)
async def page(browser: Browser, url: str) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    witness = Witness(url)
    witness.watch(page)
    await page.goto(f"{url}/demo")
    await expect(page.locator(".message.bot")).to_have_text(re.compile("greeting"))
    yield page
    await context.close()
    assert witness.offences == []


async def ask(page: Page, text: str) -> None:
    await page.get_by_role("textbox").fill(text)
    await page.keyboard.press("Enter")


async def test_a_question_gets_its_answer_with_sources(page: Page) -> None:
    await ask(page, "How do I create a team?")
    answer = page.locator(".message.bot").last
    await expect(answer.locator("strong")).to_have_text("Settings")
    await expect(answer.locator("em")).to_have_text("Teams")
    await expect(answer.get_by_role("heading", name="Sources")).to_be_visible()
    source = answer.locator(".sources li")
    await expect(source).to_have_count(1)
    await expect(source.get_by_role("link", name="Teams")).to_have_attribute(
        "href", "/kb/en/administration/teams.md#create-a-team"
    )
    await expect(source).to_contain_text("Open Settings and choose Teams.")  # no Markdown marks
    await answer.get_by_role("link", name="Source 1: Teams").click()
    await expect(source).to_be_in_viewport()
    assert await source.evaluate("node => node.matches(':target')")


async def test_the_answer_streams_with_a_status_meanwhile(page: Page, bot: FakeBot) -> None:
    bot.dialogue.gate.clear()
    await ask(page, "How do I create a team?")
    await expect(page.get_by_role("status")).to_have_text("Searching the help articles")
    draft = page.locator(".message.bot").last
    await expect(draft).to_contain_text("Open Settings")
    await expect(draft).not_to_contain_text("Sources")
    bot.dialogue.gate.set()
    await expect(draft).to_contain_text("Sources")
    await expect(page.get_by_role("status")).to_be_empty()


async def test_a_failed_turn_is_retried_with_the_same_message(page: Page, bot: FakeBot) -> None:
    bot.dialogue.failing = 1
    await ask(page, "How do I create a team?")
    await expect(page.get_by_role("alert")).to_contain_text("Your question is kept")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".sources")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await expect(page.locator(".message.customer")).to_have_count(1)
    assert len(bot.store.turns) == 1


async def test_a_missing_index_is_said_in_words(page: Page, bot: FakeBot) -> None:
    index = bot.retriever.index
    bot.retriever.index = IndexStatus(snapshot=None)
    await ask(page, "How do I create a team?")
    await expect(page.get_by_role("alert")).to_contain_text("not loaded yet")
    bot.retriever.index = index
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator(".sources")).to_be_visible()


async def test_a_cut_connection_is_taken_up_again(page: Page, bot: FakeBot) -> None:
    cuts = 0

    async def cut_once(route: Route) -> None:
        nonlocal cuts
        cuts += 1
        await (route.abort() if cuts == 1 else route.continue_())

    await page.route("**/messages", cut_once)
    await ask(page, "How do I create a team?")
    await expect(page.locator(".sources")).to_be_visible()
    assert cuts == 2
    assert len(bot.store.turns) == 1


async def test_the_conversation_survives_a_reload(page: Page) -> None:
    await ask(page, "How do I create a team?")
    await expect(page.locator(".sources")).to_be_visible()
    before = await page.locator("#log").inner_text()
    await page.reload()
    await expect(page.locator(".sources")).to_be_visible()
    assert await page.locator("#log").inner_text() == before


async def test_a_reload_in_the_middle_of_a_turn_attaches_to_it(page: Page, bot: FakeBot) -> None:
    bot.dialogue.gate.clear()
    await ask(page, "How do I create a team?")
    await expect(page.locator(".message.bot").last).to_contain_text("Open")
    await page.reload()
    await expect(page.locator(".message.bot").last).to_contain_text("Open")
    bot.dialogue.gate.set()
    await expect(page.locator(".sources")).to_be_visible()
    await expect(page.locator(".message.customer")).to_have_count(1)
    assert len(bot.dialogue.started) == 1


async def test_a_conversation_that_is_gone_begins_anew(page: Page, bot: FakeBot) -> None:
    await ask(page, "How do I create a team?")
    await expect(page.locator(".sources")).to_be_visible()
    bot.store.conversations.clear()
    await page.reload()
    await expect(page.locator(".message")).to_have_count(1)
    await expect(page.locator(".message.bot")).to_have_text(re.compile("greeting"))
    await ask(page, "And now?")
    await expect(page.locator(".sources")).to_be_visible()


async def test_both_languages(page: Page) -> None:
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.get_by_role("button", name="中文").click()
    assert await page.evaluate("document.documentElement.lang") == "zh-CN"
    await expect(page.get_by_role("textbox", name="您的问题")).to_be_visible()
    await expect(page.locator(".message.bot")).to_have_text(re.compile(r"smalltalk\.zh\.greeting"))
    await ask(page, "怎么创建团队？")
    await expect(page.get_by_role("heading", name="来源")).to_be_visible()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    await expect(page.locator(".message.customer")).to_have_text(re.compile("怎么创建团队"))


async def test_a_chinese_browser_gets_chinese_words(browser: Browser, url: str) -> None:
    context = await browser.new_context(locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{url}/demo")
    await expect(page.get_by_role("button", name="发送")).to_be_visible()
    await expect(page.get_by_role("button", name="中文")).to_have_attribute("aria-pressed", "true")
    await context.close()


async def test_the_keyboard_does_everything(page: Page, bot: FakeBot) -> None:
    await page.evaluate("document.activeElement.blur()")
    names = []
    for _ in range(5):
        await page.keyboard.press("Tab")
        names.append(
            await page.evaluate(
                "document.activeElement.ariaLabel ?? document.activeElement.textContent"
            )
        )
    assert names == ["中文", "English", "New conversation", "Your question", "Send"]
    await page.get_by_role("textbox").focus()
    await page.keyboard.type("two")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("lines")
    await page.keyboard.press("Enter")
    await expect(page.locator(".sources")).to_be_visible()
    assert bot.store.log[0].text == "two\nlines"
    await expect(page.get_by_role("textbox")).to_be_focused()
    await expect(page.get_by_role("textbox")).to_have_value("")


async def test_enter_that_ends_a_composition_sends_nothing(page: Page, bot: FakeBot) -> None:
    await page.get_by_role("textbox").fill("tuandui")
    await page.get_by_role("textbox").evaluate(
        "node => node.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    await expect(page.get_by_role("textbox")).to_have_value("tuandui")
    await expect(page.locator(".message.customer")).to_have_count(0)


async def test_nothing_empty_is_sent(page: Page, bot: FakeBot) -> None:
    await ask(page, "  \n ")
    await ask(page, "How do I create a team?")
    await expect(page.locator(".sources")).to_be_visible()
    assert len(bot.store.turns) == 1


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_wide_content_scrolls_inside_of_the_page(
    page: Page, bot: FakeBot, width: int
) -> None:
    columns = "|" + " column |" * 12
    bot.dialogue.text = (
        f"{'x' * 300}\n\n```\n{'y ' * 200}\n```\n\n{columns}\n{columns.replace(' column ', '-')}\n"
        f"{columns}\n\n[1]"
    )
    await page.set_viewport_size({"width": width, "height": 700})
    await ask(page, "z" * 400)
    await expect(page.locator(".sources")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert await page.locator("main").evaluate("node => node.scrollWidth - node.clientWidth") == 0
    await expect(page.get_by_role("button", name="Send")).to_be_in_viewport()


async def test_light_and_dark_follow_the_system(page: Page) -> None:
    background = "getComputedStyle(document.documentElement).backgroundColor"
    await page.emulate_media(color_scheme="light")
    light = await page.evaluate(background)
    await page.emulate_media(color_scheme="dark")
    assert await page.evaluate(background) != light


# What nobody can make it do

PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "![beacon](https://canary.example/p.png)",
    "![beacon][ref]\n\n[ref]: https://canary.example/r.png",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt&#58;alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "[click](//canary.example)",
    "[click](https://canary.example/?q=secret)",
    "[click](/kb/en/administration/other.md)",
    "[`code`](https://canary.example) **[bold](https://canary.example)**",
    "<https://canary.example>",
    "https://canary.example/bare",
    "| <b onclick=alert(1)>x</b> | [y](https://canary.example) |\n|---|---|\n| <a href=//e> | 1 |",
    "- <details open ontoggle=alert(1)>\n> <style>*{display:none}</style>",
    "```<img src=x onerror=alert(1)>\n</code></pre><script>alert(1)</script>\n```",
    "&lt;img src=x onerror=alert(1)&gt;",
    "[99] [0] [1](https://canary.example)",
    "\u202e<b>rtl</b>\u202c \u200b",
]


async def test_no_payload_becomes_more_than_text(page: Page, bot: FakeBot) -> None:
    bot.dialogue.text = "\n\n".join(
        [*PAYLOADS, "The cited [article](/kb/en/administration/teams.md#create-a-team)."]
    )
    await ask(page, PAYLOADS[0])
    await expect(page.locator(".sources")).to_be_visible()
    names: list[str] = await page.locator("#log").evaluate(
        "log => [...new Set([...log.querySelectorAll('*')].map(node => node.localName))]"
    )
    allowed = "li span div p ul ol blockquote pre code table thead tbody tr th td strong a sup h2"
    assert set(names) <= set(allowed.split())
    links: list[str] = await page.locator("#log a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert {link for link in links if not link.startswith("#")} == {
        "/kb/en/administration/teams.md#create-a-team"
    }
    assert await page.locator("#log .body a", has_text="article").count() == 1
    attributes: list[str] = await page.locator("#log").evaluate(
        "log => [...log.querySelectorAll('*')].flatMap(node => node.getAttributeNames())"
    )
    assert not [name for name in attributes if name.startswith("on") or name == "style"]


# How Markdown is shown


def table(head: str, *rows: str) -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    inner = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="table" tabindex="0">{inner}</div>'


def code(text: str) -> str:
    return f'<pre tabindex="0"><code>{text}</code></pre>'


MARKDOWN: list[tuple[str, str]] = [
    ("one\ntwo", "<p>one two</p>"),
    ("一行\n又一行", "<p>一行又一行</p>"),
    ("one  \ntwo", "<p>one<br>two</p>"),
    ("one\n\ntwo", "<p>one</p><p>two</p>"),
    ("**bold** *thin* ~~no~~", "<p><strong>bold</strong> <em>thin</em> <s>no</s></p>"),
    ("**打开“设置”。**然后", "<p><strong>打开“设置”。</strong>然后</p>"),
    ("2 * 3 * 4 and snake_case_name", "<p>2 * 3 * 4 and snake_case_name</p>"),
    (r"\*plain\* &lt;b&gt;", "<p>*plain* &lt;b&gt;</p>"),
    ("`a < b` ``c`d``", "<p><code>a &lt; b</code> <code>c`d</code></p>"),
    ("```sh\na\n\n  b [1]\n```\nafter", code("a\n\n  b [1]") + "<p>after</p>"),
    ("```\nnever closed", code("never closed")),
    ("- a\n- b\n  - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
    ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    ("1. a\n\n   more\n\n2. b", '<ol start="1"><li>a<p>more</p></li><li>b</li></ol>'),
    (
        "1. a\n   ```\n   x\n   ```\n2. b",
        f'<ol start="1"><li>a{code("x")}</li><li>b</li></ol>',
    ),
    ("Steps:\n- a\n* b", "<p>Steps:</p><ul><li>a</li><li>b</li></ul>"),
    ("- a\n\nafter", "<ul><li>a</li></ul><p>after</p>"),
    ("> quoted\n> **text**", "<blockquote><p>quoted <strong>text</strong></p></blockquote>"),
    ("## Heading ##", '<p class="heading">Heading</p>'),
    ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
    (
        "| Plan | Teams |\n|---|:-:|\n| Basic | **5** |\n| Premium | 50 |",
        table(
            "<th>Plan</th><th>Teams</th>",
            "<td>Basic</td><td><strong>5</strong></td>",
            "<td>Premium</td><td>50</td>",
        ),
    ),
    (r"| a \| b |" + "\n|---|\n| c |", table("<th>a | b</th>", "<td>c</td>")),
    ("a | b\nno table", "<p>a | b no table</p>"),
    ("see [1] and [7]", "<p>see <sup>1</sup> and [7]</p>"),
    (
        "[known](/k) [other](/o)",
        '<p><a href="/k" target="_blank" rel="noopener noreferrer">known</a> other</p>',
    ),
    ("![picture](/k)", "<p>picture</p>"),
    ("", ""),
]

RENDER = """async texts => {
  const { renderMarkdown } = await import("/demo/markdown.js");
  const cite = n => n === 1 ? Object.assign(document.createElement("sup"), {textContent: n}) : null;
  return texts.map(text => {
    const holder = document.createElement("div");
    holder.append(renderMarkdown(text, { cite, links: new Set(["/k"]) }));
    return holder.innerHTML;
  });
}"""


async def test_markdown_is_shown_as_meant(page: Page) -> None:
    shown: list[str] = await page.evaluate(RENDER, [markdown for markdown, _ in MARKDOWN])
    assert list(zip([markdown for markdown, _ in MARKDOWN], shown, strict=True)) == MARKDOWN


async def test_markdown_made_to_hurt_still_ends(page: Page) -> None:
    unit = ["[", "*", "**a", "`", "> ", "- ", "[a](", "| ", "~~", "_a", "  - x\n", ">\n", "<", "\\"]
    shown: list[Any] = await page.evaluate(RENDER, [text * (4000 // len(text)) for text in unit])
    assert len(shown) == len(unit)
    assert all(isinstance(html, str) and html for html in shown)
