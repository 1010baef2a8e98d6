import asyncio

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.domain.errors import StoreError
from bot.services import ticket_news
from bot.services.casework import Casework
from bot.services.ticket_news import TicketNews
from tests.channels import cases
from tests.fakes import FakePrompts


class Office:
    """`near` is the process in which agents work, `far` another one."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.near, self.far = TicketNews(self.store), TicketNews(self.store)
        self.heard_near: list[str] = []
        self.heard_far: list[str] = []
        self.near.observe(self.heard_near.append)
        self.far.observe(self.heard_far.append)
        self.casework = Casework(self.store, FakePrompts(), self.near.tell)


@pytest.fixture
def office() -> Office:
    return Office()


async def test_one_hears_at_once_of_what_the_own_process_does(office: Office) -> None:
    ticket = await cases.enact(office.store, cases.CHARGE, cases.SceneClock())
    await office.casework.claim(ticket.id, "a-1")
    assert office.heard_near == [ticket.conversation]
    assert office.heard_far == []


async def test_others_hear_when_they_look(office: Office) -> None:
    ticket = await cases.enact(office.store, cases.CHARGE, cases.SceneClock())
    after = await office.far.look(None)
    assert office.heard_far == []  # what was before is no news
    await office.casework.claim(ticket.id, "a-1")
    await office.casework.prioritise(ticket.id, "a-1", cases.Priority.URGENT)
    after = await office.far.look(after)
    assert office.heard_far == [ticket.conversation]
    assert await office.far.look(after) == after
    assert office.heard_far == [ticket.conversation]


async def test_those_hear_whose_ticket_goes_on_in_it(office: Office) -> None:
    twice = await cases.enact(office.store, cases.REPEATED, cases.SceneClock())
    ticket = await cases.enact(office.store, cases.CHARGE, cases.SceneClock())
    await office.casework.merge(twice.id, "a-1", ticket.id)
    after = await office.far.look(None)
    await office.casework.claim(ticket.id, "a-1")
    await office.far.look(after)
    assert office.heard_far == [ticket.conversation, twice.conversation]


async def test_it_goes_on_after_a_store_that_was_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticket_news, "POLL_S", 0)
    ticket = await cases.enact(office.store, cases.CHARGE, cases.SceneClock())
    answers = iter([StoreError("away"), None])
    last_event = office.store.last_event
    heard = asyncio.Event()
    office.far.observe(lambda _: heard.set())
    started = asyncio.Event()

    async def unsteady() -> int:
        answer = next(answers)
        if answer is not None:
            raise answer
        started.set()
        return await last_event()

    office.store.last_event = unsteady  # type: ignore[method-assign]
    running = asyncio.create_task(office.far.run())
    await started.wait()
    await office.casework.claim(ticket.id, "a-1")
    await heard.wait()
    running.cancel()
    assert office.heard_far == [ticket.conversation]
