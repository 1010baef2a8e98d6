"""The widget on pages of other origins: strict policies, hostile styles, two tags, no storage."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser, BrowserContext, Page, Request, Route, expect

from bot.app import create_app
from bot.domain.conversation import Author
from bot.domain.customer import Customer
from bot.settings import Web
from tests.chromium import LOOP, ask, browser, open_panel, pytestmark
from tests.fakes import FakeBot, FakeSettings
from tests.web import serve

__all__ = ["browser", "pytestmark"]

# What a careful site allows: nothing but the widget's host, no inline code, no strings as HTML.
POLICY = (
    "default-src 'none'; script-src {host}; connect-src {host}; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
TAG = '<script type="module" src="{host}/widget.js" data-locale="en"{more}></script>'


@dataclass
class Site:
    """A page of another origin that carries the widget."""

    host: str
    url: str = ""
    more: str = ""  # of the tag
    body: str = ""
    strict: bool = True
    log: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/")
        async def show() -> HTMLResponse:
            tag = TAG.format(host=self.host, more=self.more)
            headers = {"Content-Security-Policy": POLICY.format(host=self.host)}
            page = f"<!doctype html><html lang=en><title>Shop</title>{tag}<h1>Shop</h1>{self.body}"
            return HTMLResponse(page, headers=headers if self.strict else None)

        @app.get("/plain")
        async def show_plain() -> HTMLResponse:
            return HTMLResponse("<!doctype html><title>Plain</title>")

        return app

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.log.append(f"error {error}"))
        page.on("console", lambda entry: self.log.append(f"console {entry.text}"))


def signed(subject: str) -> str:
    """Looks like a JWT to the widget, which never verifies one; the fake knows it by its text."""
    return {"u1": "e30.eyJzdWIiOiJ1MSJ9.s", "u2": "e30.eyJzdWIiOiJ1MiJ9.s"}[subject]


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest_asyncio.fixture(**LOOP)
async def site(bot: FakeBot) -> AsyncIterator[Site]:
    async with serve(create_app(bot)) as host:
        site = Site(host)
        async with serve(site.app()) as url:
            site.url = url
            yield site


@pytest_asyncio.fixture(**LOOP)
async def context(browser: Browser, site: Site) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="en-US", color_scheme="light")
    context.on("page", site.watch)
    yield context
    await context.close()


async def test_it_works_under_a_strict_policy_with_trusted_types(
    context: BrowserContext, site: Site
) -> None:
    page = await context.new_page()
    await page.goto(site.url)
    await open_panel(page)
    await ask(page, "How do I create a team?")
    source = page.locator(".sources").get_by_role("link", name="Teams")
    await expect(source).to_have_attribute("href", re.compile(re.escape(site.host) + "/kb/"))
    await page.get_by_role("button", name="Not helpful").click()
    await page.get_by_role("button", name="Submit").click()
    await expect(page.locator(".outcome")).to_contain_text("Thank you")
    assert site.log == []


@pytest.mark.parametrize("listed", [True, False])
async def test_a_public_server_answers_listed_sites_only(browser: Browser, listed: bool) -> None:
    site = Site(host="")
    async with serve(site.app()) as url:
        origins = (url if listed else "https://shop.example",)
        web = Web(rate_limit=0, host="help.example", origins=origins)
        bot = FakeBot(settings=FakeSettings(web=web))
        async with serve(create_app(bot)) as site.host:
            page = await browser.new_page(locale="en-US")
            await page.goto(url)
            await page.locator(".launcher").click()
            if listed:
                await ask(page, "How do I create a team?")
                await expect(page.locator(".sources")).to_be_visible()
            else:
                await expect(page.get_by_text("The connection was lost")).to_be_visible()
            await page.close()
    assert [m.author for m in bot.store.log][:1] == ([Author.CUSTOMER] if listed else [])


async def test_the_conversation_of_another_visitor_is_not_there(
    context: BrowserContext, site: Site, bot: FakeBot
) -> None:
    page = await context.new_page()
    await page.goto(site.url)
    await open_panel(page)
    await ask(page, "How do I create a team?")
    await expect(page.locator(".sources")).to_be_visible()
    (known,) = {message.conversation for message in bot.store.log}
    statuses = await page.evaluate(
        """async ([host, known]) => {
          const type = { "Content-Type": "application/json" };
          const begin = { method: "POST", headers: type, body: "{}" };
          const { token } = await (await fetch(`${host}/v1/conversations`, begin)).json();
          const headers = { Authorization: `Bearer ${token}` };
          const paths = ["", "/events"].map((end) => `${host}/v1/conversations/${known}${end}`);
          return Promise.all(paths.map(async (path) => (await fetch(path, { headers })).status));
        }""",
        [site.host, known],
    )
    assert statuses == [404, 404]


async def test_a_page_cannot_style_it(context: BrowserContext, site: Site) -> None:
    look = (
        "() => ['.launcher', '.panel', 'h2', '.composer textarea'].map(selector => {"
        " const style = getComputedStyle("
        "document.querySelector('firstline-widget').shadowRoot.querySelector(selector));"
        " return [style.color, style.fontSize, style.display, style.direction, style.visibility] })"
    )
    site.strict = False
    looks = []
    for body in (
        "",
        "<style>html { font: 62.5% serif } body * { color: red !important;"
        " display: none !important; visibility: hidden !important; font-size: 40px !important;"
        " direction: rtl; all: unset } firstline-widget { opacity: 0 !important; position: static }"
        " .panel, .launcher { display: none !important }</style>",
    ):
        site.body = body
        page = await context.new_page()
        await page.goto(site.url)
        await page.evaluate("document.querySelector('firstline-widget').open()")
        await expect(page.locator(".panel")).to_be_visible()
        looks.append(await page.evaluate(look))
    assert looks[0] == looks[1]


async def test_a_page_may_set_accent_and_corners(context: BrowserContext, site: Site) -> None:
    site.strict = False
    site.body = "<style>:root { --firstline-accent: rgb(120, 10, 80) }</style>"
    page = await context.new_page()
    await page.goto(site.url)
    await expect(page.locator(".launcher")).to_have_css("background-color", "rgb(120, 10, 80)")


async def test_two_tags_make_one_widget_and_no_globals(context: BrowserContext, site: Site) -> None:
    names = "() => Object.getOwnPropertyNames(window).filter(name => isNaN(name))"
    empty = await context.new_page()
    await empty.goto(f"{site.url}/plain")
    site.strict = False
    site.more = " data-name=Shop"
    site.body = TAG.format(host=site.host, more="") + TAG.format(host=site.host + "/.", more="")
    page = await context.new_page()
    await page.goto(site.url)
    await expect(page.locator(".launcher")).to_have_count(1)
    await open_panel(page)
    await expect(page.get_by_role("heading", name="Shop").last).to_be_visible()
    assert set(await page.evaluate(names)) <= set(await empty.evaluate(names))


async def test_it_works_where_storage_is_forbidden(context: BrowserContext, site: Site) -> None:
    await context.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no') } })"
    )
    page = await context.new_page()
    await page.goto(site.url)
    await open_panel(page)
    await ask(page, "How do I create a team?")
    await expect(page.locator(".log .sources")).to_be_visible()
    assert site.log == []


async def test_an_identity_takes_the_conversation_over_and_another_does_not(
    context: BrowserContext, site: Site, bot: FakeBot
) -> None:
    for name in ("u1", "u2"):
        bot.verifier.customers[signed(name)] = Customer(id=name)
    identify = "jwt => document.querySelector('firstline-widget').identify(jwt)"
    page = await context.new_page()
    await page.goto(site.url)
    await open_panel(page)
    await ask(page, "How do I create a team?")
    await expect(page.locator(".log .sources")).to_be_visible()
    (anonymous,) = bot.store.conversations
    await page.evaluate(identify, signed("u1"))
    assert bot.store.conversations[anonymous].customer == "u1"
    await ask(page, "And with the new token?")
    await expect(page.locator(".log .sources")).to_have_count(2)
    await page.evaluate(identify, signed("u2"))
    await expect(page.locator(".log .message")).to_have_count(1)
    assert [c.customer for c in bot.store.conversations.values()] == ["u1", "u2"]


async def test_a_refused_identity_is_told_to_the_page_and_help_goes_on(
    context: BrowserContext, site: Site
) -> None:
    site.more = ' data-identity="e30.e30.s"'
    page = await context.new_page()
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    await page.goto(site.url)
    await page.evaluate(
        "document.querySelector('firstline-widget').addEventListener("
        "'firstline:identity-refused', event => { document.title = event.detail.reason })"
    )
    await open_panel(page)
    await expect(page).to_have_title("malformed")
    await ask(page, "How do I create a team?")
    await expect(page.locator(".log .sources")).to_be_visible()
    assert all("e30" not in request.url for request in requests)


async def test_taken_off_the_page_and_put_back_it_is_as_it_was(
    context: BrowserContext, site: Site
) -> None:
    page = await context.new_page()
    await page.goto(site.url)
    await open_panel(page)
    await ask(page, "How do I create a team?")
    await expect(page.locator(".log .sources")).to_be_visible()
    await page.evaluate("window.w = document.querySelector('firstline-widget'); w.remove()")
    await expect(page.locator(".panel")).to_have_count(0)
    await page.evaluate("document.body.append(w)")
    await expect(page.locator(".panel")).to_be_visible()
    await expect(page.locator(".log .sources")).to_have_count(1)


async def hold(page: Page, path: str, method: str) -> asyncio.Event:
    """Requests that wait until the event is set, as on a slow line."""
    release = asyncio.Event()

    async def wait(route: Route) -> None:
        if route.request.method == method:
            await release.wait()
        await route.continue_()

    await page.route(re.compile(path), wait)
    return release


async def test_the_identity_of_a_reloaded_page_keeps_the_conversation(
    context: BrowserContext, site: Site, bot: FakeBot
) -> None:
    bot.verifier.customers[signed("u1")] = Customer(id="u1")
    page = await context.new_page()
    await page.goto(site.url)
    await open_panel(page)
    await ask(page, "How do I create a team?")
    await expect(page.locator(".log .sources")).to_be_visible()
    site.more = f' data-identity="{signed("u1")}"'
    identified = await hold(page, r"/conversations/\w+$", "GET")
    page.on("response", lambda response: "/identify" in response.url and identified.set())
    await page.reload()
    await expect(page.locator(".log .sources")).to_be_visible()
    assert [c.customer for c in bot.store.conversations.values()] == ["u1"]


async def test_an_identity_given_while_the_conversation_begins_counts(
    context: BrowserContext, site: Site, bot: FakeBot
) -> None:
    bot.verifier.customers[signed("u1")] = Customer(id="u1")
    page = await context.new_page()
    await page.goto(site.url)
    release = await hold(page, "/v1/conversations$", "POST")
    async with page.expect_request("**/v1/conversations"):
        await page.locator(".launcher").click()
    identify = "jwt => { window.done = document.querySelector('firstline-widget').identify(jwt) }"
    await page.evaluate(identify, signed("u1"))
    release.set()
    await page.evaluate("window.done")
    assert [c.customer for c in bot.store.conversations.values()] == ["u1"]


async def test_a_question_under_way_when_its_token_dies_is_asked_with_the_next(
    context: BrowserContext, site: Site, bot: FakeBot
) -> None:
    bot.verifier.customers[signed("u1")] = Customer(id="u1")
    page = await context.new_page()
    await page.goto(site.url)
    await open_panel(page)
    release = await hold(page, "/messages$", "POST")
    await ask(page, "How do I create a team?")
    identify = "jwt => document.querySelector('firstline-widget').identify(jwt)"
    await page.evaluate(identify, signed("u1"))
    release.set()
    await expect(page.locator(".log .sources")).to_be_visible()
    await expect(page.locator(".log .note")).to_have_count(0)
    assert [c.customer for c in bot.store.conversations.values()] == ["u1"]


async def test_keys_pressed_in_it_are_not_the_shortcuts_of_the_page(
    context: BrowserContext, site: Site
) -> None:
    page = await context.new_page()
    await page.goto(site.url)
    await open_panel(page)
    await page.evaluate(
        "window.heard = []; for (const name of ['keydown', 'keypress', 'keyup'])"
        " document.addEventListener(name, event => heard.push(event.key))"
    )
    await page.locator(".composer textarea").press("j")
    await expect(page.locator(".composer textarea")).to_have_value("j")
    assert await page.evaluate("heard") == []
    await page.locator(".composer textarea").press("Escape")
    await expect(page.locator(".panel")).to_be_hidden()
