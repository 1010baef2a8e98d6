"""Buttons and form of a card: done once, by people of the team, from the triage room."""

import asyncio
from dataclasses import replace

import pytest

from bot.adapters.memory_agents import MemoryAgents
from bot.channels.chat.sheet import TextField
from bot.channels.chat.ticket_sheet import CLAIM, REOPEN, REPLY, RESOLVE, RETURN
from bot.domain.desk_news import actor_at
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskUnavailable
from bot.domain.ticket import Move, Ticket, TicketState
from tests.adapters.test_ticket_store import moving, started, written
from tests.channels.chat.program import CHANNEL, ROOM, TEAM, refused
from tests.channels.chat.triage_room import GUEST, LEE, LEE_OF_OURS, MEI, Triage

MEI_HERE = actor_at(CHANNEL, "Mei", MEI)


@pytest.fixture
def room() -> Triage:
    return Triage()


@pytest.fixture
async def ticket(room: Triage) -> Ticket:
    return await room.open()


@pytest.mark.parametrize(("user", "actor"), [(LEE, "agent-1"), (MEI, MEI_HERE)])
async def test_who_claims_it_is_known_by_their_mail_address_or_by_name(
    room: Triage, ticket: Ticket, user: str, actor: str
) -> None:
    await room.click(CLAIM, ticket, user)
    assert (await room.ticket(ticket)).assignee == actor
    assert room.wall.told() == []


async def test_of_two_who_claim_at_once_one_has_it_and_the_other_reads_who(
    room: Triage, ticket: Ticket
) -> None:
    await asyncio.gather(*(room.click(CLAIM, ticket, user) for user in (LEE, MEI)))
    winner = (await room.ticket(ticket)).assignee
    ((user, text),) = room.wall.told()
    assert (user, winner) in ((MEI, "agent-1"), (LEE, MEI_HERE))
    assert text == f"{'Lee' if user == MEI else 'Mei'} has T-1 already."
    await room.click(CLAIM, ticket, LEE if user == MEI else MEI)  # clicked twice by who has it
    assert len(room.wall.told()) == 1


@pytest.mark.parametrize(
    ("action", "state"),
    [
        (RESOLVE, TicketState.RESOLVED),
        (RETURN, TicketState.RETURNED),
    ],
)
async def test_a_click_that_comes_again_changes_and_says_nothing(
    room: Triage, ticket: Ticket, action: str, state: TicketState
) -> None:
    for _ in range(2):
        await room.click(action, ticket)
    assert (await room.ticket(ticket)).state is state
    assert room.wall.told() == []


async def test_what_is_resolved_can_be_opened_again(room: Triage, ticket: Ticket) -> None:
    for action in (RESOLVE, REOPEN, REOPEN):
        await room.click(action, ticket)
    assert (await room.ticket(ticket)).state is TicketState.OPEN
    assert room.wall.told() == []


@pytest.mark.parametrize("action", [CLAIM, RESOLVE, RETURN])
async def test_what_is_over_is_left_alone(room: Triage, ticket: Ticket, action: str) -> None:
    await room.store.apply(moving(ticket, Move.CANCEL))
    await room.click(action, ticket)
    assert (await room.ticket(ticket)).state is TicketState.CANCELLED
    assert room.wall.told() == [(LEE, "Not done: T-1 is closed. Open it again first.")]


@pytest.mark.parametrize(
    ("user", "channel", "team"),
    [
        (LEE, "other", TEAM),
        (LEE, ROOM, "T2"),
        (GUEST, ROOM, TEAM),
    ],
)
async def test_nobody_else_and_nowhere_else(
    room: Triage, ticket: Ticket, user: str, channel: str, team: str
) -> None:
    await room.actions.handle(room.clicked(CLAIM, ticket, user, channel, team))
    assert (await room.ticket(ticket)).assignee is None
    ((told, text),) = room.wall.told()
    assert told == user
    assert "in the triage channel" in text


async def test_who_cannot_be_told_does_nothing_all_the_same(room: Triage, ticket: Ticket) -> None:
    room.wall.failures["whisper"] = refused()
    await room.click(CLAIM, ticket, GUEST)
    assert (await room.ticket(ticket)).assignee is None


