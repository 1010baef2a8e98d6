import pytest

from bot.adapters.memory_store import MemoryStore
from bot.domain.ticket import Ticket
from bot.services.casework import Casework
from bot.services.stories import Stories, tones_told
from tests.channels import cases
from tests.fakes import FakePrompts


class Desk:
    def __init__(self) -> None:
        self.clock = cases.SceneClock()
        self.store = MemoryStore(self.clock)
        self.casework = Casework(self.store, FakePrompts(), clock=self.clock)
        self.stories = Stories(self.store)

    async def enact(self, scene: cases.Scene) -> Ticket:
        return await cases.enact(self.store, scene, self.clock)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_ticket_alone_is_its_own_story(desk: Desk) -> None:
    ticket = await desk.enact(cases.CHARGE)
    assert await desk.stories.tickets(ticket) == [ticket]
    said = await desk.store.messages(ticket.conversation)
    assert await desk.stories.messages([ticket]) == list(said)
    assert await desk.stories.course(ticket) == [*tones_told(ticket).values()]


async def test_the_course_of_merged_conversations_is_in_the_order_of_time(desk: Desk) -> None:
    absorbed = await desk.enact(cases.CHARGE)
    ticket = await desk.enact(cases.REPEATED)
    await desk.casework.merge(absorbed.id, "a-1", ticket.id)
    tickets = await desk.stories.tickets(ticket)
    assert [each.id for each in tickets] == [ticket.id, absorbed.id]
    said = {message.id: message for message in await desk.stories.messages(tickets)}
    told = tones_told(ticket, absorbed)
    in_time = sorted(told, key=lambda message: said[message].created_at)
    assert await desk.stories.course(ticket) == [told[message] for message in in_time]
