"""Routes of sign-in and of one's own account."""

from typing import Any

import segno
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from bot.channels.inbox.access import SignedIn, StaffOfApp, VisitOfRequest
from bot.channels.inbox.cookies import (
    check_connection,
    clear_session,
    csrf_token,
    session_token,
    set_session,
)
from bot.channels.inbox.shapes import (
    CodeRequest,
    InvitationRequest,
    PasswordRequest,
    ProfileRequest,
    ReauthRequest,
    SignInRequest,
    agent_json,
)
from bot.services.agents import SignedIn as NewSession
from bot.services.proving import Proof

router = APIRouter(prefix="/inbox/api", include_in_schema=False)


@router.post("/sign-in")
async def sign_in(
    request: Request, body: SignInRequest, staff: StaffOfApp, visit: VisitOfRequest
) -> Response:
    check_connection(request.scope)
    proof = Proof(body.password, body.code, visit)
    former = session_token(request.scope)
    return _begin(request, await staff.sessions.sign_in(body.email, proof, former))


@router.post("/invitation")
async def accept_invitation(
    request: Request, body: InvitationRequest, staff: StaffOfApp, visit: VisitOfRequest
) -> Response:
    """Sets the first password, or a new one after a reset, and signs in."""
    check_connection(request.scope)
    proof = Proof(body.password, body.code, visit)
    return _begin(request, await staff.accounts.accept_invitation(body.token, proof))


@router.post("/sign-out", status_code=204)
async def sign_out(request: Request, session: SignedIn, staff: StaffOfApp) -> Response:
    await staff.sessions.sign_out(session)
    response = Response(status_code=204)
    clear_session(response, request.scope)
    return response


@router.get("/me")
async def show_me(request: Request, session: SignedIn, staff: StaffOfApp) -> dict[str, Any]:
    return {
        **agent_json(session.agent),
        "has_codes": await staff.accounts.has_codes(session.agent),
        "recovery_codes": await staff.accounts.count_recovery_codes(session.agent),
        "csrf": csrf_token(session_token(request.scope)),
    }


@router.post("/account/profile")
async def set_profile(body: ProfileRequest, session: SignedIn, staff: StaffOfApp) -> dict[str, Any]:
    return agent_json(await staff.accounts.set_profile(session, body.name, body.locale))


@router.post("/account/password")
async def change_password(
    request: Request,
    body: PasswordRequest,
    session: SignedIn,
    staff: StaffOfApp,
    visit: VisitOfRequest,
) -> Response:
    current = Proof(body.current, body.code, visit)
    changed = await staff.accounts.change_password(session, current, body.password)
    return _begin(request, changed)


@router.post("/account/codes")
async def enrol_codes(
    body: ReauthRequest, session: SignedIn, staff: StaffOfApp, visit: VisitOfRequest
) -> dict[str, Any]:
    enrolment = await staff.accounts.enrol(session, body.proof(visit))
    return {
        "secret": enrolment.secret,
        "address": enrolment.address,
        "qr": qr_json(enrolment.address),
    }


@router.post("/account/codes/confirm")
async def confirm_codes(body: CodeRequest, session: SignedIn, staff: StaffOfApp) -> dict[str, Any]:
    """Gives what to sign in with once the phone is lost; shown this once."""
    return {"recovery_codes": await staff.accounts.confirm_enrolment(session, body.code)}


@router.post("/account/codes/recovery")
async def renew_recovery_codes(
    body: ReauthRequest, session: SignedIn, staff: StaffOfApp, visit: VisitOfRequest
) -> dict[str, Any]:
    codes = await staff.accounts.renew_recovery_codes(session, body.proof(visit))
    return {"recovery_codes": codes}


@router.post("/account/codes/remove", status_code=204)
async def remove_codes(
    body: ReauthRequest, session: SignedIn, staff: StaffOfApp, visit: VisitOfRequest
) -> None:
    await staff.accounts.remove_codes(session, body.proof(visit))


def qr_json(text: str) -> dict[str, Any]:
    """The code as the path of an SVG of so many units: a page draws it without reading HTML."""
    rows = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=4)]
    squares = [
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    ]
    return {"size": len(rows), "path": "".join(squares)}


def _begin(request: Request, signed_in: NewSession) -> Response:
    agent = signed_in.session.agent
    response = JSONResponse({**agent_json(agent), "csrf": csrf_token(signed_in.token)})
    set_session(response, request.scope, signed_in)
    return response
