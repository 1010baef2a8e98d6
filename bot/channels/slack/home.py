"""The Home tab, made anew whenever somebody opens it."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Protocol

from bot.channels.chat import markdown
from bot.channels.chat.agents import ChatAgents
from bot.channels.chat.answered import is_public
from bot.channels.chat.place import Place
from bot.channels.chat.triage_room import TriageRoom
from bot.channels.slack.events import team_of
from bot.channels.slack.home_view import Asked, HomeView, OwnTicket, Queue
from bot.channels.slack.people import SlackPeople
from bot.channels.slack.place import link_to
from bot.channels.slack.wall import Calls
from bot.domain.agent import Agent
from bot.domain.conversation import Author, Conversation, now
from bot.domain.desk_news import name_at_desk
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused
from bot.domain.reply import Answer
from bot.domain.sla import Clocks
from bot.domain.ticket import Ticket, TicketEvent, TicketState
from bot.domain.ticket_queue import QueueFilter
from bot.ports import AgentStore, Retriever, Storage
from bot.services.worklist import Sight, View, Worklist

log = logging.getLogger(__name__)

MOST_TICKETS, MOST_ASKED = 10, 10
MOST_SOURCES = 3
EVERY_STATE = frozenset(TicketState) - {TicketState.MERGED}


class Levels(Protocol):
    def clocks(self, ticket: Ticket, events: Sequence[TicketEvent], at: datetime) -> Clocks: ...


class Home:
    def __init__(
        self,
        store: Storage,
        calls: Calls,
        people: SlackPeople,
        levels: Levels,
        view: HomeView,
        queues: "AgentQueues",
        retriever: Retriever,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store = store
        self._calls = calls
        self._people = people
        self._levels = levels
        self._view = view
        self._queues = queues
        self._retriever = retriever
        self._clock = clock

    async def open(self, event: InboundEvent) -> None:
        inner = event.body["event"]
        if inner.get("tab") == "home":
            await self.publish(team_of(event.body), str(inner["user"]))

    async def publish(self, team: str, user: str) -> None:
        """Raises as a desk."""
        customer = (await self._people.person(team, user)).customer.id
        view = self._view.view(
            await self._tickets(customer),
            await self._asked(customer),
            await self._queues.of(team, user),
            await self._people.locale(team, user),
        )
        await self._calls.call(team, "views.publish", user_id=user, view=view)

    async def _tickets(self, customer: str) -> Sequence[OwnTicket]:
        """Those that are open first."""
        asked = QueueFilter(EVERY_STATE, customer=customer, limit=MOST_TICKETS)
        found = await self._store.queue(asked)
        at = self._clock()
        own = [
            OwnTicket(one.ticket, self._levels.clocks(one.ticket, one.events, at)) for one in found
        ]
        return sorted(own, key=lambda one: not one.ticket.state.is_active)

    async def _asked(self, customer: str) -> Sequence[Asked]:
        asked: list[Asked] = []
        for conversation in await self._store.conversations_of(customer, MOST_ASKED):
            asked += await self._answered(conversation)
        return sorted(asked, key=lambda one: one.at, reverse=True)[:MOST_ASKED]

    async def _answered(self, conversation: Conversation) -> Sequence[Asked]:
        said = await self._store.messages(conversation.id)
        replies = await self._store.replies([one.id for one in said if one.author is Author.BOT])
        link, asked = _link(conversation), []
        for earlier, one in pairwise(said):
            reply = replies.get(one.id)
            if reply is None or earlier.author is not Author.CUSTOMER:
                continue
            if isinstance(reply.act, Answer):
                # What is internal is read in its channel, by those who are in it.
                is_open = not conversation.internal and await is_public(self._retriever, reply)
                sources = reply.citations[:MOST_SOURCES] if is_open else ()
                answer = markdown.plain(reply.text) if is_open else ""
                asked.append(Asked(earlier.text, earlier.created_at, answer, sources, link))
        return asked


class AgentQueues:
    """The queue, for those who work on it."""

    def __init__(
        self,
        worklist: Worklist,
        agents: AgentStore,
        known: ChatAgents,
        room: TriageRoom,
    ) -> None:
        """`room`: in the workspace of the agents; in another one nobody's address counts."""
        self._worklist = worklist
        self._agents = agents
        self._known = known
        self._room = room

    async def of(self, team: str, user: str) -> Queue | None:
        """None for who is no agent. Raises as a desk."""
        agent = await self._agent(team, user)
        if agent is None:
            return None
        sight: Sight = await self._worklist.look(View.ALL, agent)
        names = {one.id: one.name for one in await self._agents.agents()}
        for row in sight.rows:
            assignee = row.ticket.assignee or ""
            if assignee not in names and (name := name_at_desk(assignee)):
                names[assignee] = name
        return Queue(sight.rows, dict(sight.counts), names)

    async def _agent(self, team: str, user: str) -> Agent | None:
        try:
            if (await self._room.place()).team != team:
                return None
        except DeskRefused:  # nobody said which one it is
            return None
        found = await self._known.agent(team, user)
        agent = await self._agents.agent(found.actor) if found is not None else None
        return agent if agent is not None and agent.active else None


def _link(conversation: Conversation) -> str:
    """Empty where nothing stands that could be opened again."""
    place = Place.parse(conversation.address) if conversation.address else None
    return link_to(place) if place is not None and not place.is_ephemeral else ""
