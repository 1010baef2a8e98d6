"""In a real browser: what the widget shows while a person has the conversation, and afterwards."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.app import create_app
from bot.bootstrap import Bot, build
from bot.domain.agent import Agent
from bot.domain.audit import AuditEvent
from bot.domain.conversation import Author, Conversation, Locale
from bot.domain.ticket import Ticket
from bot.ports import AgentChange
from bot.services.staff import Staff
from bot.settings import Settings, Web
from tests.channels.test_widget_access import find_faults
from tests.chromium import (
    DESK,
    LOOP,
    Witness,
    ask,
    browser,
    composer,
    eventually,
    pytestmark,
    visit,
)
from tests.fakes import FakeCodes, FakePasswords, FakeRetriever
from tests.web import Visitor, call, serve

__all__ = ["browser", "pytestmark"]

MEI = Agent("mei@example.com", "Mei", id="mei")


@pytest.fixture
def bot() -> Bot:
    agents = MemoryAgents(agents=[MEI])
    return build(
        Settings(web=Web(rate_limit=0)),
        store=MemoryStore(),
        retriever=FakeRetriever(),
        staff=Staff.of(agents, agents.audit, FakePasswords(), FakeCodes()),
    )


@pytest_asyncio.fixture(**LOOP)
async def context(browser: Browser, bot: Bot) -> AsyncIterator[BrowserContext]:
    async with serve(create_app(bot)) as url:
        context = await browser.new_context(base_url=url, locale="en-US", viewport=DESK)
        witness = Witness(url)
        context.on("page", witness.watch)
        yield context
        await context.close()
        assert witness.offences == []


@pytest_asyncio.fixture(**LOOP)
async def page(context: BrowserContext) -> Page:
    """Of a customer who has just asked for a person."""
    page = await visit(context, "/demo")
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator(".case")).to_contain_text("Ticket T-1")
    return page


async def only_ticket(bot: Bot) -> Ticket:
    (ticket,) = bot.store._tickets.values()  # type: ignore[attr-defined]
    return ticket


async def test_the_ticket_says_when_and_who(page: Page, bot: Bot) -> None:
    card = page.locator(".case")
    ticket = await only_ticket(bot)
    await expect(card).to_contain_text(bot.hand_over.handoffs.word_deadline(ticket))
    await bot.hand_over.casework.reply(ticket.id, MEI.id, "Hello, I am **Mei**.", "k1")
    await expect(page.locator(".log .agent")).to_contain_text("Mei")
    await expect(card).to_contain_text("Mei is looking after it.")
    await expect(card).not_to_contain_text("First answer")
    bot.hand_over.presence.attend(ticket.conversation, MEI.id)
    bot.hand_over.presence.type(ticket.conversation, Author.AGENT)
    await page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    await expect(page.locator(".signs")).to_contain_text("Mei is writing…", timeout=15_000)


async def test_where_nobody_is_there_nobody_is_spoken_of(context: BrowserContext, bot: Bot) -> None:
    assert bot.staff is not None
    await bot.staff.agents.apply(
        AgentChange(replace(MEI, active=False), MEI, AuditEvent("test", "agent.deactivated"))
    )
    page = await visit(context, "/demo")
    await page.get_by_role("button", name="Talk to a person").click()
    card = page.locator(".case")
    await expect(card).to_contain_text("Your request is kept")
    await expect(card).not_to_contain_text("team has your request")


async def test_what_is_written_is_delivered_and_the_agent_sees_typing(page: Page, bot: Bot) -> None:
    ticket = await only_ticket(bot)
    await composer(page).press_sequentially("It is the")
    await expect(page.locator(".case")).to_be_visible()
    presence = bot.hand_over.presence
    await eventually(lambda: presence.signs(ticket.conversation).typing == {Author.CUSTOMER})
    await ask(page, "It is the second board.")
    await expect(page.get_by_text("Delivered to the support team.")).to_be_visible()


async def test_an_address_can_be_left(page: Page, bot: Bot) -> None:
    card = page.locator(".case")
    await card.get_by_role("button", name="Leave an e-mail address").click()
    await card.get_by_label("Your e-mail address").fill("nobody")
    await card.get_by_role("button", name="Save").click()
    await expect(card.get_by_role("alert")).to_contain_text("does not look like")
    await card.get_by_label("Your e-mail address").fill("jo@example.con")
    await card.get_by_role("button", name="Save").click()
    await expect(card).to_contain_text("You can be reached at jo@example.con.")
    await card.get_by_role("button", name="Change the address").click()
    await card.get_by_label("Your e-mail address").fill("jo@example.com")
    await card.get_by_role("button", name="Save").click()
    await expect(card).to_contain_text("You can be reached at jo@example.com.")
    assert (await only_ticket(bot)).contact == "jo@example.com"


async def test_the_request_can_be_withdrawn_after_a_second_thought(page: Page, bot: Bot) -> None:
    card = page.locator(".case")
    await card.get_by_role("button", name="No longer needed").click()
    await card.get_by_role("button", name="Keep it").click()
    assert (await only_ticket(bot)).state.is_active
    await card.get_by_role("button", name="No longer needed").click()
    await card.get_by_role("button", name="Withdraw it").click()
    await expect(card).to_be_hidden()
    await ask(page, "How do I create a team?")
    await expect(page.locator(".log .bot").last).to_contain_text("Teams")


async def test_the_survey_comes_once(page: Page, bot: Bot) -> None:
    ticket = await only_ticket(bot)
    await bot.hand_over.casework.reply(ticket.id, MEI.id, "Done.", "k1", resolve=True)
    survey = page.locator(".survey")
    await expect(survey).to_contain_text("How did we do?")
    await expect(page.locator(".case")).to_be_hidden()
    await survey.get_by_role("button", name="Good", exact=True).click()
    await survey.get_by_role("button", name="9", exact=True).click()
    await survey.get_by_label("What should we know?").fill("quick!")
    await survey.get_by_role("button", name="Send").click()
    await expect(survey).to_contain_text("Thank you.")
    (given,) = await bot.hand_over.surveys.of_conversation(ticket.conversation)
    assert (given.csat, given.nps, given.comment) == (4, 9, "quick!")
    await page.reload()
    await expect(page.locator(".log .agent")).to_contain_text("Done.")
    await expect(page.locator(".survey")).to_have_count(1)
    await expect(page.locator(".survey")).to_be_hidden()


async def test_who_declines_is_left_in_peace(page: Page, bot: Bot) -> None:
    ticket = await only_ticket(bot)
    await bot.hand_over.casework.resolve(ticket.id, MEI.id)
    async with page.expect_response("**/survey"):  # the card is gone before the server knows
        await page.get_by_role("button", name="No, thanks").click()
    await expect(page.locator(".survey")).to_be_hidden()
    (given,) = await bot.hand_over.surveys.of_conversation(ticket.conversation)
    assert (given.csat, given.nps) == (None, None)
    assert given.closed_at is not None


async def test_the_survey_comes_where_a_merged_conversation_goes_on(page: Page, bot: Bot) -> None:
    absorbed = await only_ticket(bot)
    talk = Conversation("widget")
    await bot.store.add_conversation(talk)
    ticket = await bot.hand_over.handoffs.take_over(talk, MEI.id, Locale.EN)
    await bot.hand_over.casework.merge(absorbed.id, MEI.id, ticket.id)
    await bot.hand_over.casework.reply(ticket.id, MEI.id, "Mended.", "k", resolve=True)
    survey = page.locator(".survey")
    await survey.get_by_role("button", name="Good", exact=True).click()
    await survey.get_by_role("button", name="Send").click()
    await expect(survey).to_contain_text("Thank you.")
    (given,) = await bot.hand_over.surveys.of_conversation(talk.id)
    assert (given.csat, given.ticket) == (4, ticket.id)
    assert await bot.hand_over.surveys.ask(talk.id) is None


async def test_language_and_accessibility(page: Page, bot: Bot) -> None:
    await page.get_by_role("button", name="用中文显示").click()
    await expect(page.locator(".case")).to_contain_text("工单 T-1")
    await page.locator(".case").get_by_role("button", name="留下邮箱").click()
    assert await find_faults(page) == []
    ticket = await only_ticket(bot)
    await bot.hand_over.casework.resolve(ticket.id, MEI.id)
    await page.get_by_role("button", name="满意", exact=True).click()
    assert await find_faults(page) == []


# The route


@pytest.mark.parametrize(
    "body",
    [
        {"csat": 0},
        {"csat": 6},
        {"csat": "4"},
        {"csat": 4.5},
        {"csat": True},
        {"nps": -1},
        {"nps": 11},
        {"comment": "x" * 1001},
        {"comment": 7},
    ],
)
async def test_what_is_no_answer_is_refused(bot: Bot, body: dict[str, object]) -> None:
    async with call(create_app(bot)) as client:
        visitor = await Visitor.arrive(client)
        response = await _answer(visitor, body)
        assert response.status_code == 422
        assert list(await bot.hand_over.surveys.of_conversation(visitor.conversation)) == []


async def test_the_survey_waits_for_the_person(bot: Bot) -> None:
    async with call(create_app(bot)) as client:
        visitor = await Visitor.arrive(client)
        await client.post(f"{visitor.url}/handoff", headers=visitor.headers)
        refused = await _answer(visitor, {"csat": 5})
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/survey-not-due")
        ticket = await only_ticket(bot)
        await bot.hand_over.casework.resolve(ticket.id, MEI.id)
        assert (await _answer(visitor, {"csat": 5, "nps": 0, "comment": " "})).status_code == 204
        (given,) = await bot.hand_over.surveys.of_conversation(visitor.conversation)
        assert (given.csat, given.nps, given.comment) == (5, 0, None)


@pytest.mark.parametrize("begins_with", [{"csat": 4}, {}])
async def test_a_survey_is_answered_once(bot: Bot, begins_with: dict[str, object]) -> None:
    async with call(create_app(bot)) as client:
        visitor = await Visitor.arrive(client)
        await client.post(f"{visitor.url}/handoff", headers=visitor.headers)
        ticket = await only_ticket(bot)
        await bot.hand_over.casework.resolve(ticket.id, MEI.id)
        about = {"ticket": ticket.id}
        if begins_with:
            part = {**begins_with, **about, "more": True}
            assert (await _answer(visitor, part)).status_code == 204
        assert (await _answer(visitor, {"ticket": "0" * 32, "nps": 1})).status_code == 409
        assert (await _answer(visitor, {"nps": 9, **about})).status_code == 204
        for more in (True, False):
            refused = await _answer(visitor, {"csat": 1, "more": more})
            assert (refused.status_code, refused.json()["type"]) == (
                409,
                "/problems/survey-not-due",
            )
        (given,) = await bot.hand_over.surveys.of_conversation(visitor.conversation)
        assert (given.csat, given.nps) == (begins_with.get("csat"), 9)


async def test_who_was_not_asked_is_refused(bot: Bot) -> None:
    async with call(create_app(bot)) as client:
        visitor = await Visitor.arrive(client)
        assert (await _answer(visitor, {"csat": 5})).status_code == 409  # the bot alone
        await client.post(f"{visitor.url}/handoff", headers=visitor.headers)
        await client.post(f"{visitor.url}/handoff/cancel", headers=visitor.headers)
        assert (await _answer(visitor, {"csat": 5})).status_code == 409
        await client.post(f"{visitor.url}/handoff", headers=visitor.headers)
        *_, ticket = await bot.store.tickets_of(visitor.conversation)
        await bot.hand_over.casework.return_to_bot(ticket.id, MEI.id)
        assert (await _answer(visitor, {"csat": 5})).status_code == 409
        assert list(await bot.hand_over.surveys.of_conversation(visitor.conversation)) == []


async def test_nobody_else_answers(bot: Bot) -> None:
    async with call(create_app(bot)) as client:
        visitor, other = await Visitor.arrive(client), await Visitor.arrive(client)
        for headers in ({}, other.headers):
            response = await client.post(f"{visitor.url}/survey", json={"csat": 1}, headers=headers)
            assert response.status_code == 404


async def _answer(visitor: Visitor, body: dict[str, object]) -> httpx.Response:
    return await visitor.client.post(f"{visitor.url}/survey", json=body, headers=visitor.headers)
