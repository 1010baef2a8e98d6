"""A customer in the widget and an agent in the inbox, side by side in a real browser."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.app import create_app
from bot.bootstrap import build
from bot.domain.agent import Agent
from bot.domain.conversation import Locale
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


@asynccontextmanager
async def open_desk(browser: Browser, locale: Locale = Locale.EN) -> AsyncIterator[Pair]:
    """A customer on the demo page and an agent in the inbox, both of that language."""
    store, agents = MemoryStore(), MemoryAgents()
    staff = Staff.of(agents, agents.audit, FakePasswords(), FakeCodes())
    await staff.administration.add(replace(LI, locale=locale), PASSWORD)
    settings = Settings(web=Web(rate_limit=0), sla=Sla(hours="24x7"))
    bot = build(settings, store=store, staff=staff, retriever=FakeRetriever())
    async with serve(create_app(bot)) as url:
        url = url.replace("127.0.0.1", "localhost")
        witness = Witness(url)
        tag = {"en": "en-US", "zh": "zh-CN"}[locale.value]
        options: Any = {"viewport": DESK, "locale": tag, "reduced_motion": "reduce"}
        one, other = await browser.new_context(**options), await browser.new_context(**options)
        agent = await other.new_page()
        witness.watch(agent)
        await agent.goto(f"{url}/inbox?view=unassigned")
        await agent.locator("input[name=email]").fill(LI.email)
        await agent.locator("input[name=password]").fill(PASSWORD)
        await agent.keyboard.press("Enter")
        await expect(agent.locator(".workplace")).to_be_visible()
        customer = await visit(one, f"{url}/demo?locale={locale.value}")
        witness.watch(customer)
        yield Pair(store, customer, agent, witness)
        await one.close()
        await other.close()
    assert witness.offences == []


@pytest_asyncio.fixture(**LOOP)
async def pair(browser: Browser) -> AsyncIterator[Pair]:
    async with open_desk(browser) as pair:
        yield pair


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
    said = pair.customer.locator(".log .bot")
    await expect(said).to_have_count(3)  # a greeting, an answer, and that a person will come
    await ask(pair.customer, "How do I create a team?")
    await expect(said).to_have_count(4)


@dataclass(frozen=True)
class Story:
    """What the customer writes until a person has them, and the words that both pages say."""

    said: Sequence[str]
    more: str
    comment: str
    words: Mapping[str, str]


STORIES = {
    Locale.EN: Story(
        (
            "How do I export the Gantt chart as a PDF?",
            "I did exactly that and it still does not work.",
            "That is no help at all!! You keep telling me the same, this is useless!",
            "Are you stupid? This is ridiculous, nothing works and nobody helps me!!!",
        ),
        "It is the board of the launch project.",
        "Took a while, but Li was great.",
        {
            "taken": "You have this ticket now.",
            "with": "Li is looking after it.",
            "customer types": "Visitor is typing…",
            "agent types": "Li is writing…",
            "resolved": "T-1 is resolved.",
            "good": "Very good",
            "comment": "What should we know?",
            "send": "Send",
            "thanks": "Thank you.",
            "csat": "CSAT 5/5",
            "nps": "NPS 9/10",
        },
    ),
    Locale.ZH: Story(
        (
            "怎么把甘特图导出成 PDF？",
            "我就是这么做的，还是不行。",
            "完全没用！你一直说同样的话，烦死了！",
            "你们到底会不会解决问题？气死我了，太差劲了！！！",
        ),
        "是发布项目的那个看板。",
        "等得有点久，不过李雯很专业。",
        {
            "taken": "工单已由您负责。",
            "with": "由 Li 跟进。",
            "customer types": "访客 正在输入…",
            "agent types": "Li 正在输入…",
            "resolved": "T-1 已解决。",
            "good": "非常满意",
            "comment": "还想告诉我们什么？",
            "send": "提交",
            "thanks": "谢谢",
            "csat": "满意度 5/5",
            "nps": "推荐意愿 9/10",
        },
    ),
}


async def type_until_handed_over(pair: Pair, said: Sequence[str]) -> int:
    """How many messages it took."""
    customer = pair.customer
    for number, text in enumerate(said, 1):
        await ask(customer, text)
        await expect(customer.locator(".log .bot")).to_have_count(number + 1)
        await expect(composer(customer)).to_be_enabled()
        if any(ticket.state.is_active for ticket in pair.store._tickets.values()):
            return number
    raise AssertionError("nobody came")


@pytest.mark.parametrize("locale", list(Locale))
async def test_the_whole_story(browser: Browser, locale: Locale) -> None:
    story = STORIES[locale]
    async with open_desk(browser, locale) as pair:
        await live_through(pair, story)


async def live_through(pair: Pair, story: Story) -> None:
    customer, agent, words = pair.customer, pair.agent, story.words
    tries = await type_until_handed_over(pair, story.said)
    assert tries > 1  # not at the first question

    # The agent sees it by itself, with its clock and how it went.
    await expect(pair.row).to_have_count(1)
    await expect(pair.row.locator(".clock")).to_have_attribute("data-state", "ok")
    await expect(pair.row.locator(".tone rect")).to_have_count(tries)
    await expect(pair.row.locator(".tone rect:is(.frustrated, .angry)").last).to_be_visible()
    await expect(customer.locator(".case")).to_contain_text("T-1")
    await pair.row.get_by_role("link").click()
    await expect(agent.locator(".message.customer")).to_have_count(tries)
    await expect(
        agent.locator(".message.customer .mark:is(.frustrated, .angry)")
    ).not_to_have_count(0)
    await agent.keyboard.press("c")
    await expect(agent.locator(".toasts")).to_contain_text(words["taken"])
    await expect(customer.locator(".case")).to_contain_text(words["with"])

    # Each sees that the other one writes.
    await composer(customer).press_sequentially(story.more)
    await expect(agent.locator(".typing")).to_have_text(words["customer types"])
    await composer(customer).press("Enter")
    await expect(agent.locator(".message.customer").last).to_contain_text(story.more)
    await expect(agent.locator(".part .tone rect")).to_have_count(tries + 1)
    area = agent.locator(".composer textarea")
    await agent.keyboard.press("r")
    await expect(area).to_be_focused()
    await expect(area).not_to_have_value("")
    draft = await area.input_value()
    await agent.keyboard.type(" – Li")
    await expect(customer.locator(".signs")).to_have_text(words["agent types"])

    # The draft is the answer; the customer answers that.
    await area.press("Control+Enter")
    answer = customer.locator(".log .agent")
    await expect(answer).to_contain_text("– Li")
    await expect(answer).to_contain_text(draft.split("\n")[0][:40])
    bots = await customer.locator(".log .bot").count()
    await ask(customer, "OK")
    await expect(agent.locator(".message.customer").last).to_contain_text("OK")
    await expect(customer.locator(".log .bot")).to_have_count(bots)  # it is mute
    await area.press("Escape")
    await agent.keyboard.press("e")
    await expect(agent.locator(".toasts")).to_contain_text(words["resolved"])
    await rate(pair, story)


async def rate(pair: Pair, story: Story) -> None:
    words, survey = story.words, pair.customer.locator(".survey")
    await survey.get_by_role("button", name=words["good"], exact=True).click()
    await survey.get_by_role("button", name="9", exact=True).click()
    await survey.get_by_label(words["comment"]).fill(story.comment)
    await survey.get_by_role("button", name=words["send"]).click()
    await expect(survey).to_contain_text(words["thanks"])
    rating = pair.agent.locator(".rating")
    await expect(rating).to_contain_text(words["csat"])
    await expect(rating).to_contain_text(words["nps"])
    await expect(rating.locator(".comment")).to_have_text(story.comment)


async def test_an_agent_looks_on_and_steps_in(pair: Pair) -> None:
    customer, agent = pair.customer, pair.agent
    await agent.get_by_role("link", name="With the bot").click()
    await expect(agent.get_by_text("Nobody is talking with the bot")).to_be_visible()
    await ask(customer, "How do I create a team?")
    row = agent.locator(".talks .row")
    await expect(row).to_contain_text("AI assistant: ")
    await expect(row.locator(".tone rect.calm")).to_have_count(1)
    await row.get_by_role("link").click()
    talk = agent.locator(".talk")
    await expect(talk.locator(".message.bot")).to_contain_text("Teams")
    await expect(talk.locator(".aside-bar")).to_contain_text("The customer does not see you.")
    await ask(customer, "This is annoying, it does not work!")
    await expect(talk.locator(".message.customer")).to_have_count(2)
    await expect(talk.locator(".message.customer .mark.frustrated")).to_be_visible()
    said = customer.locator(".log .bot")
    await expect(said).to_have_count(3)  # a greeting and two answers
    await agent.keyboard.press("t")
    await expect(agent.locator(".toasts")).to_contain_text("You have this conversation now.")
    await expect(agent.locator(".part .chip.agent_took_over")).to_have_text("Agent took over")
    await expect(customer.locator(".log")).to_contain_text("joined the conversation")
    await expect(customer.locator(".case")).to_contain_text("Li is looking after it.")
    await ask(customer, "Who are you?")
    await expect(agent.locator(".message.customer").last).to_contain_text("Who are you?")
    await expect(said).to_have_count(3)


async def test_who_is_late_finds_the_ticket(pair: Pair) -> None:
    await ask(pair.customer, "How do I create a team?")
    await pair.agent.get_by_role("link", name="With the bot").click()
    await pair.agent.locator(".talks .row").get_by_role("link").click()
    await expect(pair.agent.get_by_role("button", name="Take over")).to_be_visible()
    await pair.customer.get_by_role("button", name="Talk to a person").first.click()
    bar = pair.agent.locator(".aside-bar")
    await expect(bar).to_contain_text("The team has this conversation already")
    await bar.get_by_role("button", name="Open the ticket").click()
    await expect(pair.agent.locator(".whole .facts").last).to_contain_text("T-1")
