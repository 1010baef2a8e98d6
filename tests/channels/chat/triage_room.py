"""A triage room at work: a ticket with its card, agents, and everything behind the buttons."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.bootstrap import build_service_levels
from bot.channels.chat.agents import ChatAgents
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.program import Member
from bot.channels.chat.ticket_sheet import TicketSheets
from bot.channels.chat.triage import TriageDesk
from bot.channels.chat.triage_actions import TriageActions, TriageRefusals
from bot.channels.chat.triage_room import TriageRoom
from bot.channels.chat.triage_thread import TriageThread
from bot.domain.agent import Agent
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.desk_news import name_at_desk
from bot.domain.inbound import InboundEvent
from bot.domain.ticket import Ticket, TicketEventKind
from bot.services.casework import Casework
from bot.settings import Settings
from tests.adapters.desk_contract import delivery_of
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import FULL, opened, started
from tests.channels.chat.program import (
    CHANNEL,
    ROOM,
    TEAM,
    FakeProgram,
    FakeWall,
    Posts,
    Standing,
    said_at,
)

LEE, MEI, GUEST = "lee", "mei", "guest"
LEE_OF_OURS = Agent("lee@example.com", "Lee", id="agent-1")
PROMPTS = PromptFiles()


@dataclass
class Triage:
    has_threads: bool = True
    posts: Posts = field(default_factory=Posts)
    agents: MemoryAgents = field(default_factory=lambda: MemoryAgents(agents=(LEE_OF_OURS,)))
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.parley = FakeProgram(self.has_threads)
        self.store = MemoryStore(self.clock)
        self.casework = Casework(self.store, PROMPTS, clock=self.clock)
        program = self.parley.program
        room = TriageRoom(ROOM, program.people)
        sheets = TicketSheets(PROMPTS, Locale.EN, ZoneInfo("UTC"))
        people = ChatAgents(CHANNEL, program.people, self.agents)
        refusals = TriageRefusals(self.wall, sheets)
        self.poster = Poster(CHANNEL, self.wall, self.posts, self.clock)
        levels = build_service_levels(Settings(), PROMPTS)
        self.desk = TriageDesk(
            CHANNEL,
            self.wall,
            self.poster,
            self.store,
            levels,
            sheets,
            self.name_of,
            room,
            self.clock,
        )
        self.actions = TriageActions(
            program, self.casework, people, sheets, refusals, self.name_of, room
        )
        self.thread = TriageThread(
            CHANNEL, self.wall, self.casework, self.store, self.poster, people, refusals, room
        )
        self.parley.people.members = {
            LEE: Member("Lee", "lee@example.com"),
            MEI: Member("Mei", "mei@example.com"),
        }

    @property
    def wall(self) -> FakeWall:
        return self.parley.wall

    async def name_of(self, agent: str) -> str | None:
        known = await self.agents.agent(agent)
        return known.name if known else name_at_desk(agent)

    async def open(self, conversation: Conversation | None = None) -> Ticket:
        """With its card, of Lee who is an agent of the inbox as well."""
        ticket = await opened(self.store, conversation or await started(self.store), packet=FULL)
        await self.desk.deliver(delivery_of(ticket, TicketEventKind.OPENED), ticket, None)
        return ticket

    @property
    def card(self) -> Standing:
        return self.wall.cards()[-1]

    async def ticket(self, ticket: Ticket) -> Ticket:
        return await self.casework.open(ticket.id)

    async def said(self, ticket: Ticket, author: Author = Author.AGENT) -> list[str]:
        found = await self.store.messages(ticket.conversation)
        return [message.text for message in found if message.author is author]

    async def replies(self, ticket: Ticket) -> list[Message]:
        found = await self.store.messages(ticket.conversation)
        return [message for message in found if message.author is Author.AGENT]

    async def notes(self, ticket: Ticket) -> list[str]:
        return [note.text for note in await self.store.notes(ticket.id)]

    def clicked(
        self, action: str, ticket: Ticket, user: str = LEE, channel: str = ROOM, team: str = TEAM
    ) -> InboundEvent:
        at = self.wall.below(Place(team, channel), self.card.reference)
        return self.parley.clicked(action, ticket.id, user, at, self.card.reference)

    async def click(self, action: str, ticket: Ticket, user: str = LEE) -> None:
        await self.actions.handle(self.clicked(action, ticket, user))

    async def type(self, text: str, user: str = LEE, **more: Any) -> bool:
        """Below the card; where there are no threads, into the room."""
        at = self.wall.below(Place(TEAM, ROOM), self.card.reference)
        told = {"is_reply": self.has_threads, **more}
        return await self.thread.take(said_at(told.pop("place", at), user, text, **told))
