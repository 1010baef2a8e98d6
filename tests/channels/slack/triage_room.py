"""A triage channel at work: a ticket with its card, agents, and everything behind the buttons."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.bootstrap import build_service_levels
from bot.channels.slack.agents import SlackAgents
from bot.channels.slack.card import CardWriter
from bot.channels.slack.posting import Poster
from bot.channels.slack.triage import SlackTriage
from bot.channels.slack.triage_actions import TriageActions, TriageRefusals
from bot.channels.slack.triage_channel import TriageChannel
from bot.channels.slack.triage_thread import TriageThread
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
from tests.channels.slack.workspace import TEAM, TRIAGE, FakeSlack, Posts

LEE, MEI, GUEST, BOT = "ULEE", "UMEI", "UGUEST", "UBOT"
LEE_OF_OURS = Agent("lee@example.com", "Lee", id="agent-1")
PROMPTS = PromptFiles()


@dataclass
class TriageRoom:
    slack: FakeSlack = field(default_factory=FakeSlack)
    posts: Posts = field(default_factory=Posts)
    agents: MemoryAgents = field(default_factory=lambda: MemoryAgents(agents=(LEE_OF_OURS,)))
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.store = MemoryStore(self.clock)
        self.casework = Casework(self.store, PROMPTS, clock=self.clock)
        channel = TriageChannel(self.slack, f"{TEAM}/{TRIAGE}")
        card = CardWriter(PROMPTS, Locale.EN, ZoneInfo("UTC"))
        people = SlackAgents(self.slack, self.agents)
        refusals = TriageRefusals(self.slack, card)
        poster = Poster(self.slack, self.posts, self.clock)
        levels = build_service_levels(Settings(), PROMPTS)
        self.desk = SlackTriage(
            self.slack, poster, self.store, levels, card, self.name_of, channel, self.clock
        )
        self.actions = TriageActions(
            self.slack, self.casework, people, card, refusals, self.name_of, channel
        )
        self.thread = TriageThread(self.slack, self.casework, poster, people, refusals, channel)
        self.slack.person(LEE, "Lee", "lee@example.com")
        self.slack.person(MEI, "Mei", "mei@example.com")
        self.slack.person(GUEST, "Guest", team_id="T2")
        self.slack.person(BOT, "Machine", is_bot=True)

    async def name_of(self, agent: str) -> str | None:
        known = await self.agents.agent(agent)
        return known.name if known else name_at_desk(agent)

    async def open(self, conversation: Conversation | None = None) -> Ticket:
        """With its card, of Lee who is an agent of the inbox as well."""
        ticket = await opened(self.store, conversation or await started(self.store), packet=FULL)
        await self.desk.deliver(delivery_of(ticket, TicketEventKind.OPENED), ticket, None)
        return ticket

    @property
    def card(self) -> dict[str, Any]:
        return self.slack.roots()[-1]

    async def ticket(self, ticket: Ticket) -> Ticket:
        return await self.casework.open(ticket.id)

    async def said(self, ticket: Ticket, author: Author = Author.AGENT) -> list[Message]:
        found = await self.store.messages(ticket.conversation)
        return [message for message in found if message.author is author]

    async def notes(self, ticket: Ticket) -> list[str]:
        return [note.text for note in await self.store.notes(ticket.id)]

    def told(self) -> list[tuple[str, str]]:
        """Whom something was told alone, and what."""
        return [(one["user"], one["text"]) for one in self.slack.called("chat.postEphemeral")]

    async def click(self, action: str, ticket: Ticket, user: str = LEE, **more: Any) -> None:
        await self.actions.handle(self.clicked(action, ticket, user, **more))

    def clicked(
        self, action: str, ticket: Ticket, user: str = LEE, channel: str = TRIAGE, team: str = TEAM
    ) -> InboundEvent:
        body = {
            "type": "block_actions",
            "team": {"id": team},
            "user": {"id": user},
            "channel": {"id": channel},
            "container": {"channel_id": channel, "message_ts": self.card["ts"]},
            "trigger_id": "trigger",
            "actions": [{"action_id": action, "value": ticket.id}],
        }
        return InboundEvent("slack", f"{action}.{user}", f"action:{action}", "group", body)

    def sent(self, text: str, user: str = LEE, *, resolves: bool = False) -> InboundEvent:
        """The dialog that was opened last, with what was written into it."""
        view = self.slack.called("views.open")[-1]["view"]
        ticked = [{"value": "yes"}] if resolves else []
        values = {
            "text": {"text": {"value": text}},
            "resolves": {"resolves": {"selected_options": ticked}},
        }
        body = {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": user},
            "view": {**view, "id": "V1", "state": {"values": values}},
        }
        return InboundEvent("slack", "view", "view:ticket.reply", "group", body)

    async def type(self, text: str, user: str = LEE, ts: str = "1772370000.1", **more: Any) -> bool:
        message = {
            "type": "message",
            "channel": TRIAGE,
            "user": user,
            "text": text,
            "ts": ts,
            "thread_ts": self.card["ts"],
            **more,
        }
        return await self.thread.take(TEAM, message)
