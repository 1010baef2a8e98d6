"""The page that agents work in, in a real browser."""

import re
from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, Route, expect

from bot.domain.agent import Agent, Role
from bot.domain.conversation import Author, Conversation, Locale, Message, now
from bot.domain.inbound import InboundEvent
from bot.domain.survey import SurveyAnswer
from bot.domain.ticket import Ticket
from tests.adapters.test_ticket_store import opened, started
from tests.channels import cases
from tests.channels.office import PASSWORD, Office
from tests.chromium import LOOP, PHONE, Witness, browser, eventually, pytestmark
from tests.web import serve

__all__ = ["browser", "pytestmark"]

LI = "li@example.com"
MEI = "mei@example.com"
SIGN_IN = """body => fetch('/inbox/api/sign-in', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {'Content-Type': 'application/json'},
})"""
WIDE: Any = {"width": 1440, "height": 900}


class Desk:
    """An office that is open, with a page for whoever comes in."""

    def __init__(self, office: Office, browser: Browser, url: str, agents: list[Agent]) -> None:
        self.office, self.url = office, url
        self.li, self.mei, self.sam = agents
        self.witness = Witness(url)
        self._browser = browser
        self._contexts: list[Any] = []

    async def enact(self, scene: cases.Scene) -> Ticket:
        ticket = await cases.enact(self.office.bot.store, scene, cases.SceneClock())
        self.office.app.state.desk.announce()
        return ticket

    async def come_in(self, path: str = "", email: str = LI, **options: Any) -> Page:
        options = {"viewport": WIDE, "color_scheme": "light", "reduced_motion": "reduce"} | options
        context = await self._browser.new_context(**options)
        self._contexts.append(context)
        page = await context.new_page()
        self.witness.watch(page)
        await page.goto(f"{self.url}/inbox/sign-in")
        await page.evaluate(SIGN_IN, {"email": email, "password": PASSWORD})
        await page.goto(f"{self.url}/inbox{path}")
        await expect(page.locator(".workplace")).to_be_visible()
        return page

    async def customer_writes(self, ticket: Ticket, text: str) -> None:
        message = Message(ticket.conversation, Author.CUSTOMER, text)
        await self.office.bot.store.accept(message)
        self.office.app.state.desk.announce()

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


@pytest_asyncio.fixture(**LOOP)
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    office = Office()
    office.clock = now  # type: ignore[assignment]
    agents = [
        await office.add(LI, Role.ADMIN, team="billing"),
        await office.add(MEI, locale=Locale.ZH),
        await office.add("sam@example.com"),
    ]
    async with serve(office.app) as url:
        desk = Desk(office, browser, url.replace("127.0.0.1", "localhost"), agents)
        yield desk
        await desk.close()
    assert desk.witness.offences == []


def row(page: Page, name: str) -> Locator:
    return page.locator(".row", has_text=name)


def text_area(page: Page) -> Locator:
    return page.locator(".composer textarea")


