"""Routes of signs of life: an agent types, looks at a ticket, looks away."""

from fastapi import APIRouter

from bot.channels.inbox.access import SignedIn
from bot.channels.inbox.casework_requests import EmptyRequest
from bot.channels.inbox.desk import DeskOfApp, TicketId
from bot.domain.conversation import Author

router = APIRouter(prefix="/inbox/api/tickets", include_in_schema=False)


@router.post("/{ticket_id}/typing", status_code=204)
async def tell_typing(
    ticket_id: TicketId, body: EmptyRequest, session: SignedIn, desk: DeskOfApp
) -> None:
    ticket = await desk.casework.open(ticket_id)
    if not ticket.state.is_active:
        return
    for place in await desk.files.places(ticket):
        desk.presence.attend(place, session.agent.id)
        desk.presence.type(place, Author.AGENT)


@router.post("/{ticket_id}/attend", status_code=204)
async def attend(
    ticket_id: TicketId, body: EmptyRequest, session: SignedIn, desk: DeskOfApp
) -> None:
    for place in await desk.files.places(await desk.casework.open(ticket_id)):
        desk.presence.attend(place, session.agent.id)


@router.post("/{ticket_id}/leave", status_code=204)
async def leave(
    ticket_id: TicketId, body: EmptyRequest, session: SignedIn, desk: DeskOfApp
) -> None:
    for place in await desk.files.places(await desk.casework.open(ticket_id)):
        desk.presence.leave(place, session.agent.id)
