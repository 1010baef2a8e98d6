"""A customer in the widget and an agent in the inbox, side by side in a real browser."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.app import create_app
from bot.bootstrap import build
from bot.domain.agent import Agent
from bot.services.staff import Staff
from bot.settings import Settings, Sla, Web
from tests.channels.office import PASSWORD
from tests.chromium import DESK, LOOP, Witness, ask, browser, composer, pytestmark, visit
from tests.fakes import FakeCodes, FakePasswords, FakeRetriever
from tests.web import serve

__all__ = ["browser", "pytestmark"]

LI = Agent("li@example.com", "Li")


@dataclass
class Pair:
    store: MemoryStore
    customer: Page
    agent: Page
    witness: Witness

    @property
    def row(self) -> Locator:
        return self.agent.locator(".row")


@pytest_asyncio.fixture(**LOOP)
async def pair(browser: Browser) -> AsyncIterator[Pair]:
    store, agents = MemoryStore(), MemoryAgents()
    staff = Staff.of(agents, agents.audit, FakePasswords(), FakeCodes())
    await staff.administration.add(LI, PASSWORD)
    settings = Settings(web=Web(rate_limit=0), sla=Sla(hours="24x7"))
    bot = build(settings, store=store, staff=staff, retriever=FakeRetriever())
    async with serve(create_app(bot)) as url:
        url = url.replace("127.0.0.1", "localhost")
        witness = Witness(url)
        options: Any = {"viewport": DESK, "locale": "en-US", "reduced_motion": "reduce"}
        one, other = await browser.new_context(**options), await browser.new_context(**options)
        agent = await other.new_page()
        witness.watch(agent)
        await agent.goto(f"{url}/inbox?view=unassigned")
        await agent.get_by_label("E-mail").fill(LI.email)
        await agent.get_by_label("Password", exact=True).fill(PASSWORD)
        await agent.keyboard.press("Enter")
        await expect(agent.locator(".workplace")).to_be_visible()
        customer = await visit(one, f"{url}/demo")
        witness.watch(customer)
        yield Pair(store, customer, agent, witness)
        await one.close()
        await other.close()
    assert witness.offences == []


async def ask_for_a_person(pair: Pair) -> None:
    await ask(pair.customer, "The invoice is wrong <b>again</b>, I am fed up!")
    await expect(pair.customer.locator(".log .bot")).to_have_count(2)
    await pair.customer.get_by_role("button", name="Talk to a person").first.click()
    await expect(pair.row).to_have_count(1)


async def test_from_the_request_to_the_resolution(pair: Pair) -> None:
    customer, agent = pair.customer, pair.agent
    await ask_for_a_person(pair)
    await expect(customer.locator(".log")).to_contain_text("T-1")

    await pair.row.get_by_role("link").click()
    await expect(agent.locator(".whole h2")).to_have_text("Visitor")
    await agent.keyboard.press("c")
    await expect(agent.locator(".toasts")).to_contain_text("You have this ticket now.")
    asked = agent.locator(".message.customer").first
    await expect(asked).to_contain_text("The invoice is wrong <b>again</b>, I am fed up!")
    await expect(agent.locator(".part.wants .summary")).not_to_be_empty()

    area = agent.locator(".composer textarea")
    await area.fill("I am **sorry**. See [Refunds](/kb/en/billing/refunds.md), not [this](//x.y/).")
    await area.press("Control+Enter")
    said = customer.locator(".log .agent").last
    await expect(said.locator("strong")).to_have_text("sorry")
    refunds = said.get_by_role("link", name="Refunds")
    await expect(refunds).to_have_attribute("href", re.compile("/kb/en/billing/refunds.md$"))
    await expect(said.get_by_role("link")).to_have_count(1)

    await composer(customer).fill("Thank you, that helps.")
    await composer(customer).press("Enter")
    await expect(agent.locator(".message.customer").last).to_contain_text("that helps")
    await expect(customer.locator(".log .bot")).to_have_count(3)  # the bot stays mute

    await agent.locator("body").click(position={"x": 5, "y": 300})
    await agent.keyboard.press("e")
    await expect(agent.locator(".toasts")).to_contain_text("T-1 is resolved.")
    await expect(customer.locator(".log")).to_contain_text("resolved")
    [ticket] = pair.store._tickets.values()
    assert ticket.state == "resolved"


async def test_customer_who_writes_wakes_what_was_snoozed(pair: Pair) -> None:
    await ask_for_a_person(pair)
    await pair.row.get_by_role("link").click()
    await expect(pair.agent.locator(".whole h2")).to_have_text("Visitor")
    await pair.agent.keyboard.press("s")
    await pair.agent.get_by_role("menuitem", name="In one hour").click()
    await expect(pair.agent.locator(".whole .chip")).to_have_text("Snoozed")
    await ask(pair.customer, "One more thing")
    await expect(pair.agent.locator(".whole .chip")).to_have_count(0)
    await expect(pair.agent.locator(".happened.woken")).to_have_count(1)


async def test_returned_conversation_is_the_bots_again(pair: Pair) -> None:
    await ask_for_a_person(pair)
    await pair.row.get_by_role("link").click()
    await expect(pair.agent.locator(".whole h2")).to_have_text("Visitor")
    await pair.agent.keyboard.press("b")
    await pair.agent.get_by_role("dialog").get_by_role("button", name="Return to the bot").click()
    await expect(pair.agent.locator(".closed")).to_contain_text("Returned to the bot")
    before = await pair.customer.locator(".log .bot").count()
    await ask(pair.customer, "How do I create a team?")
    await expect(pair.customer.locator(".log .bot")).to_have_count(before + 1)