async def test_queue_tells_who_waits_for_whom(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    page = await desk.come_in()
    await desk.office.bot.hand_over.casework.reply(ticket.id, desk.li.id, "Which one?", "k")
    desk.office.app.state.desk.announce()
    clock = row(page, "Becker").locator(".clock")
    await expect(clock).to_have_text("Awaiting customer")
    await expect(clock).to_have_attribute("title", "Waiting for the customer")
    await desk.customer_writes(ticket, "The blue one.")
    await expect(clock).to_have_attribute("data-state", "ok")
    await expect(clock).not_to_have_text("Awaiting customer")


async def test_queue_counts_and_shows_what_waits(desk: Desk) -> None:
    for scene in (cases.CHARGE, cases.SINGLE_SIGN_ON, cases.EXPORT):
        await desk.enact(scene)
    page = await desk.come_in()
    await expect(page.locator(".row")).to_have_count(3)
    await expect(page.locator(".row").first).to_contain_text("Amira Haddad")
    await expect(row(page, "Amira").locator(".clock")).to_have_attribute("data-state", "breached")
    await expect(row(page, "Marta").locator(".clock")).to_have_attribute("data-state", "warn")
    await expect(row(page, "Becker").locator(".clock")).to_have_attribute("data-state", "ok")
    await expect(row(page, "Marta").locator(".tone rect.angry")).to_have_count(1)
    await expect(page).to_have_title("(3) Inbox · Firstline")
    await page.get_by_role("link", name=re.compile("Breaching")).click()
    await expect(page.locator(".row")).to_have_count(2)


async def test_new_ticket_appears_by_itself(desk: Desk) -> None:
    page = await desk.come_in()
    await expect(page.get_by_role("heading", name="No open tickets")).to_be_visible()
    await expect(page.get_by_role("link", name="Open the demo page")).to_be_visible()
    await desk.enact(cases.CHARGE)
    await expect(row(page, "Marta Oliveira")).to_be_visible()


async def test_case_is_worked_on_with_keys_alone(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)
    await desk.enact(cases.EXPORT)
    page = await desk.come_in()
    await expect(page.locator(".row")).to_have_count(2)
    await page.keyboard.press("j")
    await expect(row(page, "Marta").get_by_role("link")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Marta Oliveira")).to_be_visible()
    await page.keyboard.press("c")
    await expect(page.locator(".toasts")).to_contain_text("You have this ticket now.")
    await page.keyboard.press("n")
    await page.keyboard.type("Seats rose on the **3rd**.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".message.note strong")).to_have_text("3rd")
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await expect(text_area(page)).to_have_value(re.compile("^I have looked at your invoices"))
    await page.keyboard.press("Control+a")
    await page.keyboard.type("We refund both months.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".message.agent .body")).to_have_text("We refund both months.")
    await expect(text_area(page)).to_have_value("")
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    await expect(page.locator(".toasts")).to_contain_text("T-1 is resolved.")
    await expect(page.locator(".row")).to_have_count(1)
    after = await desk.office.bot.store.ticket(ticket.id)
    assert (after.state, after.assignee) == ("resolved", desk.li.id)
    await page.locator(".toast").get_by_role("button", name="Undo").click()
    await expect(page.locator(".row")).to_have_count(2)


async def test_draft_carries_its_sources_as_links(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await expect(page.locator(".suggested")).to_be_visible()
    await expect(page.locator(".suggested .sources a")).to_have_text("1Payment and invoices")
    await expect(text_area(page)).not_to_have_value("")
    text = await text_area(page).input_value()
    assert "[1]" not in text
    assert f"]({desk.url}/kb/en/billing/payment-and-invoices.md#" in text
    await page.locator(".composer").get_by_role("button", name="Send", exact=True).click()
    link = page.locator(".message.agent .body").get_by_role("link", name="Payment and invoices")
    await expect(link).to_have_attribute("href", re.compile("/kb/en/billing/"))


async def test_draft_that_was_discarded_stays_away(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await page.get_by_role("button", name="Discard").click()
    await page.reload()
    await expect(text_area(page)).to_have_value("")
    await page.get_by_role("button", name="Use the draft").click()
    await expect(text_area(page)).to_have_value(re.compile("^I have looked"))


async def test_text_outlives_a_reload_and_belongs_to_its_ticket(desk: Desk) -> None:
    first, second = await desk.enact(cases.EXPORT), await desk.enact(cases.VISITOR)
    page = await desk.come_in(f"?ticket={first.id}")
    await text_area(page).fill("Half a thought")
    await page.get_by_role("button", name="Note").click()
    await text_area(page).fill("For us")
    await page.reload()
    await expect(text_area(page)).to_have_value("Half a thought")
    await page.get_by_role("button", name="Note").click()
    await expect(text_area(page)).to_have_value("For us")
    await page.goto(f"{desk.url}/inbox?ticket={second.id}")
    await expect(text_area(page)).to_have_value("")


async def test_reply_that_could_not_be_sent_is_sent_again_once(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await page.context.set_offline(True)
    await text_area(page).fill("Comments are not part of it.")
    await text_area(page).press("Control+Enter")
    unsent = page.locator(".message.pending")
    await expect(unsent.get_by_role("alert")).to_contain_text("Not sent.")
    await page.context.set_offline(False)
    await unsent.get_by_role("button", name="Try again").click()
    await expect(unsent).to_have_count(0)
    await expect(page.locator(".message.agent")).to_have_count(1)
    desk.witness.offences.clear()  # the browser's own word about being offline


async def test_customer_is_seen_typing_and_writing(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await expect(page.get_by_role("heading", name="Tom Becker")).to_be_visible()
    desk.office.bot.hand_over.presence.type(ticket.conversation, Author.CUSTOMER)
    await expect(page.locator(".typing")).to_have_text("Tom Becker is typing…")
    await desk.customer_writes(ticket, "It is for an <b>auditor</b>.")
    await expect(page.locator(".message.customer").last).to_contain_text("an <b>auditor</b>.")
    await text_area(page).press_sequentially("Hel")
    await expect(page.locator(".composer textarea")).to_have_value("Hel")
    presence = desk.office.bot.hand_over.presence
    await eventually(lambda: Author.AGENT in presence.signs(ticket.conversation).typing)


async def test_two_agents_see_each_other(desk: Desk) -> None:
    ticket = await desk.enact(cases.LOST)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await expect(page.get_by_role("heading", name="陈思远")).to_be_visible()
    other = await desk.come_in(f"?ticket={ticket.id}", MEI)
    await expect(page.locator(".presence")).to_have_text("Mei is looking at this")
    await expect(other.locator(".presence")).to_have_text("Li 正在查看")
    await other.keyboard.press("c")
    await expect(page.locator(".row .disc")).to_have_attribute("title", "Mei")
    await other.close()


async def test_second_to_claim_hears_who_has_it(desk: Desk) -> None:
    ticket = await desk.enact(cases.LOST)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await page.route("**/events", lambda route: route.abort())
    claim = page.get_by_role("button", name="Take it")
    await expect(claim).to_be_visible()
    await desk.office.bot.hand_over.casework.claim(ticket.id, desk.mei.id)
    await claim.click()
    await expect(page.locator(".toasts")).to_contain_text("Mei has this ticket.")
    await expect(claim).to_have_count(0)


async def test_assign_snooze_priority_from_menus(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await expect(page.get_by_role("heading", name="Tom Becker")).to_be_visible()
    await page.keyboard.press("a")
    await page.get_by_role("menuitemradio", name="Sam").click()
    await expect(page.locator(".toasts")).to_contain_text("Assigned to Sam.")
    await page.keyboard.press("p")
    await expect(page.get_by_role("menu")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".whole .priority.urgent")).to_be_visible()
    await page.keyboard.press("s")
    await page.get_by_role("menuitem", name="Tomorrow morning").click()
    await expect(page.locator(".whole .chip")).to_have_text("Snoozed")
    await expect(page.locator(".row")).to_have_count(0)
    await page.keyboard.press("s")
    await expect(page.locator(".row")).to_have_count(1)


async def test_merge_is_asked_twice(desk: Desk) -> None:
    other = await desk.enact(cases.REPEATED)
    ticket = await desk.enact(cases.CHARGE)
    page = await desk.come_in(f"?ticket={ticket.id}")
    section = page.locator(".duplicates")
    await section.get_by_role("button", name="Merge into this one").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await section.get_by_role("button", name="Merge into this one").click()
    await page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    await expect(page.locator(".toasts")).to_contain_text("Merged into T-2.")
    await expect(page.locator(".happened.absorbed")).to_contain_text("You merged T-1 into this")
    assert (await desk.office.bot.store.ticket(other.id)).state == "merged"


async def test_a_merge_of_two_addresses_is_asked_once_more(desk: Desk) -> None:
    store = desk.office.bot.store
    ann = await opened(store, await started(store, channel="mail", address="ann@example.com"))
    bob = await opened(store, await started(store, channel="mail", address="bob@example.com"))
    page = await desk.come_in(f"?ticket={ann.id}")
    await expect(page.locator(".row")).to_have_count(2)
    await expect(page.locator(".whole")).to_be_visible()
    await page.keyboard.press("m")
    await page.get_by_role("menuitem", name=re.compile(bob.label)).click()
    await page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    dialog = page.get_by_role("dialog", name="Answer two mail addresses?")
    await dialog.get_by_role("button", name="Merge").click()
    await expect(page.locator(".toasts")).to_contain_text(f"Merged into {bob.label}.")
    assert (await store.ticket(ann.id)).state == "merged"
    desk.witness.offences.clear()  # the browser's own word about a 409


async def test_labels_come_and_go_and_are_seen_by_others(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)
    li = await desk.come_in(f"?ticket={ticket.id}")
    mei = await desk.come_in(f"?ticket={ticket.id}", MEI)
    await expect(mei.locator(".labels")).to_be_visible()
    await li.get_by_label("Add a label").fill("  key   account ")
    await li.keyboard.press("Enter")
    await expect(li.locator(".labels .chip")).to_have_text("key account")
    await expect(li.get_by_label("Add a label")).to_be_focused()
    await li.keyboard.type("<b>五月</b>")
    await li.keyboard.press("Enter")
    await expect(li.locator(".labels .chip")).to_have_text(["key account", "<b>五月</b>"])
    await mei.reload()
    await mei.get_by_role("button", name="移除“key account”").click()
    await expect(mei.locator(".labels .chip")).to_have_text(["<b>五月</b>"])
    assert await desk.office.bot.store.labels("c-marta") == ("<b>五月</b>",)


async def test_customer_is_seen_with_what_they_came_with(desk: Desk) -> None:
    earlier = await desk.enact(cases.REPEATED)
    work, surveys = desk.office.bot.hand_over.casework, desk.office.bot.hand_over.surveys
    await work.resolve(earlier.id, desk.li.id)
    conversation = await desk.office.bot.store.conversation(earlier.conversation)
    assert await surveys.answer(conversation, SurveyAnswer(2, 0, "Took a week."))
    alone = Conversation("widget", customer=cases.MARTA.id)
    await desk.office.bot.store.add_conversation(alone)
    await desk.office.bot.store.accept(Message(alone.id, Author.CUSTOMER, "What is a board?"))
    ticket = await desk.enact(cases.CHARGE)
    page = await desk.come_in(f"?ticket={ticket.id}")
    pane = page.locator(".context")
    await expect(pane.locator(".profile .tier")).to_have_text("Enterprise")
    await expect(pane.locator(".facts")).to_contain_text("CSAT 2/5 · NPS 0/10")
    others = pane.locator(".others li", has_text=earlier.label)
    await expect(others.locator(".score")).to_have_text(["CSAT 2/5", "NPS 0/10"])
    await expect(others.locator(".comment")).to_have_text("Took a week.")
    await pane.locator(".others li", has_text="Website").get_by_role("link").click()
    await expect(page.locator(".talk .message.customer")).to_contain_text("What is a board?")


async def test_merged_conversations_are_read_as_one(desk: Desk) -> None:
    twice = await desk.enact(cases.REPEATED)
    ticket = await desk.enact(cases.CHARGE)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await expect(page.locator(".message.customer")).to_have_count(3)
    await desk.office.bot.hand_over.casework.merge(twice.id, desk.li.id, ticket.id)
    await expect(page.locator(".message.customer")).to_have_count(6)
    await desk.customer_writes(twice, "And this one?")
    last = page.locator(".message.customer").last
    await expect(last).to_contain_text("And this one?")
    await expect(last.locator(".mark.place")).to_have_text(twice.label)
    desk.office.bot.hand_over.presence.type(twice.conversation, Author.CUSTOMER)
    await expect(page.locator(".typing")).to_have_text("Marta Oliveira is typing…")


async def test_a_merge_that_is_refused_says_why(desk: Desk) -> None:
    await desk.enact(cases.EXPORT)
    ticket = await desk.enact(cases.CHARGE)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await expect(page.locator(".row")).to_have_count(2)
    await expect(page.get_by_role("heading", name="Marta Oliveira")).to_be_visible()
    await page.keyboard.press("m")
    await page.get_by_role("menuitem", name=re.compile("T-1")).click()
    await page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    await expect(page.locator(".toasts")).to_contain_text("different verified customers")
    assert (await desk.office.bot.store.ticket(ticket.id)).state == "open"
    desk.witness.offences.clear()  # the browser's own word about a 409


async def test_wrong_answer_is_marked(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)
    page = await desk.come_in(f"?ticket={ticket.id}")
    answer = page.locator(".message.bot").first
    await answer.hover()
    await answer.get_by_role("button", name="This answer was wrong").click()
    await page.get_by_role("dialog").get_by_role("textbox").first.fill("en/billing/seats.md")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(answer.get_by_text("Marked as wrong")).to_be_visible()
    [mark] = (await desk.office.bot.store.wrong_answers()).values()
    assert mark.expected == "en/billing/seats.md"


async def test_passages_and_similar_tickets_are_put_into_the_reply(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await text_area(page).fill("See")
    card = page.locator(".card", has_text="Refunds (for agents)")
    await card.locator("summary").click()
    await expect(card.locator(".excerpt strong")).to_have_text("three months")
    await card.get_by_role("button", name="Insert link").click()
    await expect(text_area(page)).to_have_value(re.compile(r"^See \[Refunds \(for agents\)\]\("))


async def test_help_shows_the_keys_and_search_finds(desk: Desk) -> None:
    await desk.enact(cases.CHARGE)
    await desk.enact(cases.EXPORT)
    page = await desk.come_in()
    await expect(page.locator(".row")).to_have_count(2)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Write an internal note")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("gantt")
    await expect(page.locator(".row")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator(".row")).to_have_count(2)
    await page.keyboard.type("nothing at all")
    await page.get_by_role("button", name="Clear the search").click()
    await expect(page.locator(".row")).to_have_count(2)


async def test_phone_shows_one_pane_at_a_time(desk: Desk) -> None:
    await desk.enact(cases.CHARGE)
    page = await desk.come_in(viewport=PHONE, has_touch=True, is_mobile=True)
    await row(page, "Marta").tap()
    await expect(text_area(page)).to_be_visible()
    await expect(row(page, "Marta")).to_be_hidden()
    await page.get_by_role("button", name="Details").tap()
    await expect(page.get_by_role("heading", name="What they want")).to_be_visible()
    await page.get_by_role("button", name="Close").tap()
    await page.get_by_role("button", name="Back to the list").tap()
    await expect(row(page, "Marta")).to_be_visible()
    await page.get_by_role("button", name="Views").tap()
    await page.get_by_role("menuitemradio", name="Unassigned").tap()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Unassigned")


async def test_unknown_ticket_says_so(desk: Desk) -> None:
    page = await desk.come_in(f"?ticket={'0' * 32}")
    await expect(page.get_by_role("heading", name="This ticket is not here.")).to_be_visible()


async def test_session_that_is_over_leads_to_sign_in_and_back(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await text_area(page).fill("Not lost")
    await page.context.clear_cookies()
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await page.locator(".toast").get_by_role("button", name="Sign in").click()
    await page.get_by_label("E-mail").fill(LI)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(text_area(page)).to_have_value("Not lost")
    desk.witness.offences.clear()  # the browser's own word about a 401


@pytest.mark.parametrize("email", [LI, MEI])
async def test_a_tab_goes_on_after_its_agent_signs_in_anew_in_another(
    desk: Desk, email: str
) -> None:
    ticket = await desk.enact(cases.EXPORT)
    page = await desk.come_in(f"?ticket={ticket.id}")
    await text_area(page).fill("Hello again")
    other = await page.context.new_page()
    await other.goto(f"{desk.url}/inbox/sign-in")
    await other.evaluate(SIGN_IN, {"email": email, "password": PASSWORD})
    await text_area(page).press("Control+Enter")
    replies = page.locator(".message.agent", has_text="Hello again")
    if email == LI:
        await expect(replies).to_have_count(1)
        await expect(page.locator(".message.pending")).to_have_count(0)
    else:  # nobody speaks in another agent's name
        await expect(replies.get_by_role("alert")).to_contain_text("Your session is over")
    messages = await desk.office.bot.store.messages(ticket.conversation)
    sent = [message.agent for message in messages if message.text == "Hello again"]
    assert sent == ([desk.li.id] if email == LI else [])
    desk.witness.offences.clear()  # the browser's own word about a 403


async def test_link_to_a_ticket_leads_there_after_sign_in(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    page = await desk.come_in()
    await page.context.clear_cookies()
    await page.goto(f"{desk.url}/inbox?ticket={ticket.id}")
    await page.get_by_label("E-mail").fill(LI)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Tom Becker")).to_be_visible()


@pytest.mark.parametrize(
    "foreign",
    [
        "https://canary.example/",
        "//canary.example/inbox",
        "/demo",
        "javascript:alert(1)",
        "http://[",
        "/inbox@[",
        "/inbox/../demo",
        "/inbox/%2e%2e/demo",
        "/inboxes",
        "inbox?view=mine",
        "\\\\canary.example\\inbox",
        "/inbox/sign-in?next=/inbox/sign-in",
        "%E0%A4%A",
    ],
)
async def test_sign_in_leads_nowhere_else(desk: Desk, foreign: str) -> None:
    page = await desk.come_in()
    await page.context.clear_cookies()
    await page.goto(f"{desk.url}/inbox/sign-in?{urlencode({'next': foreign})}")
    await page.get_by_label("E-mail").fill(LI)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"^{desk.url}/inbox$"))


async def test_stream_that_breaks_is_taken_up_again(desk: Desk) -> None:
    page = await desk.come_in()
    await expect(page.locator(".workplace")).to_be_visible()
    cut = True

    async def refuse(route: Route) -> None:
        await (route.abort() if cut else route.continue_())

    await page.route("**/api/events", refuse)
    desk.office.app.state.desk.arrivals.close()  # as a server does that leaves
    await expect(page.locator(".views .state")).to_have_text("Connection lost. Reconnecting…")
    desk.office.app.state.desk.arrivals.closed = False
    cut = False
    await expect(page.locator(".views .state")).to_be_hidden(timeout=20_000)
    await desk.enact(cases.CHARGE)
    await expect(row(page, "Marta")).to_be_visible()
    desk.witness.offences.clear()  # the browser's own word about the cut


async def test_dead_letters_are_for_admins(desk: Desk) -> None:
    ticket = await desk.enact(cases.EXPORT)
    store = desk.office.bot.store
    await desk.office.bot.hand_over.casework.reply(ticket.id, desk.li.id, "Hello", "k")
    for delivery in await store.lease_deliveries("w", now(), (), {"widget"}, 10):
        await store.bury_delivery(delivery.key, "w", "connection refused")
    event = InboundEvent("slack", "k", "click:claim", "T1/C1", {})
    await store.take_event(event)
    await store.lease_events("slack", "w", now(), 10)
    await store.bury_event("slack", "k", "w", "missing_scope")
    page = await desk.come_in("?view=dead")
    arrival = page.locator(".letters li").first
    await expect(arrival).to_contain_text("channel Slack, not handled: a click on a button")
    await expect(arrival).to_contain_text("missing_scope")
    await page.get_by_role("button", name="Handle again").click()
    await expect(page.get_by_role("button", name="Handle again")).to_have_count(0)
    await expect(page.locator(".letters li").first).to_contain_text("channel Website")
    await expect(page.locator(".letters li").first).to_contain_text("connection refused")
    await expect(page.locator('.views [data-view="dead"] .count')).not_to_be_empty()
    await page.get_by_role("button", name="Send again").first.click()
    await expect(page.locator(".toasts")).to_contain_text("It is on its way again.")
    other = await desk.come_in(email=MEI)
    await expect(other.get_by_role("link", name=re.compile("未送达"))).to_have_count(0)


async def find_faults(page: Page) -> list[str]:
    results = await Axe().run(page)
    return [
        f"{violation['id']} {node['target']}"
        for violation in results.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(desk: Desk, scheme: Literal["light", "dark"]) -> None:
    for scene in cases.WORKING_DAY:
        ticket = await desk.enact(scene)
    await desk.office.bot.hand_over.casework.note(ticket.id, desk.li.id, "Internal")
    await desk.office.bot.hand_over.casework.reply(ticket.id, desk.li.id, "Hello", "k")
    page = await desk.come_in(color_scheme=scheme)
    await expect(page.locator(".row").first).to_be_visible()
    assert await find_faults(page) == []
    await page.goto(f"{desk.url}/inbox?ticket={ticket.id}")
    await expect(page.locator(".message").first).to_be_visible()
    assert await find_faults(page) == []
    await page.keyboard.press("s")
    await expect(page.get_by_role("menu")).to_be_visible()
    assert await find_faults(page) == []
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await find_faults(page) == []
