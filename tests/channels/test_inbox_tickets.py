"""What agents see of tickets and do with them, over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.widget.stream import message_frames
from bot.domain.agent import Agent, Role
from bot.domain.conversation import Author, Conversation, Message, now
from bot.domain.inbound import InboundEvent
from bot.domain.ticket import Ticket
from bot.services.sla_watch import SlaWatch
from bot.settings import Support
from tests.adapters.test_ticket_store import opened, started
from tests.channels import cases
from tests.channels.office import Browser, Office, slug
from tests.fakes import FakeBot, FakeSettings
from tests.web import parse_events, until


class Desk:
    """An office with a ticket, and an agent's browser."""

    def __init__(self, office: Office, browser: Browser, ticket: Ticket) -> None:
        self.office, self.browser, self.ticket = office, browser, ticket

    @property
    def url(self) -> str:
        return f"/api/tickets/{self.ticket.id}"

    async def show(self) -> Any:
        return (await self.browser.get(self.url)).json()

    async def act(self, action: str, body: Any = None) -> Any:
        response = await self.browser.post(f"{self.url}/{action}", body)
        assert response.status_code == 200, response.text
        return response.json()

    async def refuse(self, action: str, body: Any = None) -> tuple[int, str]:
        response = await self.browser.post(f"{self.url}/{action}", body)
        return response.status_code, slug(response)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def li(office: Office) -> Agent:
    return await office.add("li@example.com", team="billing")


@pytest.fixture
async def desk(office: Office, li: Agent) -> AsyncIterator[Desk]:
    ticket = await enact(office, cases.CHARGE)
    async with office.browser(li.email) as browser:
        yield Desk(office, browser, ticket)


async def enact(office: Office, scene: cases.Scene) -> Ticket:
    return await cases.enact(office.bot.store, scene, cases.SceneClock())


async def test_queue_has_rows_and_counts(desk: Desk) -> None:
    found = (await desk.browser.get("/api/queue?view=unassigned")).json()
    [row] = found["tickets"]
    assert found["view"] == "unassigned"
    assert found["counts"]["unassigned"] == 1
    assert found["counts"]["mine"] == 0
    assert row["label"] == "T-1"
    assert row["customer"] == {
        "id": "c-marta",
        "name": "Marta Oliveira",
        "email": "marta@atlas.example",
        "organisation": "Atlas Travel",
        "verified": True,
    }
    assert row["tier"] == "enterprise"
    assert row["reason"] == "frustrated"
    assert row["waiting_for"] == "agent"
    assert [tone["label"] for tone in row["tone"]["trend"]] == ["calm", "frustrated", "angry"]
    assert row["clocks"]["first_response"]["state"] in ("running", "breached")
    assert row["clocks"]["first_response"]["due"].endswith("Z")


async def test_queue_is_searched(desk: Desk) -> None:
    await enact(desk.office, cases.VISITOR)
    found = (await desk.browser.get("/api/queue?search=atlas")).json()
    assert [row["label"] for row in found["tickets"]] == ["T-1"]
    assert found["counts"]["all"] == 2
    assert (await desk.browser.get("/api/queue?view=everything")).status_code == 422


async def test_ticket_shows_transcript_packet_and_profile(desk: Desk) -> None:
    earlier = await enact(desk.office, cases.REPEATED)
    shown = await desk.show()
    assert [message["author"] for message in shown["messages"]] == [
        *["customer", "bot"] * 3,
        "system",
    ]
    assert shown["messages"][1]["reply"]["citations"][0]["title"] == "Payment and invoices"
    assert shown["messages"][4]["tone"]["label"] == "angry"
    assert shown["packet"]["asks"] == list(cases.CHARGE.asks)
    assert shown["packet"]["draft"]["text"] == cases.CHARGE.draft
    assert [passage["url"] for passage in shown["packet"]["unused"]] == [
        "kb/en/support/agent-refunds.md#who-gets-a-refund",
        "kb/en/administration/guests.md",
    ]
    assert [event["kind"] for event in shown["events"]] == ["opened"]
    assert [other["label"] for other in shown["duplicates"]] == [earlier.label]
    assert [other["label"] for other in shown["profile"]["tickets"]] == [earlier.label]
    assert "transcript" not in shown["packet"]


