"""Routes of those who manage agents. Sensitive ones are asked twice: 202 with what would happen and
a confirmation, then 200 when it comes back with the admin's own password."""

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.responses import Response

from bot.channels.inbox.access import Admin, StaffOfApp, VisitOfRequest
from bot.channels.inbox.shapes import (
    AgentRequest,
    ConfirmationRequest,
    demand_json,
    invited_json,
    member_json,
)
from bot.channels.problems import Problem, ProblemKind
from bot.domain.agent import Confirmation
from bot.domain.audit import AuditEvent, AuditHead
from bot.ports import AuditLog
from bot.services.agent_administration import Deed, Invited
from bot.services.confirmation import Intention

EXPORT = "audit.exported"

router = APIRouter(prefix="/inbox/api/admin", include_in_schema=False)


@router.get("/agents")
async def list_agents(_: Admin, staff: StaffOfApp) -> dict[str, Any]:
    return {"agents": [member_json(member) for member in await staff.administration.members()]}


@router.post("/agents", status_code=201)
async def add_agent(
    body: AgentRequest, session: Admin, staff: StaffOfApp, visit: VisitOfRequest
) -> dict[str, Any]:
    """Whoever is added can come back, so a session alone, which may be stolen, is not enough."""
    await staff.sessions.prove(session, body.proof(visit))
    invited = await staff.administration.add(body.agent(), actor=session.agent.id)
    return invited_json(invited)


@router.post("/agents/{agent_id}/{deed}")
async def change_agent(
    agent_id: str,
    deed: Deed,
    body: ConfirmationRequest,
    session: Admin,
    staff: StaffOfApp,
    visit: VisitOfRequest,
) -> Response:
    member = await staff.administration.member(agent_id)
    if member is None:
        raise Problem(ProblemKind.NOT_FOUND)
    intention = staff.administration.intend(member, deed)
    answer = body.answer(visit)
    if answer is None:
        demand = await staff.confirmations.ask(session.agent, intention)
        impact = {"action": intention.action, "agent": member_json(member)}
        return JSONResponse(demand_json(demand, impact), 202)

    async def work(confirmation: Confirmation) -> Invited:
        return await staff.administration.do(member, deed, session.agent.id, confirmation)

    done = await staff.confirmations.execute(session, intention, answer, work)
    return JSONResponse(invited_json(done))


@router.post("/audit/export")
async def export_audit_log(
    body: ConfirmationRequest, session: Admin, staff: StaffOfApp, visit: VisitOfRequest
) -> Response:
    """JSON Lines, up to the entry about this very export."""
    head = await staff.audit.head()
    intention = Intention("audit.export", "audit-log")
    answer = body.answer(visit)
    if answer is None:
        demand = await staff.confirmations.ask(session.agent, intention)
        impact = {"action": intention.action, "entries": head.seq}
        return JSONResponse(demand_json(demand, impact), 202)

    async def work(confirmation: Confirmation) -> None:
        event = AuditEvent(session.agent.id, EXPORT, None, {"entries": head.seq})
        await staff.agents.use_confirmation(confirmation, event)

    await staff.confirmations.execute(session, intention, answer, work)
    return StreamingResponse(
        _lines(staff.audit, await staff.audit.head()),
        media_type="application/jsonl",
        headers={"Content-Disposition": 'attachment; filename="audit.jsonl"'},
    )


async def _lines(log: AuditLog, end: AuditHead) -> AsyncIterator[str]:
    seq = 0
    while seq < end.seq and (entries := await log.entries(seq)):
        for entry in entries:
            yield json.dumps(entry.as_json(), ensure_ascii=False) + "\n"
        seq = entries[-1].seq
