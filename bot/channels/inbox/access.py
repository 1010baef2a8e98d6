"""Who may use a route of the inbox, as dependencies of FastAPI.

Every route below `/inbox` names one of them and so gets the session with the agent as it is now:

    @router.get("/inbox/api/queue")
    async def show_queue(session: SignedIn) -> ...: session.agent.id

`SignedIn` is any active agent, otherwise a 401 problem `sign-in-needed`. `Admin` is an agent with
that role; to others the route looks absent (404). `Visiting` is None for whoever is not signed in,
for pages, which redirect. `tests/channels/test_access.py` fails for a route without a row.

What outlives its request, such as an event stream, asks `staff.sessions.current(session)` now and
then and ends when that is None. Against forged requests stands `guard.py`, before all routes.
"""

from typing import Annotated

from fastapi import Depends, Request

from bot.channels.inbox.cookies import device_token, session_token
from bot.channels.problems import Problem, ProblemKind
from bot.channels.rates import Requester
from bot.domain.agent import AgentSession
from bot.services.proving import Visit
from bot.services.staff import Staff


async def _staff(request: Request) -> Staff:
    staff: Staff = request.app.state.staff
    return staff


StaffOfApp = Annotated[Staff, Depends(_staff)]


async def _visiting(request: Request, staff: StaffOfApp) -> AgentSession | None:
    return await staff.sessions.find(session_token(request.scope))


Visiting = Annotated[AgentSession | None, Depends(_visiting)]


async def _signed_in(session: Visiting) -> AgentSession:
    if session is None:
        raise Problem(ProblemKind.SIGN_IN_NEEDED)
    return session


SignedIn = Annotated[AgentSession, Depends(_signed_in)]


async def _admin(session: SignedIn) -> AgentSession:
    if not session.agent.is_admin:
        raise Problem(ProblemKind.NOT_FOUND)
    return session


Admin = Annotated[AgentSession, Depends(_admin)]


async def _visit(request: Request) -> Visit:
    address = Requester(request.client.host if request.client else None).address_key
    return Visit(address, device_token(request.scope))


VisitOfRequest = Annotated[Visit, Depends(_visit)]
