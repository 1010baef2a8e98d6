"""The inbox's event stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.inbox.desk import EVERYBODY, Desk
from bot.channels.inbox.events import inbox_frames
from bot.domain.agent import Agent, AgentSession
from bot.domain.conversation import Author, now
from bot.domain.errors import StoreError
from tests.channels import cases
from tests.channels.office import Office
from tests.web import Event, Visitor, call, parse_events, until

LI = Agent("li@example.com", "Li")
SESSION = AgentSession("digest", LI, now(), now(), now())


class BrokenOnce(MemoryStore):
    """Out of reach for the first question about events."""

    broken = False

    async def events_after(self, sequence: int, limit: int = 100) -> Any:
        if self.broken:
            self.broken = False
            raise StoreError("the database is out of reach")
        return await super().events_after(sequence, limit)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def desk(office: Office) -> Desk:
    desk: Desk = office.app.state.desk
    return desk


async def current() -> AgentSession | None:
    return SESSION


async def read(frames: AsyncIterator[bytes]) -> Event:
    [event] = parse_events((await anext(frames)).decode())
    return event


async def test_every_change_is_told_from_where_the_reader_was(office: Office, desk: Desk) -> None:
    ticket = await cases.enact(office.bot.store, cases.CHARGE, cases.SceneClock())
    async with aclosing(inbox_frames(desk, 0, current)) as frames:
        hello, opened = await read(frames), await read(frames)
        assert (hello.name, hello.id) == ("hello", "0")
        assert opened.data == {
            "ticket": ticket.id,
            "kind": "opened",
            "actor": "system",
            "conversation": ticket.conversation,
            "label": "T-1",
            "assignee": None,
        }
        await office.bot.hand_over.casework.claim(ticket.id, LI.id)
        desk.announce()
        assigned = await read(frames)
        assert (assigned.data["kind"], assigned.data["assignee"]) == ("assigned", LI.id)
    async with aclosing(inbox_frames(desk, int(opened.id), current)) as frames:
        await read(frames)
        assert (await read(frames)).data["kind"] == "assigned"


async def test_signs_of_life_are_told(office: Office, desk: Desk) -> None:
    ticket = await cases.enact(office.bot.store, cases.CHARGE, cases.SceneClock())
    start = await desk.store.last_event()
    async with aclosing(inbox_frames(desk, start, current)) as frames:
        await read(frames)
        upcoming = asyncio.create_task(read(frames))
        await until(lambda: desk.arrivals.readers_of(EVERYBODY) == 1)
        desk.presence.type(ticket.conversation, Author.CUSTOMER)
        event = await upcoming
        assert event.name == "presence"
        assert event.data == {
            "conversation": ticket.conversation,
            "agents": [],
            "typing": ["customer"],
        }


async def test_what_the_bot_hears_is_told(office: Office, desk: Desk) -> None:
    async with call(office.app) as client:
        visitor = await Visitor.arrive(client)
        async with aclosing(inbox_frames(desk, await desk.store.last_event(), current)) as frames:
            await read(frames)
            upcoming = asyncio.create_task(read(frames))
            await until(lambda: desk.arrivals.readers_of(EVERYBODY) == 1)
            await visitor.ask("How do I create a team?")
            event = await upcoming
    assert (event.name, event.data) == ("turn", {"conversation": visitor.conversation})


async def test_stream_ends_with_the_session(desk: Desk) -> None:
    async def over() -> AgentSession | None:
        return None

    async with aclosing(inbox_frames(desk, 0, over)) as frames:
        assert (await read(frames)).name == "hello"
        with pytest.raises(StopAsyncIteration):
            await anext(frames)


async def test_stream_outlives_a_store_that_is_away(office: Office, desk: Desk) -> None:
    store = office.bot.store = BrokenOnce()
    ticket = await cases.enact(store, cases.CHARGE, cases.SceneClock())
    store.broken = True
    away = replace(desk, store=store, poll_s=0)
    async with aclosing(inbox_frames(away, 0, current)) as frames:
        await read(frames)
        assert (await read(frames)).data["ticket"] == ticket.id


async def test_reader_is_told_to_come_again_when_the_server_leaves(desk: Desk) -> None:
    async with aclosing(inbox_frames(desk, 0, current)) as frames:
        await read(frames)
        desk.arrivals.close()
        assert b"retry: " in await anext(frames)
        with pytest.raises(StopAsyncIteration):
            await anext(frames)


async def test_stream_starts_at_the_present(office: Office, desk: Desk) -> None:
    await office.add("li@example.com")
    await cases.enact(office.bot.store, cases.CHARGE, cases.SceneClock())
    desk.arrivals.close()
    async with office.browser("li@example.com") as browser:
        response = await browser.get("/api/events")
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "id: 1" in response.text
        assert "opened" not in response.text
