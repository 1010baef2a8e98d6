"""The triage room keeps what every desk has to keep: one card a ticket, and all below it."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.chat.place import Place
from bot.channels.chat.sheet import Sheet
from bot.channels.chat.triage import TriageDesk, note_key, typed_as
from bot.domain.conversation import Author, Message
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.ticket import Ticket, TicketEventKind, TicketState
from bot.services.casework import note_id
from tests.adapters.desk_contract import DeskContract, Outage, Seen, delivery_of
from tests.adapters.test_ticket_store import FULL, opened, started
from tests.channels.chat.program import (
    CHANNEL,
    ROOM,
    TEAM,
    FakeWall,
    Standing,
    refused,
    text_of,
)
from tests.channels.chat.triage_room import Triage

Kind = TicketEventKind


@pytest.fixture(params=[True, False], ids=["threads", "flat"])
def room(request: pytest.FixtureRequest) -> Triage:
    return Triage(has_threads=request.param)


@pytest.fixture
async def ticket(room: Triage) -> Ticket:
    return await opened(room.store, await started(room.store), packet=FULL)


@pytest.fixture
def desk(room: Triage) -> TriageDesk:
    return room.desk


@pytest.fixture
def wall(room: Triage) -> FakeWall:
    return room.wall


class TestTriageDesk(DeskContract):
    @pytest.fixture
    def seen(self, wall: FakeWall) -> Seen:
        async def look() -> list[tuple[str | None, str]]:
            told = [(one, one.facts.get("delivery")) for one in wall.posts]
            card = wall.cards()[0].reference if wall.cards() else None
            return [(card, key) for one, key in told if key]

        return look

    @pytest.fixture
    def outage(self, wall: FakeWall) -> Outage:
        return wall.outage


async def open_card(desk: TriageDesk, wall: FakeWall, ticket: Ticket) -> Standing:
    await desk.deliver(delivery_of(ticket, Kind.OPENED), ticket, None)
    (card,) = wall.cards()
    return card


def below(wall: FakeWall, card: Standing) -> list[Sheet]:
    """What stands below the card, and nowhere else."""
    at = wall.below(Place(TEAM, ROOM), card.reference)
    assert all(one.place == at for one in wall.below_card())
    return [one.sheet for one in wall.below_card()]


def said(author: Author, text: str, key: str = "", agent: str | None = None) -> Message:
    return Message("c", author, text, client_message_id=key, agent=agent)


async def test_the_card_and_the_packet_below_it(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket
) -> None:
    address = await desk.deliver(delivery_of(ticket, Kind.OPENED), ticket, None)
    (card,) = wall.cards()
    assert address == Place(TEAM, ROOM, card.reference).address
    assert card.place == Place(TEAM, ROOM)
    assert card.sheet.notice == "T-1: 导出不了"
    assert card.facts["ticket"] == ticket.id
    (packet,) = below(wall, card)
    for part in ("导出不了！", "Look into it.", "Hello"):
        assert part in text_of(packet)


async def test_the_card_says_how_to_write_to_the_customer(room: Triage, ticket: Ticket) -> None:
    card = await open_card(room.desk, room.wall, ticket)
    how = "In this thread" if room.has_threads else "begin with `T-1`"
    assert how in text_of(card.sheet)


async def test_what_the_customer_says_stands_below_it(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket
) -> None:
    card = await open_card(desk, wall, ticket)
    wrote = said(Author.CUSTOMER, "Any news, <!channel>? " + "x" * 9000)
    await desk.deliver(delivery_of(ticket, Kind.CUSTOMER_WROTE, 2), ticket, wrote)
    assert "Any news, <!channel>?" in text_of(below(wall, card)[-1])


async def test_what_was_merged_names_the_other_ticket(room: Triage, ticket: Ticket) -> None:
    others = [await opened(room.store, await started(room.store), packet=FULL) for _ in range(2)]
    for other in others:
        await room.casework.merge(other.id, "agent-1", ticket.id)
        room.clock.advance(timedelta(minutes=1))
    card = await open_card(room.desk, room.wall, ticket)
    absorbed = [one for one in await room.store.events(ticket.id) if one.kind is Kind.ABSORBED]
    for n, event in enumerate(absorbed, 2):
        told = replace(delivery_of(ticket, Kind.ABSORBED, n), created_at=event.at)
        await room.desk.deliver(told, ticket, None)
    lines = [text_of(sheet) for sheet in below(room.wall, card)[1:]]
    assert lines == [f"Ticket {one.label} goes on in this one." for one in others]
    merged = await room.casework.open(others[0].id)
    await room.desk.deliver(delivery_of(merged, Kind.MERGED), merged, None)
    assert "Goes on in ticket T-1." in text_of(room.card.sheet)
    assert text_of(room.wall.posts[-1].sheet) == "Goes on in ticket T-1."


async def test_the_card_follows_the_ticket(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket
) -> None:
    card = await open_card(desk, wall, ticket)
    claimed = replace(ticket, assignee="agent-1")
    await desk.deliver(delivery_of(ticket, Kind.ASSIGNED, 2), claimed, None)
    assert "Lee has it." in text_of(card.sheet)
    resolved = replace(claimed, state=TicketState.RESOLVED)
    await desk.deliver(delivery_of(ticket, Kind.RESOLVED, 3), resolved, None)
    assert "Resolved." in text_of(card.sheet)
    assert wall.cards() == [card]


async def test_replies_from_elsewhere_are_shown_and_typed_ones_marked(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket
) -> None:
    card = await open_card(desk, wall, ticket)
    replied = Kind.AGENT_REPLIED
    other = typed_as("another", "T9/room/m7")
    ours = said(Author.AGENT, "Try this.", f"agent.agent-1.{other}", "agent-1")
    await desk.deliver(delivery_of(ticket, replied, 2), ticket, ours)
    assert text_of(below(wall, card)[-1]) == "Lee replied:\nTry this."
    count = len(wall.posts)
    key = f"agent.agent-1.{typed_as(CHANNEL, 'T1/room/m7')}"
    typed = said(Author.AGENT, "And that.", key, "agent-1")
    wall.failures["mark_sent"] = refused()
    for n in (3, 4):  # the mark is not what matters
        await desk.deliver(delivery_of(ticket, replied, n), ticket, typed)
    assert len(wall.posts) == count
    assert wall.marked == ["T1/room/m7"]


async def test_what_a_customer_calls_their_message_hides_it_from_nobody(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket
) -> None:
    """Keys of customers are their own to choose."""
    card = await open_card(desk, wall, ticket)
    wrote = said(Author.CUSTOMER, "Any news?", typed_as(CHANNEL, "T1/room/m7"))
    await desk.deliver(delivery_of(ticket, Kind.CUSTOMER_WROTE, 2), ticket, wrote)
    assert "Any news?" in text_of(below(wall, card)[-1])
    assert wall.marked == []


async def test_without_marks_a_typed_reply_is_shown_as_others(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket
) -> None:
    wall.has_marks = False
    card = await open_card(desk, wall, ticket)
    key = f"agent.agent-1.{typed_as(CHANNEL, 'T1/room/m7')}"
    typed = said(Author.AGENT, "Try this.", key, "agent-1")
    for _ in range(2):
        await desk.deliver(delivery_of(ticket, Kind.AGENT_REPLIED, 2), ticket, typed)
    _, told = below(wall, card)
    assert text_of(told) == "Lee replied:\nTry this."


async def test_a_breach_is_seen_by_everybody(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket
) -> None:
    card = await open_card(desk, wall, ticket)
    for n, kind in enumerate((Kind.SLA_WARNED, Kind.SLA_BREACHED), 2):
        await desk.deliver(delivery_of(ticket, kind, n), ticket, None)
    warned, breached = below(wall, card)[-2:]
    assert not warned.is_loud
    assert breached.is_loud
    assert text_of(breached).startswith(f"{ticket.label}: ")


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_an_answer_that_was_lost_posts_nothing_twice(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket, lost: int
) -> None:
    wall.lost = lost
    wrote = said(Author.CUSTOMER, "Any news?")
    for kind, n, message in ((Kind.OPENED, 1, None), (Kind.CUSTOMER_WROTE, 2, wrote)):
        for _ in range(2):
            with suppress(DeskUnavailable):
                await desk.deliver(delivery_of(ticket, kind, n), ticket, message)
    assert not wall.lost
    assert len(wall.posts) == 3
    assert len(wall.cards()) == 1


async def test_a_card_that_was_deleted_is_put_up_again(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket
) -> None:
    card = await open_card(desk, wall, ticket)
    wall.posts.clear()
    wrote = said(Author.CUSTOMER, "Any news?")
    await desk.deliver(delivery_of(ticket, Kind.CUSTOMER_WROTE, 2), ticket, wrote)
    (again,) = wall.cards()
    assert again.reference != card.reference
    packet, told = below(wall, again)
    assert "导出不了！" in text_of(packet)
    assert "Any news?" in text_of(told)


async def test_a_ticket_whose_opening_was_given_up_has_a_card_with_the_next_event(
    desk: TriageDesk, wall: FakeWall, ticket: Ticket
) -> None:
    wall.failures["put"] = refused()
    with pytest.raises(DeskRefused):
        await desk.deliver(delivery_of(ticket, Kind.OPENED), ticket, None)
    wrote = said(Author.CUSTOMER, "Any news?")
    await desk.deliver(delivery_of(ticket, Kind.CUSTOMER_WROTE, 2), ticket, wrote)
    (card,) = wall.cards()
    assert len(below(wall, card)) == 2


async def test_notes_of_the_inbox_stand_below_and_redraw_nothing(
    room: Triage, ticket: Ticket
) -> None:
    card = await open_card(room.desk, room.wall, ticket)
    for n, key in enumerate(("inbox", "typed"), 2):
        note = note_id(ticket.id, "agent-1", key)
        if key == "typed":
            await room.poster.note(note_key(note), "c", Place(TEAM, ROOM), "x")
        await room.casework.note(ticket.id, "agent-1", f"Ask <billing>, by {key}", key)
        noted = replace(delivery_of(ticket, Kind.NOTED, n), message=note)
        await room.desk.deliver(noted, ticket, None)
    _, shown = below(room.wall, card)
    assert shown.notice == "🔒 Lee noted:\nAsk <billing>, by inbox"
    assert room.wall.changed == 0


@pytest.mark.parametrize(
    ("channel", "address", "is_linked"),
    [
        (CHANNEL, "T1/C7/m1", True),
        (CHANNEL, "T1/C7", False),
        (CHANNEL, "T1/C7/m1/U1", False),
        (CHANNEL, None, False),
        ("another", "T1/C7/m1", False),
    ],
)
async def test_the_card_leads_to_a_conversation_that_agents_can_open(
    room: Triage, channel: str, address: str | None, is_linked: bool
) -> None:
    conversation = await started(room.store, channel=channel, address=address)
    ticket = await opened(room.store, conversation, packet=FULL)
    card = await open_card(room.desk, room.wall, ticket)
    assert ("Open their thread" in text_of(card.sheet)) is is_linked
