"""Routes of what was given up, on its way out or in: seen and tried again by admins."""

from typing import Any

from fastapi import APIRouter

from bot.channels.inbox.access import Admin
from bot.channels.inbox.casework_requests import EmptyRequest, ReplayRequest
from bot.channels.inbox.casework_shapes import arrival_json, delivery_json
from bot.channels.inbox.desk import DeskOfApp
from bot.channels.problems import Problem, ProblemKind

router = APIRouter(prefix="/inbox/api", include_in_schema=False)


@router.get("/outbox/dead")
async def list_dead_deliveries(_: Admin, desk: DeskOfApp) -> dict[str, Any]:
    deliveries = []
    for delivery in await desk.store.dead_deliveries():
        ticket = await desk.store.ticket(delivery.ticket) if delivery.ticket else None
        deliveries.append(delivery_json(delivery, ticket.label if ticket else ""))
    return {"deliveries": deliveries}


@router.post("/outbox/{key}/replay", status_code=204)
async def replay_delivery(key: str, body: EmptyRequest, _: Admin, desk: DeskOfApp) -> None:
    if not await desk.store.replay_delivery(key):
        raise Problem(ProblemKind.NOT_FOUND)


@router.get("/inbound/dead")
async def list_dead_events(_: Admin, desk: DeskOfApp) -> dict[str, Any]:
    return {"events": [arrival_json(event) for event in await desk.store.dead_events()]}


@router.post("/inbound/replay", status_code=204)
async def replay_event(body: ReplayRequest, _: Admin, desk: DeskOfApp) -> None:
    if not await desk.store.replay_event(body.channel, body.key):
        raise Problem(ProblemKind.NOT_FOUND)
