"""The widget's routes of a hand-over, over a whole application."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.app import create_app
from bot.bootstrap import Bot, build
from bot.domain.agent import Agent
from bot.domain.audit import AuditEvent
from bot.domain.conversation import Author
from bot.domain.customer import Customer, Tier
from bot.domain.packet import Requester
from bot.ports import AgentChange
from bot.services.handoff import rfc3339
from bot.services.staff import Staff
from bot.settings import Settings, Web
from tests.fakes import FakeCodes, FakePasswords, FakeRetriever, FakeVerifier
from tests.web import Event, Visitor, call, read_events, serve

LI = Customer("u-1", "Li", "li@example.com", "Harbour Ltd", Tier.ENTERPRISE)
JO = Agent("jo@example.com", "Jo", id="agent-1")


@pytest.fixture
async def staff() -> Staff:
    agents = MemoryAgents()
    await agents.apply(AgentChange(JO, None, AuditEvent("test", "agent.added")))
    return Staff.of(agents, agents.audit, FakePasswords(), FakeCodes())


@pytest.fixture
def bot(staff: Staff) -> Bot:
    return build(
        Settings(web=Web(rate_limit=0)),
        store=MemoryStore(),
        retriever=FakeRetriever(),
        staff=staff,
    )


@pytest.fixture
def app(bot: Bot) -> FastAPI:
    return create_app(bot)


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[Visitor]:
    async with call(app) as client:
        yield await Visitor.arrive(client, timezone="Europe/Berlin", page="/boards/7")


async def post(visitor: Visitor, path: str, **body: object) -> httpx.Response:
    return await visitor.client.post(
        f"{visitor.url}/{path}", json=body or None, headers=visitor.headers
    )


async def show(visitor: Visitor) -> dict[str, object]:
    found: dict[str, object] = (
        await visitor.client.get(visitor.url, headers=visitor.headers)
    ).json()
    return found


async def test_a_click_opens_a_ticket_that_is_shown(bot: Bot, visitor: Visitor) -> None:
    assert (await show(visitor))["ticket"] is None
    reply = (await post(visitor, "handoff")).json()
    shown = await show(visitor)
    ticket = shown["ticket"]
    assert isinstance(ticket, dict)
    assert shown["status"] == ticket["state"] == "open"
    assert (reply["handoff"]["ticket"], reply["handoff"]["number"]) == (
        ticket["ticket"],
        ticket["number"],
    )
    assert reply["handoff"]["first_response_due"] == ticket["first_response_due"]
    assert ticket["due_in_words"] in reply["text"]
    assert (ticket["assignee_name"], ticket["answered"]) == (None, False)
    (kept,) = await bot.store.tickets_of(visitor.conversation)
    assert (kept.timezone, kept.packet.page) == ("Europe/Berlin", "/boards/7")


async def test_the_ticket_follows_who_proves_to_be_a_customer(staff: Staff) -> None:
    verifier = FakeVerifier()
    verifier.customers["li"] = LI
    bot = build(
        Settings(web=Web(rate_limit=0)),
        store=MemoryStore(),
        retriever=FakeRetriever(),
        staff=staff,
        verifier=verifier,
    )
    async with call(create_app(bot)) as client:
        visitor = await Visitor.arrive(client)
        await post(visitor, "handoff")
        before = (await show(visitor))["ticket"]
        (ticket,) = await bot.store.tickets_of(visitor.conversation)
        assert (ticket.tier, ticket.packet.requester.verified) == (Tier.BASIC, False)
        known = (await post(visitor, "identify", identity="li")).json()
        headers = {"Authorization": f"Bearer {known['token']}"}
        after = (await client.get(visitor.url, headers=headers)).json()["ticket"]
    (ticket,) = await bot.store.tickets_of(visitor.conversation)
    assert ticket.tier is Tier.ENTERPRISE
    assert ticket.packet.requester == Requester.of(LI)
    assert isinstance(before, dict)
    due = bot.hand_over.levels.first_response_due(Tier.ENTERPRISE, False, ticket.opened_at)
    assert before["first_response_due"] > after["first_response_due"] == rfc3339(due)
    assert after["contact"] == LI.email


async def test_a_time_zone_that_is_none_is_forgotten(bot: Bot, app: FastAPI) -> None:
    async with call(app) as client:
        visitor = await Visitor.arrive(client, timezone="Mars/Olympus")
    found = await bot.store.conversation(visitor.conversation)
    assert found is not None
    assert found.timezone is None


async def test_details_are_taken_without_an_index(bot: Bot, visitor: Visitor) -> None:
    await post(visitor, "handoff")
    bot.retriever.index = bot.retriever.index.__class__(None)  # type: ignore[attr-defined]
    response = await visitor.ask("one more thing", "k2")
    assert response.status_code == 200
    assert response.json()["decision"] == "silent"
    await post(visitor, "handoff/cancel")
    assert (await visitor.ask("and now?", "k3")).status_code == 503


async def test_cancel_and_contact(visitor: Visitor) -> None:
    assert (await post(visitor, "handoff/cancel")).status_code == 404
    assert (await post(visitor, "contact", email="jo@example.com")).status_code == 404
    await post(visitor, "handoff")
    for bad in ("nobody", "a@b", "a b@example.com", "x" * 300 + "@example.com"):
        assert (await post(visitor, "contact", email=bad)).status_code == 422
    kept = await post(visitor, "contact", email="jo@example.com")
    assert kept.json()["contact"] == "jo@example.com"
    for _ in range(2):
        cancelled = await post(visitor, "handoff/cancel")
        assert cancelled.json()["state"] == "cancelled"
    assert (await show(visitor))["status"] == "pending"


async def test_an_earlier_ticket_that_is_open_again_is_the_one_shown(
    bot: Bot, visitor: Visitor
) -> None:
    tickets = []
    for _ in range(2):
        tickets.append((await post(visitor, "handoff")).json()["handoff"]["ticket"])
        await bot.hand_over.casework.resolve(tickets[-1], JO.id)
    await bot.hand_over.casework.reopen(tickets[0], JO.id)
    shown = (await show(visitor))["ticket"]
    assert isinstance(shown, dict)
    assert (shown["ticket"], shown["state"]) == (tickets[0], "open")
    assert (await post(visitor, "handoff/cancel")).json()["ticket"] == tickets[1]


async def test_nobody_is_named_who_has_left_the_team(
    bot: Bot, staff: Staff, visitor: Visitor
) -> None:
    ticket = (await post(visitor, "handoff")).json()["handoff"]["ticket"]
    await bot.hand_over.casework.claim(ticket, JO.id)
    event = AuditEvent("test", "agent.disable")
    await staff.agents.apply(AgentChange(replace(JO, active=False), JO, event))
    shown = (await show(visitor))["ticket"]
    assert isinstance(shown, dict)
    assert (shown["assignee_name"], shown["due_in_words"]) == (None, None)


@pytest.mark.parametrize("path", ["handoff/cancel", "contact", "typing"])
async def test_nobody_else_may(app: FastAPI, visitor: Visitor, path: str) -> None:
    other = await Visitor.arrive(visitor.client)
    for headers in ({}, other.headers):
        response = await visitor.client.post(
            f"{visitor.url}/{path}", json={"email": "jo@example.com"}, headers=headers
        )
        assert response.status_code == 404


async def test_the_stream_tells_of_ticket_agent_and_typing(bot: Bot, app: FastAPI) -> None:
    async with serve(app) as url, httpx.AsyncClient(base_url=url, timeout=20) as client:
        visitor = await Visitor.arrive(client)
        await post(visitor, "handoff")
        assert (await post(visitor, "typing")).status_code == 204
        signs = bot.hand_over.presence.signs(visitor.conversation)
        assert signs.typing == {Author.CUSTOMER}
        (ticket,) = await bot.store.tickets_of(visitor.conversation)
        async with client.stream(
            "GET", f"{visitor.url}/events", headers=visitor.headers
        ) as response:
            events = read_events(response)
            assert (await wanted(events, "ticket"))["answered"] is False
            bot.hand_over.presence.attend(visitor.conversation, "agent-1")
            assert await wanted(events, "presence") == {"name": "Jo"}
            bot.hand_over.presence.type(visitor.conversation, Author.AGENT)
            assert await wanted(events, "typing") == {
                "author": "agent",
                "name": "Jo",
                "active": True,
            }
            await bot.hand_over.casework.reply(ticket.id, "agent-1", "Hello", "key")
            message = await wanted(events, "message")
            assert (message["text"], message["agent_name"]) == ("Hello", "Jo")
            assert JO.id not in str(message)  # nor anything else of the agent's account
            told = await wanted(events, "ticket")
            assert (told["assignee_name"], told["answered"]) == ("Jo", True)


async def wanted(events: AsyncIterator[Event | str], name: str) -> dict[str, object]:
    async with asyncio.timeout(20):
        async for event in events:
            if isinstance(event, Event) and event.name == name:
                found: dict[str, object] = event.data
                return found
    raise AssertionError(f"no {name} came")
