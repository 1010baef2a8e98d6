"""The widget in a real browser: a conversation from greeting to feedback, whatever gets lost."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, ViewportSize, expect

from bot.app import create_app
from bot.domain.conversation import Author, Locale, Message
from bot.domain.feedback import Rating
from bot.domain.reply import Clarification, Reply
from bot.ports import IndexStatus
from tests.chromium import (
    DESK,
    LOOP,
    PHONE,
    Witness,
    ask,
    browser,
    composer,
    expect_dark_to_differ,
    expect_width,
    open_panel,
    pytestmark,
    visit,
)
from tests.fakes import FakeBot
from tests.web import serve, until

__all__ = ["browser", "pytestmark"]

QUESTION = "How do I create a team?"
ATTEMPTS = 5  # at one turn's stream, before its conversation is asked


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest_asyncio.fixture(**LOOP)
async def url(bot: FakeBot) -> AsyncIterator[str]:
    async with serve(create_app(bot)) as url:
        yield url


@pytest_asyncio.fixture(**LOOP)
async def context(browser: Browser, url: str) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="en-US", viewport=DESK)
    witness = Witness(url)
    context.on("page", witness.watch)
    yield context
    await context.close()
    assert witness.offences == []


@pytest_asyncio.fixture(**LOOP)
async def page(context: BrowserContext, url: str) -> Page:
    return await visit(context, f"{url}/demo")


async def expect_answer(page: Page) -> None:
    await expect(page.locator(".log .sources").last).to_be_visible()


# Asking


async def test_a_question_gets_its_answer_with_sources(page: Page, url: str) -> None:
    await ask(page, QUESTION)
    answer = page.locator(".log .bot").last
    await expect(answer.locator("strong")).to_have_text("Settings")
    address = f"{url}/kb/en/administration/teams.md#create-a-team"
    source = answer.locator(".sources li")
    await expect(source.get_by_role("link", name="Teams")).to_have_attribute("href", address)
    await expect(source).to_contain_text("Open Settings and choose Teams.")  # no Markdown marks
    chip = answer.get_by_role("link", name="Source 1: Teams")
    await expect(chip).to_have_attribute("href", address)
    await expect(chip).to_have_attribute("target", "_blank")


async def test_an_answer_is_shown_as_it_comes_and_read_out_when_done(
    page: Page, bot: FakeBot
) -> None:
    bot.dialogue.gate.clear()
    await ask(page, QUESTION)
    await expect(page.locator(".stage")).to_have_text("Searching the help articles…")
    await expect(page.locator(".draft .bot")).to_contain_text("Open")
    await expect(page.locator(".log .bot")).to_have_count(1)  # the greeting
    await expect(page.locator(".draft")).to_have_js_property("inert", True)
    bot.dialogue.gate.set()
    await expect_answer(page)
    await expect(page.locator(".log .bot")).to_have_count(2)
    await expect(page.locator(".draft li")).to_have_count(0)
    await expect(page.locator(".stage")).to_have_text("")


async def test_both_languages(page: Page, bot: FakeBot) -> None:
    await page.get_by_role("button", name="用中文显示").click()
    await expect(page.locator(".log .bot")).to_have_text(re.compile(r"smalltalk\.zh\.greeting"))
    await expect(page.get_by_role("textbox", name="您的问题")).to_be_visible()
    await ask(page, "怎么创建团队？")
    await expect(page.get_by_role("heading", name="来源")).to_be_visible()
    await page.get_by_role("button", name="Show in English").click()
    await expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    await expect(page.locator(".log .customer")).to_contain_text("怎么创建团队")
    assert [m.text for m in bot.store.log if m.author is Author.CUSTOMER] == ["怎么创建团队？"]


async def test_the_questions_to_begin_with_are_sent_by_a_click(page: Page, bot: FakeBot) -> None:
    await page.get_by_role("button", name="How do I create a subtask?").click()
    await expect_answer(page)
    assert bot.store.log[0].text == "How do I create a subtask?"
    await expect(page.get_by_role("button", name="How do I create a subtask?")).to_have_count(0)


async def test_what_could_be_meant_is_offered_as_buttons(page: Page, bot: FakeBot) -> None:
    question, options = "Which one do you mean?", ("Boards", "Reports")
    asked_back = Clarification(f"{question}\n\n- Boards\n- Reports", question, options)
    reply = Reply(asked_back, Locale.EN, message="0" * 32).as_json()
    body = (
        f"id: 1.1\nevent: reply\ndata: {json.dumps(reply)}\n\nid: 1.2\nevent: done\ndata: {{}}\n\n"
    )
    stream = {"content-type": "text/event-stream"}
    await page.route("**/messages", lambda route: route.fulfill(headers=stream, body=body), times=1)
    await ask(page, "export")
    await expect(page.get_by_text(question)).to_be_visible()
    await expect(page.locator(".log li")).to_have_count(0)  # the buttons say it
    await page.get_by_role("button", name="Reports").click()
    await expect_answer(page)
    assert [m.text for m in bot.store.log if m.author is Author.CUSTOMER] == ["Reports"]


async def test_the_search_field_of_the_page_asks_the_widget(
    context: BrowserContext, url: str
) -> None:
    page = await context.new_page()
    await page.goto(f"{url}/demo")
    await page.get_by_role("searchbox").fill(QUESTION)
    await page.keyboard.press("Enter")
    await expect_answer(page)
    await expect(page.locator(".log .customer")).to_have_count(1)


async def test_nothing_empty_or_too_long_is_sent(page: Page, bot: FakeBot) -> None:
    await ask(page, "  \n ")
    await expect(page.locator(".left")).to_be_hidden()
    await ask(page, "x" * 4001)
    await expect(page.locator(".left")).to_have_text("1 characters too many")
    await expect(composer(page)).to_have_value("x" * 4001)
    await ask(page, "😀" * 4000)  # as the server counts: each is one
    await expect_answer(page)
    assert [m.text for m in bot.store.log if m.author is Author.CUSTOMER] == ["😀" * 4000]


async def test_a_person_can_be_asked_for_at_any_time(page: Page, bot: FakeBot) -> None:
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator(".log .customer")).to_contain_text("I'd like to talk")
    await expect_answer(page)
    await expect(page.get_by_role("button", name="Talk to a person")).to_be_visible()
    assert len(bot.store.turns) == 1


# Feedback


async def test_thumbs_can_be_given_changed_and_explained(page: Page, bot: FakeBot) -> None:
    await ask(page, QUESTION)
    up = page.get_by_role("button", name="Helpful", exact=True)
    down = page.get_by_role("button", name="Not helpful")
    await up.click()
    await expect(page.locator(".outcome")).to_have_text("Thank you for the feedback.")
    await down.click()
    await expect(up).to_have_attribute("aria-pressed", "false")
    await page.get_by_role("button", name="Out of date").click()
    await page.get_by_placeholder("Anything else?").fill("It is called Groups now.")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.locator(".reasons")).to_have_count(0)
    await expect(down).to_be_focused()
    (given,) = bot.store.given.values()
    assert (given.rating, given.comment) == (Rating.DOWN, "Out of date · It is called Groups now.")
    await page.reload()
    await expect(down).to_have_attribute("aria-pressed", "true")


async def test_feedback_that_is_not_saved_says_so(page: Page) -> None:
    await ask(page, QUESTION)
    await page.route("**/feedback", lambda route: route.abort())
    up = page.get_by_role("button", name="Helpful", exact=True)
    await up.click()
    await expect(page.locator(".outcome")).to_contain_text("not saved")
    await expect(up).to_have_attribute("aria-pressed", "false")


async def test_an_answer_is_copied_with_its_sources(page: Page, url: str) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ask(page, QUESTION)
    await page.get_by_role("button", name="Copy with sources").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == (
        "Open **Settings** and choose *Teams* [1].\n\n"
        f"[1] Teams {url}/kb/en/administration/teams.md#create-a-team"
    )


# Whatever gets lost


async def test_the_conversation_survives_a_reload(page: Page) -> None:
    await ask(page, QUESTION)
    await expect_answer(page)
    await composer(page).fill("half a thought")
    before = await page.locator(".log").inner_text()
    await page.reload()
    await expect_answer(page)
    await expect(page.locator(".log")).to_have_text(before, use_inner_text=True)
    await expect(composer(page)).to_have_value("half a thought")


async def test_a_question_asked_while_the_conversation_loads_follows_it(page: Page) -> None:
    await ask(page, QUESTION)
    await expect_answer(page)
    shown = asyncio.Event()

    async def answer_late(route: Route) -> None:
        response = await route.fetch()
        await shown.wait()
        await route.fulfill(response=response)

    await page.route(re.compile(r"/conversations/\w+$"), answer_late)
    await page.reload()
    await ask(page, "And now?")
    await page.evaluate("new Promise(requestAnimationFrame)")
    shown.set()
    await expect(page.locator(".log .sources")).to_have_count(2)
    await expect(page.locator(".log .message")).to_have_count(5)
    await expect(page.locator(".log .customer").last).to_contain_text("And now?")


async def test_a_reload_in_the_middle_of_a_turn_attaches_to_it(page: Page, bot: FakeBot) -> None:
    bot.dialogue.gate.clear()
    await ask(page, QUESTION)
    await expect(page.locator(".draft .bot")).to_contain_text("Open")
    await page.reload()
    await expect(page.locator(".draft .bot")).to_contain_text("Open")
    bot.dialogue.gate.set()
    await expect_answer(page)
    await expect(page.locator(".customer")).to_have_count(1)
    assert len(bot.dialogue.started) == 1


async def test_a_turn_that_ended_during_a_reload_is_shown_once(
    page: Page, bot: FakeBot, url: str
) -> None:
    bot.dialogue.gate.clear()
    await ask(page, QUESTION)
    await expect(page.locator(".draft .bot")).to_contain_text("Open")
    await page.goto(f"{url}/kb/en/administration/teams.md")
    bot.dialogue.gate.set()
    await until(lambda: any(message.author is Author.BOT for message in bot.store.log))
    await page.goto(f"{url}/demo")
    await expect_answer(page)
    await expect(page.locator(".stage")).to_have_text("")
    await expect(page.locator(".log .message")).to_have_count(3)


async def test_a_cut_stream_is_taken_up_where_it_ended(page: Page, bot: FakeBot) -> None:
    positions: list[str | None] = []

    async def cut_once(route: Route) -> None:
        positions.append(route.request.headers.get("last-event-id"))
        if len(positions) > 1:
            await route.continue_()
            return
        response = await route.fetch()
        whole = await response.text()
        await route.fulfill(response=response, body=whole[: whole.index("event: delta")])

    await page.route("**/messages", cut_once)
    await ask(page, QUESTION)
    await expect_answer(page)
    assert positions[0] is None
    assert positions[1] is not None
    assert positions[1].endswith(".1")
    assert len(bot.store.turns) == 1


async def test_a_proxy_that_finds_no_server_for_a_moment_is_tried_again(
    page: Page, bot: FakeBot
) -> None:
    statuses = [502, 503, 504]

    async def restart(route: Route) -> None:
        if statuses:
            await route.fulfill(status=statuses.pop(), body="<h1>Bad gateway</h1>")
        else:
            await route.continue_()

    await page.route("**/messages", restart)
    await ask(page, QUESTION)
    await expect(page.locator(".log .sources, .failure")).to_have_class("sources", timeout=15_000)
    assert len(bot.store.turns) == 1


async def test_an_answer_whose_stream_never_arrives_is_fetched(page: Page, bot: FakeBot) -> None:
    answered = asyncio.Event()

    async def answer_unheard(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, body=": nothing of it\n\n")
        answered.set()

    await page.clock.install()
    await page.route("**/messages", answer_unheard)
    await ask(page, QUESTION)
    for _ in range(ATTEMPTS):
        # Never while a request is under way: what it waits for on the network is real time.
        await answered.wait()
        answered.clear()
        await page.clock.fast_forward(10_000)
    await expect(page.locator(".log .sources")).to_be_visible(timeout=30_000)
    assert len(bot.store.turns) == 1


async def test_offline_keeps_the_message_and_sends_it_once(page: Page, bot: FakeBot) -> None:
    await page.context.set_offline(True)
    await ask(page, QUESTION)
    await expect(page.get_by_role("alert")).to_contain_text("The connection was lost")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("alert")).to_contain_text("The connection was lost")
    await page.context.set_offline(False)  # it notices by itself
    await expect_answer(page)
    await expect(page.get_by_role("alert")).to_have_count(0)
    await expect(page.locator(".customer")).to_have_count(1)
    assert [m.text for m in bot.store.log if m.author is Author.CUSTOMER] == [QUESTION]


async def test_a_message_given_up_says_that_it_was_not_sent(page: Page, bot: FakeBot) -> None:
    await page.route("**/messages", lambda route: route.fulfill(status=501, body="{}"))
    await ask(page, "first")
    await expect(page.get_by_role("alert")).to_contain_text("did not work")
    await page.unroute("**/messages")
    await ask(page, "second")
    await expect_answer(page)
    await expect(page.locator(".customer").first).to_contain_text("Not sent")
    assert [m.text for m in bot.store.log if m.author is Author.CUSTOMER] == ["second"]


async def test_too_many_requests_say_when_to_try_again(page: Page, bot: FakeBot) -> None:
    async def refuse(route: Route) -> None:
        problem = '{"type": "/problems/too-many-requests"}'
        await route.fulfill(status=429, headers={"Retry-After": "7"}, body=problem)

    await page.clock.install()
    await page.route("**/messages", refuse)
    await ask(page, QUESTION)
    await expect(page.get_by_role("alert")).to_contain_text("7 s")
    retry = page.get_by_role("button", name="Try again")
    await expect(retry).to_be_disabled()
    await page.unroute("**/messages")
    await page.clock.fast_forward(8_000)
    await retry.click()
    await expect_answer(page)
    assert len(bot.store.turns) == 1


async def test_a_missing_index_is_said_plainly(page: Page, bot: FakeBot) -> None:
    bot.retriever.index = IndexStatus(None)
    await ask(page, QUESTION)
    await expect(page.get_by_role("alert")).to_contain_text("help articles are not loaded yet")
    bot.retriever.index = IndexStatus("20260101-000000")
    await page.get_by_role("button", name="Try again").click()
    await expect_answer(page)


async def test_a_conversation_that_is_gone_begins_anew_with_the_message(
    page: Page, bot: FakeBot
) -> None:
    await ask(page, QUESTION)
    await expect_answer(page)
    bot.store.conversations.clear()
    await ask(page, "And now?")
    await expect(page.locator(".note", has_text="This is a new one")).to_be_visible()
    await expect(page.locator(".log .sources")).to_have_count(2)
    bot.store.conversations.clear()
    await page.reload()
    await expect(page.locator(".log .message")).to_have_count(1)
    await expect(page.locator(".log .bot")).to_contain_text("greeting")


async def test_a_new_conversation_leaves_the_old_one(page: Page, bot: FakeBot) -> None:
    await ask(page, QUESTION)
    await expect_answer(page)
    await page.get_by_role("button", name="New conversation").click()
    await expect(page.locator(".log .message")).to_have_count(1)
    assert len(bot.store.conversations) == 2


# A person


async def test_a_person_answers_and_the_launcher_tells(page: Page, bot: FakeBot) -> None:
    await ask(page, QUESTION)
    await expect_answer(page)
    await page.get_by_role("button", name="Close", exact=True).click()
    (conversation,) = bot.store.conversations
    bot.store.log.append(Message(conversation, Author.AGENT, "Hi, this is **Mei**."))
    await page.evaluate("dispatchEvent(new Event('online'))")
    launcher = page.get_by_role("button", name="new message")
    await expect(launcher).to_be_visible(timeout=15_000)
    await launcher.click()
    message = page.locator(".log .agent")
    await expect(message).to_contain_text("Support team")
    await expect(message.locator("strong")).to_have_text("Mei")
    await expect(page.locator(".log .sources")).to_have_count(1)  # nothing is shown twice


# Shape


@pytest.mark.parametrize("size", [PHONE, DESK, {"width": 320, "height": 480}])
async def test_wide_content_scrolls_inside(page: Page, bot: FakeBot, size: ViewportSize) -> None:
    columns = "|" + " column |" * 12
    bot.dialogue.text = (
        f"{'x' * 300}\n\n```\n{'y ' * 200}\n```\n\n{columns}\n{columns.replace(' column ', '-')}\n"
        f"{columns}\n\n{'long ' * 1000}[1]"
    )
    await page.set_viewport_size(size)
    await ask(page, "z" * 400)
    await expect_answer(page)
    transcript = page.locator(".transcript")
    width = await transcript.evaluate("node => node.clientWidth")
    await expect(transcript).to_have_js_property("scrollWidth", width)
    await expect_width(page, size["width"])
    await expect(page.get_by_role("button", name="Send")).to_be_in_viewport()
    await expect(page.get_by_role("button", name="Talk to a person")).to_be_in_viewport()


async def test_on_a_phone_it_is_a_sheet_over_a_page_that_does_not_scroll(
    browser: Browser, url: str
) -> None:
    context = await browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page = await visit(context, f"{url}/demo")
    panel = page.locator(".panel")
    handle = await panel.element_handle()
    await page.wait_for_function(
        """([panel, { width, height }]) => {
          const { x, y, width: wide, height: high } = panel.getBoundingClientRect();
          return panel.matches(":modal") && `${[x, y, wide, high]}` === `${[0, 0, width, height]}`;
        }""",
        arg=[handle, PHONE],
    )
    whole = page.locator("html")
    await expect(whole).to_have_css("overflow", "hidden")
    await page.get_by_role("button", name="Close", exact=True).click()
    await expect(whole).not_to_have_css("overflow", "hidden")
    await open_panel(page)
    await page.set_viewport_size(DESK)
    # The page hears of its new width by an event of its own.
    await page.wait_for_function(
        "panel => panel.checkVisibility() && !panel.matches(':modal')",
        arg=handle,
    )
    await expect(whole).not_to_have_css("overflow", "hidden")
    await context.close()


async def test_light_and_dark_follow_the_system_unless_stated(page: Page) -> None:
    panel = page.locator(".panel")
    await page.emulate_media(color_scheme="light")
    light = await panel.evaluate("node => getComputedStyle(node).backgroundColor")
    await expect_dark_to_differ(page, panel)
    await page.locator("firstline-widget").evaluate("node => { node.dataset.theme = 'light' }")
    await expect(panel).to_have_css("background-color", light)
