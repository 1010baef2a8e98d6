"""Buttons and dialog of a card: done once, by people of the workspace, from the triage channel."""

import asyncio
from dataclasses import replace

import pytest

from bot.adapters.memory_agents import MemoryAgents
from bot.channels.slack.card import CLAIM, REOPEN, REPLY, RESOLVE, RETURN
from bot.domain.desk_news import actor_at
from bot.domain.outbox import DeskUnavailable
from bot.domain.ticket import Move, Ticket, TicketState
from tests.adapters.test_ticket_store import moving, started, written
from tests.channels.slack.goldens import check_view
from tests.channels.slack.triage_room import (
    BOT,
    GUEST,
    LEE,
    LEE_OF_OURS,
    MEI,
    TriageRoom,
)

MEI_AT_SLACK = actor_at("slack", "Mei")


@pytest.fixture
def room() -> TriageRoom:
    return TriageRoom()


@pytest.fixture
async def ticket(room: TriageRoom) -> Ticket:
    return await room.open()


@pytest.mark.parametrize(("user", "actor"), [(LEE, "agent-1"), (MEI, MEI_AT_SLACK)])
async def test_who_claims_it_is_known_by_their_mail_address_or_by_name(
    room: TriageRoom, ticket: Ticket, user: str, actor: str
) -> None:
    await room.click(CLAIM, ticket, user)
    assert (await room.ticket(ticket)).assignee == actor
    assert room.told() == []


async def test_of_two_who_claim_at_once_one_has_it_and_the_other_reads_who(
    room: TriageRoom, ticket: Ticket
) -> None:
    await asyncio.gather(*(room.click(CLAIM, ticket, user) for user in (LEE, MEI)))
    winner = (await room.ticket(ticket)).assignee
    ((user, text),) = room.told()
    assert (user, winner) in ((MEI, "agent-1"), (LEE, MEI_AT_SLACK))
    assert text == f"{'Lee' if user == MEI else 'Mei'} has T-1 already."
    await room.click(CLAIM, ticket, LEE if user == MEI else MEI)  # clicked twice by who has it
    assert len(room.told()) == 1


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (RESOLVE, TicketState.RESOLVED),
        (RETURN, TicketState.RETURNED),
    ],
)
async def test_a_click_that_comes_again_changes_and_says_nothing(
    room: TriageRoom, ticket: Ticket, action: str, state: TicketState
) -> None:
    for _ in range(2):
        await room.click(action, ticket)
    assert (await room.ticket(ticket)).state is state
    assert room.told() == []


async def test_what_is_resolved_can_be_opened_again(room: TriageRoom, ticket: Ticket) -> None:
    for action in (RESOLVE, REOPEN, REOPEN):
        await room.click(action, ticket)
    assert (await room.ticket(ticket)).state is TicketState.OPEN
    assert room.told() == []


@pytest.mark.parametrize("action", [CLAIM, RESOLVE, RETURN])
async def test_what_is_over_is_left_alone(room: TriageRoom, ticket: Ticket, action: str) -> None:
    await room.store.apply(moving(ticket, Move.CANCEL))
    await room.click(action, ticket)
    assert (await room.ticket(ticket)).state is TicketState.CANCELLED
    assert room.told() == [(LEE, "Not done: T-1 is closed. Open it again first.")]


@pytest.mark.parametrize(
    ("user", "channel", "team"),
    [
        (LEE, "COTHER", "T1"),
        (LEE, "CTRIAGE", "T2"),
        (GUEST, "CTRIAGE", "T1"),
        (BOT, "CTRIAGE", "T1"),
        ("UNOBODY", "CTRIAGE", "T1"),
    ],
)
async def test_nobody_else_and_nowhere_else(
    room: TriageRoom, ticket: Ticket, user: str, channel: str, team: str
) -> None:
    await room.actions.handle(room.clicked(CLAIM, ticket, user, channel, team))
    assert (await room.ticket(ticket)).assignee is None
    ((told, text),) = room.told()
    assert told == user
    assert "in the triage channel" in text