async def test_transcript_is_masked_where_the_settings_say_so() -> None:
    support = Support(mask="all")
    office = Office(FakeBot(settings=FakeSettings(support=support), store=MemoryStore()))
    await office.add("li@example.com")
    said = cases.Said("Write to jane@example.com or to bob@example.com", "To jane@example.com?")
    ticket = await enact(office, replace(cases.CHARGE, said=[said]))
    async with office.browser("li@example.com") as browser:
        shown = (await browser.get(f"/api/tickets/{ticket.id}")).json()
    texts = [message["text"] for message in shown["messages"]]
    assert "example.com" not in " ".join(texts)
    masks = [re.findall(r"\[[^\]]+\]", text) for text in texts[:2]]
    assert masks[1] == masks[0][:1] != masks[0][1:]


async def test_claim_tells_the_second_who_was_first(desk: Desk, li: Agent) -> None:
    await desk.office.add("sam@example.com")
    assert (await desk.act("claim"))["assignee"] == li.id
    assert (await desk.act("claim"))["assignee"] == li.id
    async with desk.office.browser("sam@example.com") as sam:
        response = await sam.post(f"{desk.url}/claim")
    assert response.status_code == 409
    assert slug(response) == "ticket-changed"
    assert response.json()["assignee"] == li.id


async def test_assign(desk: Desk, li: Agent) -> None:
    sam = await desk.office.add("sam@example.com")
    assert (await desk.act("assign", {"agent": sam.id}))["assignee"] == sam.id
    assert (await desk.act("assign", {"agent": None}))["assignee"] is None
    assert await desk.refuse("assign", {"agent": "0" * 32}) == (404, "not-found")
    assert await desk.refuse("assign", {"agent": "Sam"}) == (422, "invalid-request")


async def test_reply_is_the_agents_message_once(desk: Desk, li: Agent) -> None:
    body = {"text": "  I am looking into it.  ", "client_message_id": "k-1"}
    await desk.act("reply", body)
    shown = await desk.act("reply", body)
    said = [message for message in shown["messages"] if message["author"] == "agent"]
    assert [(one["text"], one["agent"], one["client_message_id"]) for one in said] == [
        ("I am looking into it.", li.id, "k-1")
    ]
    assert shown["assignee"] == li.id
    assert shown["waiting_for"] == "customer"
    assert shown["clocks"]["first_response"]["met_at"] is not None


async def test_reply_that_resolves(desk: Desk) -> None:
    body = {"text": "Done.", "client_message_id": "k", "resolve": True}
    assert (await desk.act("reply", body))["state"] == "resolved"
    again = {"text": "One more thing", "client_message_id": "k2"}
    assert await desk.refuse("reply", again) == (409, "ticket-over")


@pytest.mark.parametrize(
    "body",
    [
        {"text": " ", "client_message_id": "k"},
        {"text": "x" * 4001, "client_message_id": "k"},
        {"text": "x", "client_message_id": "with.dots"},
        {"text": "x", "client_message_id": "k", "author": "bot"},
        {"text": 5, "client_message_id": "k"},
    ],
)
async def test_reply_that_cannot_be_read(desk: Desk, body: Any) -> None:
    assert await desk.refuse("reply", body) == (422, "invalid-request")


async def test_note_is_for_agents_only(desk: Desk, li: Agent) -> None:
    shown = await desk.act("note", {"text": "Ask billing."})
    assert [(note["text"], note["author"]) for note in shown["notes"]] == [("Ask billing.", li.id)]
    said = await desk.office.bot.store.messages(desk.ticket.conversation)
    assert all("Ask billing" not in message.text for message in said)


async def test_snooze_and_wake(desk: Desk) -> None:
    until = now() + timedelta(hours=2)
    shown = await desk.act("snooze", {"until": until.isoformat()})
    assert shown["state"] == "snoozed"
    assert shown["snoozed_until"] == until.isoformat().replace("+00:00", "Z")
    assert shown["clocks"]["resolution"]["state"] == "paused"
    assert shown["clocks"]["first_response"]["state"] == "running"  # which no snooze answers
    assert (await desk.act("wake"))["state"] == "open"
    assert await desk.refuse("wake") == (409, "illegal-move")


