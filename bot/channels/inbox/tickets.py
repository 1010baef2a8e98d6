"""Routes of a ticket: how it is shown, and what agents do with it. Each answers with the ticket as
it is afterwards."""

from typing import Any

from fastapi import APIRouter

from bot.channels.inbox.access import SignedIn
from bot.channels.inbox.casework_requests import (
    AssignRequest,
    EmptyRequest,
    MergeRequest,
    NoteRequest,
    PrioritiseRequest,
    ReplyRequest,
    SnoozeRequest,
    WrongRequest,
)
from bot.channels.inbox.desk import DeskOfApp, TicketId
from bot.channels.problems import Problem, ProblemKind
from bot.domain.conversation import Author
from bot.domain.wrong_answer import WrongAnswer

router = APIRouter(prefix="/inbox/api/tickets", include_in_schema=False)

Shape = dict[str, Any]


@router.get("/{ticket_id}")
async def show_ticket(ticket_id: TicketId, _: SignedIn, desk: DeskOfApp) -> Shape:
    return await desk.show(ticket_id)


@router.post("/{ticket_id}/claim")
async def claim(
    ticket_id: TicketId, body: EmptyRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    await desk.casework.claim(ticket_id, session.agent.id)
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/assign")
async def assign(
    ticket_id: TicketId, body: AssignRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    if body.agent is not None:
        agent = await desk.agents.agent(body.agent)
        if agent is None or not agent.active:
            raise Problem(ProblemKind.NOT_FOUND)
    await desk.casework.assign(ticket_id, session.agent.id, body.agent)
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/reply")
async def reply(
    ticket_id: TicketId, body: ReplyRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    ticket = await desk.casework.reply(
        ticket_id, session.agent.id, body.text, body.client_message_id, resolve=body.resolve
    )
    for place in await desk.files.places(ticket):
        desk.presence.stop_typing(place, Author.AGENT)
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/note")
async def note(ticket_id: TicketId, body: NoteRequest, session: SignedIn, desk: DeskOfApp) -> Shape:
    await desk.casework.note(ticket_id, session.agent.id, body.text, body.client_message_id)
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/snooze")
async def snooze(
    ticket_id: TicketId, body: SnoozeRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    try:
        await desk.casework.snooze(ticket_id, session.agent.id, body.until)
    except ValueError:
        raise Problem(ProblemKind.INVALID_REQUEST) from None
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/wake")
async def wake(
    ticket_id: TicketId, body: EmptyRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    await desk.casework.wake(ticket_id, session.agent.id)
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/resolve")
async def resolve(
    ticket_id: TicketId, body: EmptyRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    await desk.casework.resolve(ticket_id, session.agent.id)
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/reopen")
async def reopen(
    ticket_id: TicketId, body: EmptyRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    await desk.casework.reopen(ticket_id, session.agent.id)
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/return")
async def return_to_bot(
    ticket_id: TicketId, body: EmptyRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    await desk.casework.return_to_bot(ticket_id, session.agent.id)
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/prioritise")
async def prioritise(
    ticket_id: TicketId, body: PrioritiseRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    await desk.casework.prioritise(ticket_id, session.agent.id, body.priority)
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/merge")
async def merge(
    ticket_id: TicketId, body: MergeRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    if body.into == ticket_id:
        raise Problem(ProblemKind.INVALID_REQUEST)
    await desk.casework.merge(
        ticket_id, session.agent.id, body.into, to_both_addresses=body.to_both_addresses
    )
    return await desk.changed(ticket_id)


@router.post("/{ticket_id}/wrong")
async def mark_wrong(
    ticket_id: TicketId, body: WrongRequest, session: SignedIn, desk: DeskOfApp
) -> Shape:
    """The bot's answer was wrong: `firstline eval case --wrong` makes cases of these."""
    wrong = WrongAnswer(body.message, session.agent.id, body.expected or None, body.comment or None)
    if not await desk.files.mark_wrong(ticket_id, wrong):
        raise Problem(ProblemKind.NOT_FOUND)
    return await desk.changed(ticket_id)
