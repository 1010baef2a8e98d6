"""Routes of the conversations that the bot has: agents look on, and step in."""

from typing import Any

from fastapi import APIRouter

from bot.channels.inbox.access import SignedIn
from bot.channels.inbox.casework_requests import EmptyRequest, Id
from bot.channels.inbox.desk import DeskOfApp

router = APIRouter(prefix="/inbox/api/conversations", include_in_schema=False)


@router.get("")
async def list_live(_: SignedIn, desk: DeskOfApp) -> dict[str, Any]:
    return await desk.list_live()


@router.get("/{conversation_id}")
async def show_conversation(conversation_id: Id, _: SignedIn, desk: DeskOfApp) -> dict[str, Any]:
    """Any, also one of earlier days."""
    return await desk.overhear(conversation_id)


@router.post("/{conversation_id}/take-over")
async def take_over(
    conversation_id: Id, body: EmptyRequest, session: SignedIn, desk: DeskOfApp
) -> dict[str, Any]:
    """The ticket; somebody else's, where they were faster."""
    ticket = await desk.live.take_over(conversation_id, session.agent.id)
    return await desk.changed(ticket.id)