async def test_customer_sees_at_once_what_agents_do(desk: Desk, li: Agent) -> None:
    """In the order of things: nobody has to look for it from time to time."""
    widget, conversation = desk.office.app.state.widget, desk.ticket.conversation

    async def current() -> Conversation | None:
        return await widget.store.conversation(conversation)

    signs, never = widget.hand_over.signs, 1e6
    frames = message_frames(
        widget.store, widget.arrivals, conversation, None, never, current, signs
    )

    async def next_state() -> tuple[str, str | None]:
        while True:
            [event] = parse_events((await anext(frames)).decode())
            if event.name == "ticket":
                return event.data["state"], event.data["assignee_name"]

    async with aclosing(frames):
        assert await next_state() == ("open", None)
        seen = asyncio.create_task(next_state())
        await until(lambda: widget.arrivals.readers_of(conversation) == 1)
        await desk.act("claim")
        assert await seen == ("open", "Li")
        seen = asyncio.create_task(next_state())
        await desk.act("snooze", {"until": (now() + timedelta(hours=2)).isoformat()})
        assert await seen == ("snoozed", "Li")
        seen = asyncio.create_task(next_state())
        await desk.act("wake")
        assert await seen == ("open", "Li")
        seen = asyncio.create_task(next_state())
        await desk.act("assign", {"agent": None})
        assert await seen == ("open", None)


async def test_customer_sees_at_once_what_the_watch_does(desk: Desk) -> None:
    await desk.act("snooze", {"until": (now() + timedelta(seconds=1)).isoformat()})
    arrivals, parts = desk.office.app.state.widget.arrivals, desk.office.bot.hand_over
    later = SlaWatch(
        desk.office.bot.store, parts.levels, parts.news.tell, lambda: now() + timedelta(minutes=1)
    )
    with arrivals.watch(desk.ticket.conversation) as arrived:
        await later.look()
        assert arrived.is_set()
    assert (await desk.show())["state"] == "open"


async def test_snooze_needs_a_time_to_come(desk: Desk) -> None:
    past = {"until": (now() - timedelta(hours=1)).isoformat()}
    assert await desk.refuse("snooze", past) == (422, "invalid-request")
    assert await desk.refuse("snooze", {"until": "2030-01-01T09:00"}) == (422, "invalid-request")


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59"])
async def test_no_ticket_is_put_away_for_good(desk: Desk, until: str) -> None:
    assert await desk.refuse("snooze", {"until": until}) == (422, "invalid-request")


async def test_resolve_and_reopen(desk: Desk) -> None:
    assert (await desk.act("resolve"))["state"] == "resolved"
    assert await desk.refuse("resolve") == (409, "illegal-move")
    assert (await desk.act("reopen"))["state"] == "open"


async def test_return_to_the_bot(desk: Desk) -> None:
    assert (await desk.act("return"))["state"] == "returned"
    conversation = await desk.office.bot.store.conversation(desk.ticket.conversation)
    assert conversation.status == "pending"


async def test_priority(desk: Desk) -> None:
    assert (await desk.act("prioritise", {"priority": "urgent"}))["priority"] == "urgent"
    assert await desk.refuse("prioritise", {"priority": "asap"}) == (422, "invalid-request")


async def test_merge(desk: Desk) -> None:
    other = await enact(desk.office, cases.REPEATED)
    shown = await desk.act("merge", {"into": other.id})
    assert shown["state"] == "merged"
    assert shown["events"][-1]["details"] == {"into": other.id, "label": other.label}
    assert await desk.refuse("merge", {"into": desk.ticket.id}) == (422, "invalid-request")


async def test_tickets_of_two_addresses_are_merged_by_who_is_asked_twice(desk: Desk) -> None:
    store = desk.office.bot.store
    ann = await started(store, channel="mail", address="ann@example.com")
    bob = await started(store, channel="mail", address="bob@example.com")
    one, two = await opened(store, ann), await opened(store, bob)
    path, body = f"/api/tickets/{one.id}/merge", {"into": two.id}
    refused = await desk.browser.post(path, body)
    assert refused.json()["type"].endswith("merge-unconfirmed")
    merged = await desk.browser.post(path, body | {"to_both_addresses": True})
    assert merged.json()["state"] == "merged"


