"""Routes of what could not be delivered: seen and sent again by admins."""

from typing import Any

from fastapi import APIRouter

from bot.channels.inbox.access import Admin
from bot.channels.inbox.casework_requests import EmptyRequest
from bot.channels.inbox.casework_shapes import delivery_json
from bot.channels.inbox.desk import DeskOfApp
from bot.channels.problems import Problem, ProblemKind

router = APIRouter(prefix="/inbox/api/outbox", include_in_schema=False)


@router.get("/dead")
async def list_dead(_: Admin, desk: DeskOfApp) -> dict[str, Any]:
    deliveries = []
    for delivery in await desk.store.dead_deliveries():
        ticket = await desk.store.ticket(delivery.ticket) if delivery.ticket else None
        deliveries.append(delivery_json(delivery, ticket.label if ticket else ""))
    return {"deliveries": deliveries}


@router.post("/{key}/replay", status_code=204)
async def replay(key: str, body: EmptyRequest, _: Admin, desk: DeskOfApp) -> None:
    if not await desk.store.replay_delivery(key):
        raise Problem(ProblemKind.NOT_FOUND)