async def test_an_agent_who_was_disabled_does_nothing_more() -> None:
    room = Triage(agents=MemoryAgents(agents=(replace(LEE_OF_OURS, active=False),)))
    ticket = await room.open()
    await room.click(CLAIM, ticket)
    assert (await room.ticket(ticket)).assignee is None


async def opened_form(room: Triage, ticket: Ticket) -> None:
    await room.actions.open_form(room.clicked(REPLY, ticket))


def sent(room: Triage, text: str, **values: str) -> InboundEvent:
    return room.parley.sent(LEE, text=text, **values)


async def test_the_form_offers_the_draft_until_somebody_replied(
    room: Triage, ticket: Ticket
) -> None:
    await opened_form(room, ticket)
    await room.casework.reply(ticket.id, "agent-1", "Hi", "x")
    await opened_form(room, ticket)
    drafts = [form.fields[0] for _, form in room.parley.forms.opened]
    assert [field.value for field in drafts if isinstance(field, TextField)] == [
        ticket.packet.draft.text,
        "",
    ]
    await room.actions.handle(room.clicked(REPLY, ticket))  # what is left of that click
    assert len(await room.said(ticket)) == 1


async def test_no_form_outside_of_the_triage_room(room: Triage, ticket: Ticket) -> None:
    await room.actions.open_form(room.clicked(REPLY, ticket, channel="other"))
    await room.actions.open_form(room.parley.clicked(REPLY, ticket.id, LEE, None))
    await room.actions.open_form(room.clicked(REPLY, replace(ticket, id="0" * 32)))
    assert room.parley.forms.opened == []


@pytest.mark.parametrize("resolves", ["", "yes"])
async def test_what_is_written_into_it_goes_to_the_customer_once(
    room: Triage, ticket: Ticket, resolves: str
) -> None:
    await opened_form(room, ticket)
    written_down = sent(room, " Try <this> & that ", resolves=resolves)
    for _ in range(2):
        await room.actions.handle_form(written_down)
    (said,) = await room.replies(ticket)
    assert (said.text, said.agent) == ("Try <this> & that", "agent-1")
    now = await room.ticket(ticket)
    assert now.assignee == "agent-1"
    assert now.state is (TicketState.RESOLVED if resolves else TicketState.OPEN)
    assert room.wall.told() == []
    assert await room.notes(ticket) == []


async def test_what_came_too_late_is_kept_as_a_note(room: Triage, ticket: Ticket) -> None:
    await opened_form(room, ticket)
    await room.store.apply(moving(ticket, Move.RESOLVE))
    late = sent(room, "Try this")
    for _ in range(2):
        await room.actions.handle_form(late)
    assert await room.said(ticket) == []
    assert await room.notes(ticket) == ["Try this"]
    assert "kept as a note" in room.wall.told()[0][1]


async def test_a_conversation_that_goes_on_elsewhere(room: Triage) -> None:
    conversation = await started(room.store)
    ticket = await room.open(conversation)
    await room.click(RESOLVE, ticket)
    await room.store.apply(moving(ticket, Move.REOPEN))
    await room.click(RESOLVE, ticket)
    await written(room.store, conversation)
    other = await room.open(conversation)
    await room.actions.handle(room.clicked(REOPEN, ticket))
    assert room.wall.told() == [(LEE, f"Not done: the conversation goes on in {other.label}.")]


async def test_out_of_reach_it_is_tried_again(room: Triage, ticket: Ticket) -> None:
    await room.store.apply(moving(ticket, Move.CANCEL))
    with room.wall.outage(), pytest.raises(DeskUnavailable):
        await room.click(CLAIM, ticket)
    await room.click(CLAIM, ticket)
    assert len(room.wall.told()) == 1


async def test_a_ticket_that_is_not_there_is_nobodys_fault(room: Triage, ticket: Ticket) -> None:
    await room.click(CLAIM, replace(ticket, id="0" * 32))
    assert room.wall.told() == []
