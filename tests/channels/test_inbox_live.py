"""Agents look on while the bot answers, and step in, over HTTP."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.app import create_app
from bot.bootstrap import build
from bot.domain.agent import Agent
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.knowledge import Evidence
from bot.ports import Query
from bot.settings import Settings, Support, Web
from tests.channels.office import Browser, Office, slug
from tests.fakes import ANSWER, FakeBot, FakeRetriever, FakeSettings
from tests.web import Visitor, call, parse_events

QUESTION = "How do I create a team?"


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def li(office: Office) -> Agent:
    return await office.add("li@example.com")


@pytest.fixture
async def agent(office: Office, li: Agent) -> AsyncIterator[Browser]:
    async with office.browser(li.email) as browser:
        yield browser


@pytest.fixture
async def visitor(office: Office) -> AsyncIterator[Visitor]:
    async with call(office.app) as client:
        yield await Visitor.arrive(client, page="/projects/atlas")


async def test_list_shows_who_talks_with_the_bot(agent: Browser, visitor: Visitor) -> None:
    assert (await agent.get("/api/conversations")).json() == {"conversations": []}
    await visitor.ask(QUESTION)
    [row] = (await agent.get("/api/conversations")).json()["conversations"]
    assert row["id"] == visitor.conversation
    assert (row["last_author"], row["last_text"]) == ("bot", ANSWER)
    assert row["customer"]["verified"] is False
    assert (row["page"], row["channel"]) == ("/projects/atlas", "widget")
    assert row["tone"]["label"] == "calm"
    assert (await agent.get("/api/queue")).json()["counts"]["live"] == 1
    shown = (await agent.get(f"/api/conversations/{visitor.conversation}")).json()
    assert [message["text"] for message in shown["messages"]] == [QUESTION, ANSWER]
    assert shown["messages"][1]["reply"]["citations"]
    assert (shown["ticket"], shown["open_to_agents"]) == (None, True)


async def test_who_writes_by_mail_has_an_address_and_is_told_only_by_mail(
    agent: Browser, office: Office
) -> None:
    mailed = Conversation("mail", address="ann@example.com")
    await office.bot.store.add_conversation(mailed)
    asked = Message(mailed.id, Author.CUSTOMER, QUESTION, client_message_id="m")
    await (await office.bot.turns.submit(asked)).result()
    [row] = (await agent.get("/api/conversations")).json()["conversations"]
    assert row["customer"]["email"] == "ann@example.com"
    assert row["customer"]["verified"] is False
    ticket = (await agent.post(f"/api/conversations/{mailed.id}/take-over")).json()
    talk = (await agent.get(f"/api/conversations/{mailed.id}")).json()
    for shown in (ticket, talk):
        unsent = [m["author"] for m in shown["messages"] if m.get("unsent")]
        assert unsent == ["system"]


async def test_taking_over_opens_the_agents_ticket(
    agent: Browser, li: Agent, visitor: Visitor
) -> None:
    await visitor.ask(QUESTION)
    url = f"/api/conversations/{visitor.conversation}"
    ticket = (await agent.post(f"{url}/take-over")).json()
    assert (ticket["reason"], ticket["assignee"]) == ("agent_took_over", li.id)
    assert ticket["messages"][0]["text"] == QUESTION
    assert (await agent.get("/api/conversations")).json() == {"conversations": []}
    assert (await agent.get(url)).json()["ticket"] == ticket["id"]
    again = (await agent.post(f"{url}/take-over")).json()
    assert again["id"] == ticket["id"]
    reply = {"text": "I am here.", "client_message_id": "k"}
    await agent.post(f"/api/tickets/{ticket['id']}/reply", reply)
    seen = (await visitor.client.get(visitor.url, headers=visitor.headers)).json()
    assert [m["author"] for m in seen["messages"]] == ["customer", "bot", "system", "agent"]
    assert seen["status"] == "open"


class GatedRetriever(FakeRetriever):
    """Finds nothing before its gate is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.gate = asyncio.Event(), asyncio.Event()

    async def search(self, query: Query) -> Evidence:
        self.asked.set()
        await self.gate.wait()
        return await super().search(query)


async def test_bot_that_is_answering_says_nothing_after_the_take_over() -> None:
    retriever = GatedRetriever()
    bot = build(Settings(web=Web(rate_limit=0)), store=MemoryStore(), retriever=retriever)
    async with call(create_app(bot)) as client:
        visitor = await Visitor.arrive(client)
        answering = asyncio.create_task(visitor.ask(QUESTION, accept="text/event-stream"))
        await retriever.asked.wait()
        ticket = await bot.hand_over.live.take_over(visitor.conversation, "a-1")
        retriever.gate.set()
        events = parse_events((await answering).text)
        seen = (await client.get(visitor.url, headers=visitor.headers)).json()
    assert [event.name for event in events if event.name == "delta"] == []
    [reply] = [event.data for event in events if event.name == "reply"]
    assert (reply["decision"], reply["text"]) == ("silent", "")
    assert [message["author"] for message in seen["messages"]] == ["customer", "system"]
    assert seen["ticket"]["ticket"] == ticket.id


async def test_words_are_masked_where_the_settings_say_so() -> None:
    support = Support(mask="all")
    office = Office(FakeBot(settings=FakeSettings(support=support), store=MemoryStore()))
    office.bot.dialogue.text = "Write to jane@example.com"
    await office.add("li@example.com")
    async with call(office.app) as client, office.browser("li@example.com") as agent:
        visitor = await Visitor.arrive(client)
        await visitor.ask("I am bob@example.com")
        listed = (await agent.get("/api/conversations")).text
        shown = (await agent.get(f"/api/conversations/{visitor.conversation}")).text
    assert "Write to" in listed
    assert "example.com" not in listed + shown


async def test_what_is_not_there_cannot_be_taken_over(agent: Browser) -> None:
    for path in ("0" * 32, "x"):
        response = await agent.post(f"/api/conversations/{path}/take-over")
        assert response.status_code in (404, 422)
        assert slug(response) in ("not-found", "invalid-request")
