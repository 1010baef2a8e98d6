"""Routes of a customer's profile and of what agents call them."""

from typing import Any

from fastapi import APIRouter

from bot.channels.inbox.access import SignedIn
from bot.channels.inbox.casework_requests import LabelsRequest
from bot.channels.inbox.customer_shapes import profile_json
from bot.channels.inbox.desk import Desk, DeskOfApp
from bot.channels.problems import Problem, ProblemKind
from bot.domain.profile import CustomerProfile

router = APIRouter(prefix="/inbox/api/customers", include_in_schema=False)


@router.get("/{customer_id}")
async def show_customer(customer_id: str, _: SignedIn, desk: DeskOfApp) -> dict[str, Any]:
    return profile_json(await _profile(desk, customer_id))


@router.post("/{customer_id}/labels")
async def label_customer(
    customer_id: str, body: LabelsRequest, _: SignedIn, desk: DeskOfApp
) -> dict[str, Any]:
    """What is added and what is taken away, so that two agents who do so keep both."""
    await _profile(desk, customer_id)
    await desk.profiles.label(customer_id, body.add, body.remove)
    desk.announce()
    return profile_json(await _profile(desk, customer_id))


async def _profile(desk: Desk, customer_id: str) -> CustomerProfile:
    profile = await desk.profiles.profile(customer_id)
    if profile is None:
        raise Problem(ProblemKind.NOT_FOUND)
    return profile
