"""A person takes over in a chat program: who works there, and what came of it."""

from typing import Generic, TypeVar

from bot.adapters.memory_agents import MemoryAgents
from bot.domain.agent import Agent
from bot.domain.conversation import Author, Conversation
from bot.domain.ticket import Ticket
from bot.services.staff import Staff
from tests.channels.chat.office import ChatOffice
from tests.channels.office import Clock
from tests.fakes import FakeCodes, FakePasswords

OURS = Agent("lee@example.com", "Lee", id="agent-1")
HUMAN = "I want to talk to a human"

Office = TypeVar("Office", bound=ChatOffice)


def staff_of(clock: Clock) -> Staff:
    agents = MemoryAgents(clock=clock, agents=(OURS,))
    return Staff.of(agents, agents.audit, FakePasswords(), FakeCodes(), clock)


class ChatDesk(Generic[Office]):
    """The room of the agents and the asker's chat of one office."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self.office, self.clock = office, clock

    async def conversation(self) -> Conversation:
        return (await self.office.conversations())[-1]

    async def ticket(self) -> Ticket:
        return (await self.office.store.tickets_of((await self.conversation()).id))[-1]

    async def tickets(self) -> list[Ticket]:
        store = self.office.store
        found = [await store.tickets_of(one.id) for one in await self.office.conversations()]
        return [ticket for tickets in found for ticket in tickets]

    async def said(self, author: Author) -> list[str]:
        return [one.text for one in await self.office.said() if one.author is author]

    async def wait(self, **step: int) -> None:
        self.clock.advance(**step)
        await self.office.work()