async def test_tickets_of_different_customers_are_not_merged(desk: Desk) -> None:
    other = await enact(desk.office, cases.EXPORT)
    assert await desk.refuse("merge", {"into": other.id}) == (409, "merge-refused")
    assert (await desk.show())["state"] == "open"


async def test_after_a_merge_both_conversations_are_shown(desk: Desk) -> None:
    other = await enact(desk.office, cases.REPEATED)
    await desk.browser.post(f"/api/tickets/{other.id}/merge", {"into": desk.ticket.id})
    await desk.act("reply", {"text": "One answer for both.", "client_message_id": "k"})
    late = Message(other.conversation, Author.CUSTOMER, "I am still here.")
    await desk.office.bot.store.accept(late)
    shown = await desk.show()
    assert shown["conversations"] == [desk.ticket.conversation, other.conversation]
    assert (shown["messages"][-1]["text"], shown["messages"][-1]["place"]) == (
        "I am still here.",
        other.label,
    )
    assert [m["text"] for m in shown["messages"]].count("One answer for both.") == 1
    assert shown["waiting_for"] == "agent"
    [row] = (await desk.browser.get("/api/queue")).json()["tickets"]
    assert row["waiting_for"] == "agent"
    assert row["last_message_at"] == shown["messages"][-1]["created_at"]
    await desk.browser.post(f"{desk.url}/typing")
    presence = desk.office.bot.hand_over.presence
    assert presence.signs(other.conversation).typing == {Author.AGENT}
    presence.type(other.conversation, Author.CUSTOMER)
    assert (await desk.show())["presence"]["typing"] == ["agent", "customer"]


async def test_wrong_answer_is_marked(desk: Desk, li: Agent) -> None:
    shown = await desk.show()
    answer = shown["messages"][1]["id"]
    body = {"message": answer, "expected": "en/billing/seats.md", "comment": ""}
    shown = await desk.act("wrong", body)
    assert [message.get("wrong") for message in shown["messages"]][:3] == [None, True, None]
    [mark] = (await desk.office.bot.store.wrong_answers()).values()
    assert (mark.message, mark.agent, mark.expected, mark.comment) == (
        answer,
        li.id,
        "en/billing/seats.md",
        None,
    )
    question = shown["messages"][0]["id"]
    assert await desk.refuse("wrong", {"message": question}) == (404, "not-found")


async def test_typing_and_presence(desk: Desk, li: Agent) -> None:
    signs = desk.office.bot.hand_over.presence.signs
    assert (await desk.browser.post(f"{desk.url}/attend")).status_code == 204
    assert signs(desk.ticket.conversation).agents == {li.id}
    assert (await desk.show())["presence"] == {"agents": [li.id], "typing": []}
    await desk.browser.post(f"{desk.url}/typing")
    assert signs(desk.ticket.conversation).typing == {Author.AGENT}
    await desk.act("reply", {"text": "Hello", "client_message_id": "k"})
    assert signs(desk.ticket.conversation).typing == set()
    await desk.browser.post(f"{desk.url}/leave")
    assert signs(desk.ticket.conversation).agents == set()


async def test_nobody_types_into_a_ticket_that_is_over(desk: Desk) -> None:
    await desk.act("resolve")
    assert (await desk.browser.post(f"{desk.url}/typing")).status_code == 204
    assert desk.office.bot.hand_over.presence.signs(desk.ticket.conversation).typing == set()


async def test_colleagues_are_the_active_ones(desk: Desk, li: Agent) -> None:
    await desk.office.add("gone@example.com", active=False)
    found = (await desk.browser.get("/api/agents")).json()["agents"]
    assert found == [{"id": li.id, "name": "Li", "team": "billing"}]


async def test_canned_replies_have_blanks_for_names(desk: Desk) -> None:
    found = (await desk.browser.get("/api/canned?locale=zh")).json()
    assert found["somebody"] == "canned.zh.somebody"
    assert found["replies"] == [
        {"name": "wait", "title": "canned.zh.wait_title", "text": "canned.zh.wait"}
    ]


