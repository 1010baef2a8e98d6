"""How the widget shows Markdown: as nodes it makes itself, never as HTML that is parsed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.app import create_app
from tests.chromium import LOOP, Witness, ask, browser, pytestmark, visit
from tests.fakes import FakeBot
from tests.web import serve

__all__ = ["browser", "pytestmark"]

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


@pytest_asyncio.fixture(**LOOP)
async def page(browser: Browser) -> AsyncIterator[Page]:
    bot = FakeBot()
    bot.dialogue.text = "\n\n".join(
        [*PAYLOADS, "The cited [article](/kb/en/administration/teams.md#create-a-team)."]
    )
    async with serve(create_app(bot)) as url:
        context = await browser.new_context(locale="en-US")
        witness = Witness(url)
        context.on("page", witness.watch)
        yield await visit(context, f"{url}/demo")
        await context.close()
    assert witness.offences == []


async def test_no_payload_becomes_more_than_text(page: Page) -> None:
    await ask(page, PAYLOADS[0])
    await expect(page.locator(".log .sources")).to_be_visible()
    names: list[str] = await page.locator(".log .body").evaluate_all(
        "bodies => [...new Set(bodies.flatMap(b => [...b.querySelectorAll('*')])"
        ".map(node => node.localName))]"
    )
    text = "li span div p ul ol blockquote pre code table thead tbody tr th td strong a sup hr"
    controls = "section h3 button svg path"
    assert set(names) <= {*text.split(), *controls.split()}
    links: list[str] = await page.locator(".log a").evaluate_all(
        "links => links.map(link => new URL(link.href).pathname + new URL(link.href).hash)"
    )
    assert set(links) == {"/kb/en/administration/teams.md#create-a-team"}
    assert await page.locator(".log .body a", has_text="article").count() == 1
    attributes: list[str] = await page.locator(".log").evaluate(
        "log => [...log.querySelectorAll('*')].flatMap(node => node.getAttributeNames())"
    )
    assert not [name for name in attributes if name.startswith("on") or name == "style"]


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
  const { renderMarkdown } = await import("/widget/markdown.js");
  const cite = n => n === 1 ? Object.assign(document.createElement("sup"), {textContent: n}) : null;
  return texts.map(text => {
    const holder = document.createElement("div");
    holder.append(renderMarkdown(text, { cite, links: new Map([["/k", "/k"]]) }));
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
