"""Whatever customers and agents write is shown in inbox and widget and does nothing there."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.adapters.memory_store import MemoryStore
from bot.domain.agent import Agent
from bot.domain.conversation import Author, Conversation, Message, now
from bot.domain.customer import Customer
from bot.domain.survey import Survey, SurveyAnswer
from bot.domain.ticket import Ticket
from bot.services.sessions import digest
from tests.channels import cases
from tests.channels.detector import Detector
from tests.channels.office import PASSWORD, Office
from tests.channels.payloads import PAYLOADS
from tests.channels.test_inbox_workplace import SIGN_IN
from tests.chromium import LOOP, Witness, browser, pytestmark
from tests.web import serve

__all__ = ["browser", "pytestmark"]

LI = "li@example.com"
BATCH = 40
TOKEN = "t" * 43
TEXTS = [text.replace("\x00", " ") for text in PAYLOADS]


@dataclass
class Scene:
    office: Office
    agent: Agent
    detector: Detector
    context: BrowserContext
    url: str

    @property
    def store(self) -> MemoryStore:
        store: MemoryStore = self.office.bot.store
        return store

    async def sign_in(self) -> Page:
        page = await self.context.new_page()
        await page.goto(f"{self.url}/inbox/sign-in")
        await page.evaluate(SIGN_IN, {"email": LI, "password": PASSWORD})
        return page


@pytest_asyncio.fixture(**LOOP)
async def scene(browser: Browser) -> AsyncIterator[Scene]:
    office = Office()
    office.clock = now  # type: ignore[assignment]
    agent = await office.add(LI)
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    async with serve(office.app) as url:
        url = url.replace("127.0.0.1", "localhost")
        detector, witness = Detector(url), Witness(url)
        await detector.watch(context)
        context.on("page", witness.watch)
        yield Scene(office, agent, detector, context, url)
        await context.close()
    assert (detector.offences, witness.offences) == ([], [])


def batches() -> list[Sequence[str]]:
    return [TEXTS[start : start + BATCH] for start in range(0, len(TEXTS), BATCH)]


async def worked_on(scene: Scene, texts: Sequence[str], number: int) -> Ticket:
    """A ticket with these texts wherever somebody may write one."""
    parts = scene.office.bot.hand_over
    twice = await cases.enact(scene.store, hostile(number, texts[:3]), cases.SceneClock())
    ticket = await cases.enact(scene.store, hostile(number, texts), cases.SceneClock())
    await parts.casework.merge(twice.id, scene.agent.id, ticket.id)
    for at, text in enumerate(texts):
        await parts.casework.note(ticket.id, scene.agent.id, text)
        await parts.casework.reply(ticket.id, scene.agent.id, text, f"k{at}")
        await scene.store.accept(Message(twice.conversation, Author.CUSTOMER, text))
    await parts.profiles.label(f"c-{number}", [text[:40] for text in texts[:20]])
    survey = Survey(ticket.conversation, 1, ticket.id, f"c-{number}")
    comment = "\n".join(texts)
    await scene.store.add_survey(survey.answered(SurveyAnswer(1, 0, comment, now())))
    return ticket


def hostile(number: int, texts: Sequence[str]) -> cases.Scene:
    text = "\n\n".join(texts)
    name = " ".join(texts[:4])
    customer = Customer(f"c-{number}", name, name, name)
    citation = replace(cases.BILLING, title=name)
    return cases.Scene(
        [cases.Said(each, each, citation=citation) for each in texts],
        text,
        cases.CHARGE.reason,
        customer,
        asks=texts,
        next_step=text,
        draft=text,
        unused=[replace(cases.CHARGE.unused[0], title=each, excerpt=each) for each in texts],
        similar=[replace(cases.CHARGE.similar[0], summary=each, resolution=each) for each in texts],
        page=name,
        timezone=name,
    )


async def test_nothing_does_anything_in_the_inbox(scene: Scene) -> None:
    page = await scene.sign_in()
    for number, texts in enumerate(batches()):
        ticket = await worked_on(scene, texts, number)
        await page.goto(f"{scene.url}/inbox?ticket={ticket.id}")
        await expect(page.locator(".message.agent")).to_have_count(len(texts))
        await expect(page.locator(".labels .chip")).not_to_have_count(0)
        await expect(page.locator(".rating .comment")).to_be_visible()
        for card in await page.locator(".card summary").all():
            await card.click()
        await scene.detector.inspect(page, ".workplace")
        found = page.locator(".workplace :is(img, script, style, form, iframe)")
        assert await found.count() == 0
        addresses: list[str] = await page.locator(".workplace a").evaluate_all(
            "(nodes) => nodes.map((node) => node.href)"
        )
        assert [one for one in addresses if not one.startswith(scene.url)] == []
        await scene.office.bot.hand_over.casework.resolve(ticket.id, scene.agent.id)
    names = page.locator(".queue .row")
    await page.goto(f"{scene.url}/inbox?view=resolved")
    await expect(names).to_have_count(len(batches()))
    await scene.detector.inspect(page, ".workplace")


async def test_no_conversation_that_is_looked_on_does_anything(scene: Scene) -> None:
    page = await scene.sign_in()
    for number, texts in enumerate(batches()):
        name = " ".join(texts[:4])
        await scene.store.save_customer(Customer(f"c-{number}", name, name, name))
        talk = Conversation("widget", customer=f"c-{number}", page=name)
        await scene.store.add_conversation(talk)
        for text in texts:
            await scene.store.accept(Message(talk.id, Author.CUSTOMER, text))
    await page.goto(f"{scene.url}/inbox?view=live&talk={talk.id}")
    await expect(page.locator(".talks .row")).to_have_count(len(batches()))
    await expect(page.locator(".talk .message")).to_have_count(len(texts))
    await scene.detector.inspect(page, ".workplace")
    assert await page.locator(".workplace :is(img, script, style, form, iframe)").count() == 0


async def test_nothing_of_agents_does_anything_in_the_widget(scene: Scene) -> None:
    """Their names and replies, and what an address in a notice is made of."""
    parts = scene.office.bot.hand_over
    talk = Conversation("widget", token_digest=digest(TOKEN))
    await scene.store.add_conversation(talk)
    await scene.store.accept(Message(talk.id, Author.CUSTOMER, "Hello"))
    names = [text[:100] for text in TEXTS[::8]]
    agents = [
        await scene.office.add(f"a{at}@example.com", name=name) for at, name in enumerate(names)
    ]
    ticket = await parts.live.take_over(talk.id, agents[0].id)
    for at, text in enumerate(TEXTS):
        await parts.casework.reply(ticket.id, agents[at % len(agents)].id, text, f"k{at}")
    parts.presence.attend(talk.id, agents[1].id)
    parts.presence.type(talk.id, Author.AGENT)
    page = await scene.context.new_page()
    await page.goto(f"{scene.url}/demo")
    state = {"session": {"conversation": talk.id, "token": TOKEN}, "open": True}
    await page.evaluate(
        "([key, state]) => sessionStorage.setItem(key, JSON.stringify(state))",
        [f"firstline:{scene.url}/", state],
    )
    await page.reload()
    await expect(page.locator(".log .agent")).to_have_count(len(TEXTS))
    await expect(page.locator(".case")).to_be_visible()
    await expect(page.locator(".signs")).to_be_visible()
    await scene.detector.inspect(page, ".message .body")
    await scene.detector.inspect(page, ".case, .signs")
    assert await page.locator(".message :is(img, script, style, form, input)").count() == 0