async def test_profile_of_a_customer(desk: Desk) -> None:
    found = (await desk.browser.get("/api/customers/c-marta")).json()
    assert found["organisation"] == "Atlas Travel"
    assert [ticket["label"] for ticket in found["tickets"]] == ["T-1"]
    assert [past["tickets"] for past in found["conversations"]] == [1]
    assert (found["labels"], found["csat"], found["nps"]) == ([], None, None)


async def test_labels_are_added_and_removed(desk: Desk) -> None:
    url = "/api/customers/c-marta/labels"
    found = (await desk.browser.post(url, {"add": [" key  account ", "重要客户"]})).json()
    assert found["labels"] == ["key account", "重要客户"]
    assert (await desk.show())["profile"]["labels"] == ["key account", "重要客户"]
    found = (await desk.browser.post(url, {"add": ["beta"], "remove": ["key account"]})).json()
    assert found["labels"] == ["重要客户", "beta"]
    for body in ({"add": [""]}, {"add": ["x" * 41]}, {"add": "x"}, {"add": ["x"] * 21}):
        assert (await desk.browser.post(url, body)).status_code == 422
    response = await desk.browser.post("/api/customers/nobody/labels", {"add": ["x"]})
    assert (response.status_code, slug(response)) == (404, "not-found")


async def test_visitor_has_no_labels(desk: Desk) -> None:
    ticket = await enact(desk.office, cases.VISITOR)
    shown = (await desk.browser.get(f"/api/tickets/{ticket.id}")).json()
    assert shown["profile"] == {
        "labels": None,
        "conversations": [],
        "csat": None,
        "nps": None,
        "tickets": [],
    }


async def test_what_came_in_and_was_given_up_is_handled_again(office: Office) -> None:
    await office.add("boss@example.com", Role.ADMIN)
    store = office.bot.store
    event = InboundEvent("slack", "T1/C1/1.0?", "message", "T1/C1/1.0", {"text": "secret"})
    await store.take_event(event)
    [leased] = await store.lease_events("slack", "w", now() + timedelta(minutes=1), 10)
    await store.bury_event("slack", leased.key, "w", "missing_scope")
    asked = {"channel": "slack", "key": event.key}
    async with office.browser("boss@example.com") as boss:
        [dead] = (await boss.get("/api/inbound/dead")).json()["events"]
        assert (dead["key"], dead["kind"], dead["error"]) == (event.key, "message", "missing_scope")
        assert "secret" not in str(dead)
        assert (await boss.get("/api/queue")).json()["counts"]["dead"] == 1
        assert (await boss.post("/api/inbound/replay", asked)).status_code == 204
        assert (await boss.post("/api/inbound/replay", asked)).status_code == 404
        assert (await boss.get("/api/inbound/dead")).json() == {"events": []}
    [again] = await store.lease_events("slack", "w", now() + timedelta(minutes=1), 10)
    assert again.body == event.body


async def test_dead_letters_are_replayed(office: Office, li: Agent) -> None:
    await office.add("boss@example.com", Role.ADMIN)
    store = office.bot.store
    ticket = await enact(office, cases.EXPORT)
    await office.bot.hand_over.casework.reply(ticket.id, li.id, "Hello", "k")
    later = now() + timedelta(minutes=1)
    for delivery in await store.lease_deliveries("w", later, (), {"widget"}, 10):
        await store.bury_delivery(delivery.key, "w", "connection refused")
    async with office.browser("boss@example.com") as boss:
        dead = (await boss.get("/api/outbox/dead")).json()["deliveries"]
        assert {letter["error"] for letter in dead} == {"connection refused"}
        assert {letter["label"] for letter in dead} == {ticket.label}
        assert (await boss.post(f"/api/outbox/{dead[0]['key']}/replay")).status_code == 204
        assert (await boss.post(f"/api/outbox/{dead[0]['key']}/replay")).status_code == 404
        left = (await boss.get("/api/outbox/dead")).json()["deliveries"]
        assert len(left) == len(dead) - 1
