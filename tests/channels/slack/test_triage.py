"""The triage channel keeps what every desk has to keep: one card a ticket, and all below it."""

from contextlib import suppress
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.bootstrap import build_service_levels
from bot.channels.chat.place import Place
from bot.channels.slack.card import CardWriter
from bot.channels.slack.posting import Poster, facts_of
from bot.channels.slack.triage import TYPED, SlackTriage, note_key
from bot.channels.slack.triage_channel import TriageChannel
from bot.domain.conversation import Author, Locale, Message
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.ticket import Ticket, TicketEventKind, TicketState
from bot.services.casework import Casework, note_id
from bot.settings import Settings
from tests.adapters.desk_contract import DeskContract, Outage, Seen, delivery_of
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import FULL, opened, started
from tests.channels.slack.goldens import check_blocks
from tests.channels.slack.workspace import TEAM, TRIAGE, FakeSlack, Posts, refused

PROMPTS = PromptFiles()
Kind = TicketEventKind


async def name_of(agent: str) -> str | None:
    return {"agent-1": "Lee"}.get(agent)


@pytest.fixture
def slack() -> FakeSlack:
    return FakeSlack()


@pytest.fixture
def posts() -> Posts:
    return Posts()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(Clock())


@pytest.fixture
async def ticket(store: MemoryStore) -> Ticket:
    return await opened(store, await started(store), packet=FULL)


@pytest.fixture
def desk(slack: FakeSlack, posts: Posts, store: MemoryStore) -> SlackTriage:
    return SlackTriage(
        slack,
        Poster(slack, posts, Clock()),
        store,
        build_service_levels(Settings(), PROMPTS),
        CardWriter(PROMPTS, Locale.EN, ZoneInfo("UTC")),
        name_of,
        TriageChannel(slack, TRIAGE),
        Clock(),
    )


class TestSlackTriage(DeskContract):
    @pytest.fixture
    def seen(self, slack: FakeSlack) -> Seen:
        async def look() -> list[tuple[str | None, str]]:
            told = [(post, facts_of(post).get("delivery")) for post in slack.posts]
            return [(post.get("thread_ts") or post["ts"], key) for post, key in told if key]

        return look

    @pytest.fixture
    def outage(self, slack: FakeSlack) -> Outage:
        return slack.outage


async def open_card(desk: SlackTriage, slack: FakeSlack, ticket: Ticket) -> dict[str, Any]:
    await desk.deliver(delivery_of(ticket, Kind.OPENED), ticket, None)
    (card,) = slack.roots()
    return card


def said(author: Author, text: str, key: str = "", agent: str | None = None) -> Message:
    return Message("c", author, text, client_message_id=key, agent=agent)


async def test_the_card_and_the_packet_below_it(
    desk: SlackTriage, slack: FakeSlack, ticket: Ticket
) -> None:
    card = await open_card(desk, slack, ticket)
    assert card["text"] == "T-1: 导出不了"
    assert facts_of(card)["ticket"] == ticket.id
    (packet,) = slack.thread(card["ts"])
    for part in ("导出不了！", "Look into it.", "Hello"):
        assert part in str(packet["blocks"])
    for post in (card, packet):
        check_blocks(post["blocks"])
        assert post["unfurl_links"] is post["unfurl_media"] is False


async def test_what_the_customer_says_stands_in_the_thread(
    desk: SlackTriage, slack: FakeSlack, ticket: Ticket
) -> None:
    card = await open_card(desk, slack, ticket)
    wrote = said(Author.CUSTOMER, "Any news, <!channel>? " + "x" * 9000)
    await desk.deliver(delivery_of(ticket, Kind.CUSTOMER_WROTE, 2), ticket, wrote)
    post = slack.thread(card["ts"])[-1]
    assert "Any news, &lt;!channel&gt;?" in str(post["blocks"])
    assert len(post["text"]) <= 300
    check_blocks(post["blocks"])


async def test_the_card_follows_the_ticket(
    desk: SlackTriage, slack: FakeSlack, ticket: Ticket
) -> None:
    card = await open_card(desk, slack, ticket)
    claimed = replace(ticket, assignee="agent-1")
    await desk.deliver(delivery_of(ticket, Kind.ASSIGNED, 2), claimed, None)
    assert "*Lee* has it." in str(card["blocks"])
    resolved = replace(claimed, state=TicketState.RESOLVED)
    await desk.deliver(delivery_of(ticket, Kind.RESOLVED, 3), resolved, None)
    assert "*Resolved.*" in str(card["blocks"])
    assert [post["ts"] for post in slack.roots()] == [card["ts"]]