async def test_an_agent_who_was_disabled_does_nothing_more(ticket: Ticket) -> None:
    room = TriageRoom(agents=MemoryAgents(agents=(replace(LEE_OF_OURS, active=False),)))
    ticket = await room.open()
    await room.click(CLAIM, ticket)
    assert (await room.ticket(ticket)).assignee is None


async def opened_dialog(room: TriageRoom, ticket: Ticket) -> None:
    await room.actions.open_dialog(room.clicked(REPLY, ticket).body)


async def test_the_dialog_offers_the_draft_until_somebody_replied(
    room: TriageRoom, ticket: Ticket
) -> None:
    await opened_dialog(room, ticket)
    await room.casework.reply(ticket.id, "agent-1", "Hi", "x")
    await opened_dialog(room, ticket)
    first, second = (call["view"] for call in room.slack.called("views.open"))
    check_view(first)
    assert first["blocks"][1]["element"]["initial_value"] == ticket.packet.draft.text
    assert "initial_value" not in second["blocks"][1]["element"]
    await room.actions.handle(room.clicked(REPLY, ticket))  # what is left of that click
    assert len(await room.said(ticket)) == 1


async def test_no_dialog_outside_of_the_triage_channel(room: TriageRoom, ticket: Ticket) -> None:
    await room.actions.open_dialog(room.clicked(REPLY, ticket, channel="COTHER").body)
    assert room.slack.called("views.open") == []


@pytest.mark.parametrize("resolves", [False, True])
async def test_what_is_written_into_it_goes_to_the_customer_once(
    room: TriageRoom, ticket: Ticket, resolves: bool
) -> None:
    await opened_dialog(room, ticket)
    for _ in range(2):
        await room.actions.handle_dialog(room.sent(" Try <this> & that ", resolves=resolves))
    (said,) = await room.said(ticket)
    assert (said.text, said.agent) == ("Try <this> & that", "agent-1")
    now = await room.ticket(ticket)
    assert now.assignee == "agent-1"
    assert now.state is (TicketState.RESOLVED if resolves else TicketState.OPEN)
    assert room.told() == []
    assert await room.notes(ticket) == []


async def test_what_came_too_late_is_kept_as_a_note(room: TriageRoom, ticket: Ticket) -> None:
    await opened_dialog(room, ticket)
    await room.store.apply(moving(ticket, Move.RESOLVE))
    for _ in range(2):
        await room.actions.handle_dialog(room.sent("Try this"))
    assert await room.said(ticket) == []
    assert await room.notes(ticket) == ["Try this"]
    assert "kept as a note" in room.told()[0][1]


async def test_a_conversation_that_goes_on_elsewhere(room: TriageRoom) -> None:
    conversation = await started(room.store)
    ticket = await room.open(conversation)
    await room.click(RESOLVE, ticket)
    await room.store.apply(moving(ticket, Move.REOPEN))
    await room.click(RESOLVE, ticket)
    await written(room.store, conversation)
    other = await room.open(conversation)
    await room.actions.handle(room.clicked(REOPEN, ticket))
    assert room.told() == [(LEE, f"Not done: the conversation goes on in {other.label}.")]


async def test_slack_out_of_reach_is_tried_again(room: TriageRoom, ticket: Ticket) -> None:
    with room.slack.outage(), pytest.raises(DeskUnavailable):
        await room.click(CLAIM, ticket)
    await room.click(CLAIM, ticket)
    assert (await room.ticket(ticket)).assignee == "agent-1"


async def test_a_ticket_that_is_not_there_is_nobodys_fault(
    room: TriageRoom, ticket: Ticket
) -> None:
    await room.click(CLAIM, replace(ticket, id="0" * 32))
    assert room.told() == []
