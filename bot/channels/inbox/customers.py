"""The route of a customer's profile."""

from typing import Any

from fastapi import APIRouter

from bot.channels.inbox.access import SignedIn
from bot.channels.inbox.casework_shapes import profile_json
from bot.channels.inbox.desk import DeskOfApp
from bot.channels.problems import Problem, ProblemKind

router = APIRouter(prefix="/inbox/api/customers", include_in_schema=False)


@router.get("/{customer_id}")
async def show_customer(customer_id: str, _: SignedIn, desk: DeskOfApp) -> dict[str, Any]:
    customer = await desk.store.customer(customer_id)
    if customer is None:
        raise Problem(ProblemKind.NOT_FOUND)
    return profile_json(customer, await desk.files.tickets_of(customer.id))
