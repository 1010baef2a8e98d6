"""The Home tab: whose tickets, whose questions, and for agents the queue."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.prompt_files import PromptFiles
from bot.channels.chat.agents import ChatAgents
from bot.channels.chat.place import Place
from bot.channels.chat.triage_room import TriageRoom
from bot.channels.slack import CHANNEL
from bot.channels.slack.events import read_event
from bot.channels.slack.home import AgentQueues, Home
from bot.channels.slack.home_view import Asked, HomeView, OwnTicket, Queue
from bot.channels.slack.place import link_to
from bot.domain.agent import Agent
from bot.domain.conversation import Conversation, Locale
from bot.domain.desk_news import actor_at
from bot.domain.knowledge import ArticlePage
from bot.domain.reply import HandoffReason
from bot.domain.ticket import Ticket, TicketEvent, TicketEventKind, TicketState
from bot.domain.ticket_change import TicketChange
from bot.domain.ticket_queue import QueuedTicket
from bot.services.worklist import View, Worklist, WorklistRow
from tests.adapters.stores import NOON, Clock
from tests.adapters.test_ticket_store import FULL, opened
from tests.channels.slack.goldens import check_golden, check_view
from tests.channels.slack.talk import SITE, Talk, talk
from tests.channels.slack.test_answers import TEAMS
from tests.fakes import service_levels
from tests.slack_server import ANN, Json, refused

LEE = Agent("lee@example.com", "Lee", id="agent-1")
ATTACK = "<!channel> *boards* <https://evil.example|x>"


@dataclass
class Lobby:
    held: Talk

    def __post_init__(self) -> None:
        held = self.held
        levels = service_levels(held.prompts)
        agents = MemoryAgents(agents=(LEE,))
        self.home = Home(
            held.store,
            held.calls,
            held.people,
            levels,
            HomeView(held.prompts, ZoneInfo("UTC"), SITE),
            AgentQueues(
                Worklist(held.store, agents, levels, Clock()),
                agents,
                ChatAgents(CHANNEL, held.people, agents),
                TriageRoom("C9", held.people),
            ),
            held.retriever,
            Clock(),
        )

    async def open(self, user: str = ANN, tab: str = "home") -> Json | None:
        event = read_event(
            self.held.server.event({"type": "app_home_opened", "user": user, "tab": tab})
        )
        assert event is not None
        await self.home.open(event)
        return self.held.server.workspace.homes.get(user)

    async def begin(self, user: str = ANN, internal: bool = False) -> Conversation:
        place = self.held.place()
        await self.held.people.person("T1", user)
        conversation = Conversation(
            "slack",
            address=place.address,
            customer=f"slack/T1/{user}",
            created_at=NOON,
            internal=internal,
        )
        await self.held.store.begin_thread("slack", place.address, conversation)
        return conversation


@pytest.fixture
async def lobby() -> AsyncIterator[Lobby]:
    async with talk() as held:
        held.server.workspace.add_user("ULEE", "Lee Fox", "lee@example.com")
        held.server.workspace.add_user("UZOE", "Zoe Ray", "zoe@example.com", locale="zh-CN")
        yield Lobby(held)


async def test_who_has_asked_nothing_learns_how(lobby: Lobby) -> None:
    view = await lobby.open()
    assert view is not None
    check_view(view)
    assert "/support" in str(view)
    assert "/ask" in str(view)
    assert "queue" not in str(view)


async def test_other_tabs_are_none_of_it(lobby: Lobby) -> None:
    assert await lobby.open(tab="messages") is None


async def test_it_speaks_the_language_of_who_opens_it(lobby: Lobby) -> None:
    assert "我的工单" in str(await lobby.open("UZOE"))


async def test_own_tickets_and_questions_are_shown_and_nobody_else_s(lobby: Lobby) -> None:
    conversation = await lobby.begin()
    question = await lobby.held.ask(conversation, "How do I create a team?")
    await lobby.held.answer(question)
    await opened(lobby.held.store, conversation, packet=FULL)
    own, others = await lobby.open(), await lobby.open("UZOE")
    check_view(own or {})
    assert "|How do I create a team?>*" in str(own)
    assert "Somebody answers you by" in str(own)
    assert "T-1" in str(own)
    assert "T-1" not in str(others)
    assert "create a team" not in str(others)


async def test_agents_see_the_queue(lobby: Lobby) -> None:
    await opened(lobby.held.store, await lobby.begin(), packet=FULL)
    view = await lobby.open("ULEE")
    assert "The queue" in str(view)
    assert f"{SITE}/inbox" in str(view)
    assert "nobody has it yet" in str(view)


async def test_who_has_a_ticket_is_named_though_they_are_known_in_slack_alone(lobby: Lobby) -> None:
    ticket = await opened(lobby.held.store, await lobby.begin(), packet=FULL)
    mei = actor_at("slack", "Mei", "UMEI")
    event = TicketEvent(ticket.id, TicketEventKind.ASSIGNED, mei, NOON)
    change = TicketChange(ticket=ticket.id, events=(event,), values={"assignee": mei})
    await lobby.held.store.apply(change)
    view = str(await lobby.open("ULEE"))
    assert "Mei has it" in view
    assert "nobody has it yet" not in view


@pytest.mark.parametrize(
    ("was_internal", "is_internal", "is_public"),
    [(False, False, True), (True, True, True), (True, True, False), (True, False, False)],
)
async def test_an_answer_is_there_again_and_leads_to_its_thread(
    lobby: Lobby, was_internal: bool, is_internal: bool, is_public: bool
) -> None:
    """But for one from internal articles, also once its conversation went on elsewhere."""
    conversation = await lobby.begin(internal=was_internal)
    reply = await lobby.held.answer(await lobby.held.ask(conversation))
    for one in reply.citations if is_public else ():
        page = ArticlePage(one.path, one.title, reply.locale, ())
        lobby.held.retriever.articles[one.path] = page
    if was_internal and not is_internal:
        await lobby.held.store.make_public(conversation.id)
    view = str(await lobby.open())
    place = Place.parse(conversation.address or "")
    assert f"https://app.slack.com/client/T1/{place.channel}/thread/{place.channel}-" in view
    assert ("Open Settings [1]. Then choose Teams [1]." in view) is (is_public and not is_internal)


async def test_an_agent_s_address_in_another_workspace_opens_nothing(lobby: Lobby) -> None:
    queues = lobby.home._queues
    assert await queues.of("T2", "ULEE") is None
    lobby.held.server.fail("auth.test", refused("invalid_auth"))
    fresh = AgentQueues(
        queues._worklist, queues._agents, queues._known, TriageRoom("C9", lobby.held.people)
    )
    assert await fresh.of("T1", "ULEE") is None


PROMPTS = PromptFiles()


def seen(ticket: Ticket, *events: TicketEventKind, hours: int = 1) -> WorklistRow:
    """An hour after each event."""
    at = NOON
    told = [TicketEvent(ticket.id, TicketEventKind.OPENED, "customer", at)]
    for kind in events:
        at += timedelta(hours=1)
        told.append(TicketEvent(ticket.id, kind, "agent-1", at))
    clocks = service_levels(PROMPTS).clocks(ticket, told, at + timedelta(hours=hours))
    return WorklistRow(QueuedTicket(ticket, None, told, NOON), clocks)


def ticket(number: int, state: TicketState = TicketState.OPEN, **more: object) -> Ticket:
    packet = replace(FULL, summary=f"{FULL.summary} {ATTACK}")
    known: dict[str, object] = {"opened_at": NOON, "state": state, "id": f"{number:032x}", **more}
    return Ticket(number, "c", 1, HandoffReason.ASKED_FOR_HUMAN, packet, **known)  # type: ignore[arg-type]


def full_view(locale: Locale) -> Json:
    replied, wrote = TicketEventKind.AGENT_REPLIED, TicketEventKind.CUSTOMER_WROTE
    rows = [
        seen(ticket(1)),
        seen(ticket(2), hours=48),
        seen(ticket(3, assignee="agent-1"), replied),
        seen(ticket(4), replied, wrote),
        seen(ticket(5), replied, wrote, hours=24 * 30),
        seen(ticket(6, TicketState.SNOOZED, snoozed_until=NOON + timedelta(days=3)), replied),
        seen(ticket(7, TicketState.RESOLVED), replied, TicketEventKind.RESOLVED),
        seen(ticket(8, TicketState.CANCELLED), TicketEventKind.CANCELLED),
    ]
    link = link_to(Place("T1", "C1", "1.1"))
    asked = [
        Asked(f"How do I add a team? {ATTACK}", NOON, f"So. {ATTACK}", (TEAMS,), link),
        Asked("Boards?", NOON),
    ]
    counts = {View.ALL: 4, View.UNASSIGNED: 3, View.BREACHING: 1}
    queue = Queue(rows[:4], counts, {"agent-1": "Lee & Co"})
    own = [OwnTicket(row.ticket, row.clocks) for row in rows]
    view: Json = HomeView(PROMPTS, ZoneInfo("UTC"), SITE).view(own, asked, queue, locale)
    return view


@pytest.mark.parametrize("locale", Locale)
def test_the_tab_is_what_was_reviewed(locale: Locale) -> None:
    view = full_view(locale)
    check_view(view)
    assert "<!channel>" not in str(view)
    assert "<https://evil" not in str(view)
    check_golden(f"home.{locale.value}", view)


def test_a_long_queue_ends_with_how_many_are_left() -> None:
    queue = Queue([seen(ticket(n)) for n in range(50)], {View.ALL: 50}, {})
    view = HomeView(PROMPTS, ZoneInfo("UTC")).view((), (), queue, Locale.EN)
    check_view(view)
    assert "30 more are in the inbox." in str(view)