async def test_replies_from_elsewhere_are_shown_and_typed_ones_marked(
    desk: SlackTriage, slack: FakeSlack, ticket: Ticket
) -> None:
    card = await open_card(desk, slack, ticket)
    replied = Kind.AGENT_REPLIED
    ours = said(Author.AGENT, "Try this.", "agent.agent-1.x", "agent-1")
    await desk.deliver(delivery_of(ticket, replied, 2), ticket, ours)
    (shown,) = slack.thread(card["ts"])[-1]["blocks"]
    assert shown["text"]["text"] == "*Lee replied:*\nTry this."
    count = len(slack.posts)
    address = f"{TEAM}/{TRIAGE}/1772366999.000200"
    typed = said(Author.AGENT, "And that.", f"agent.agent-1.{TYPED}{address}", "agent-1")
    slack.failures = [("reactions.add", refused("missing_scope"))]
    for n in (3, 4):  # the mark is not what matters
        await desk.deliver(delivery_of(ticket, replied, n), ticket, typed)
    assert len(slack.posts) == count
    assert slack.called("reactions.add")[-1] == {
        "channel": TRIAGE,
        "timestamp": "1772366999.000200",
        "name": "white_check_mark",
    }


async def test_a_breach_is_seen_in_the_channel(
    desk: SlackTriage, slack: FakeSlack, ticket: Ticket
) -> None:
    card = await open_card(desk, slack, ticket)
    for n, kind in enumerate((Kind.SLA_WARNED, Kind.SLA_BREACHED), 2):
        await desk.deliver(delivery_of(ticket, kind, n), ticket, None)
    warned, breached = slack.thread(card["ts"])[-2:]
    assert "reply_broadcast" not in warned
    assert breached["reply_broadcast"] is True


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_an_answer_that_was_lost_posts_nothing_twice(
    desk: SlackTriage, slack: FakeSlack, ticket: Ticket, lost: int
) -> None:
    slack.lost = lost
    wrote = said(Author.CUSTOMER, "Any news?")
    for kind, n, message in ((Kind.OPENED, 1, None), (Kind.CUSTOMER_WROTE, 2, wrote)):
        for _ in range(2):
            with suppress(DeskUnavailable):
                await desk.deliver(delivery_of(ticket, kind, n), ticket, message)
    assert slack.lost is None
    assert len(slack.posts) == 3
    assert len(slack.roots()) == 1


async def test_a_card_that_was_deleted_is_posted_again(
    desk: SlackTriage, slack: FakeSlack, ticket: Ticket
) -> None:
    card = await open_card(desk, slack, ticket)
    slack.delete(card["ts"])
    wrote = said(Author.CUSTOMER, "Any news?")
    await desk.deliver(delivery_of(ticket, Kind.CUSTOMER_WROTE, 2), ticket, wrote)
    (again,) = slack.roots()
    assert again["ts"] != card["ts"]
    packet, told = slack.thread(again["ts"])
    assert "导出不了！" in str(packet["blocks"])
    assert "Any news?" in str(told["blocks"])


async def test_a_ticket_whose_opening_was_given_up_has_a_card_with_the_next_event(
    desk: SlackTriage, slack: FakeSlack, ticket: Ticket
) -> None:
    slack.failures = [("chat.postMessage", refused("is_archived"))]
    with pytest.raises(DeskRefused):
        await desk.deliver(delivery_of(ticket, Kind.OPENED), ticket, None)
    wrote = said(Author.CUSTOMER, "Any news?")
    await desk.deliver(delivery_of(ticket, Kind.CUSTOMER_WROTE, 2), ticket, wrote)
    (card,) = slack.roots()
    assert len(slack.thread(card["ts"])) == 2


async def test_notes_of_the_inbox_stand_below_and_redraw_nothing(
    desk: SlackTriage, slack: FakeSlack, store: MemoryStore, posts: Posts, ticket: Ticket
) -> None:
    card = await open_card(desk, slack, ticket)
    casework = Casework(store, PROMPTS, clock=Clock())
    for n, key in enumerate(("inbox", "typed"), 2):
        note = note_id(ticket.id, "agent-1", key)
        if key == "typed":
            await Poster(slack, posts).note(note_key(note), "c", Place(TEAM, TRIAGE), "x")
        await casework.note(ticket.id, "agent-1", f"Ask <billing>, by {key}", key)
        noted = replace(delivery_of(ticket, Kind.NOTED, n), message=note)
        await desk.deliver(noted, ticket, None)
    _, shown = slack.thread(card["ts"])
    assert shown["text"] == ":lock: *Lee noted:*\nAsk &lt;billing&gt;, by inbox"
    assert slack.called("chat.update") == []


@pytest.mark.parametrize(
    ("address", "is_linked"),
    [
        ("T1/C7/1772366400.000100", True),
        ("T1/D7/1772366400.000100", False),
        ("T1/C7", False),
        ("T1/C7/1772366400.000100/U1", False),
    ],
)
async def test_the_card_leads_to_a_thread_that_agents_can_open(
    desk: SlackTriage, slack: FakeSlack, store: MemoryStore, address: str, is_linked: bool
) -> None:
    conversation = await started(store, channel="slack", address=address)
    card = await open_card(desk, slack, await opened(store, conversation, packet=FULL))
    assert ("app.slack.com/client/T1/C7" in str(card["blocks"])) is is_linked
