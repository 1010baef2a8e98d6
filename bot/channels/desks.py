"""Where desks elsewhere tell what became of tickets: `POST /desks/{name}/events`."""

import logging
from collections.abc import Callable

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from bot.channels.problems import Problem, ProblemKind, problem_response
from bot.domain.desk_news import EventRefused, EventRepeated
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.services.desk_events import DeskEvents, UnknownDesk

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)

_KINDS = {
    EventRefused: ProblemKind.EVENT_REFUSED,
    EventRepeated: ProblemKind.EVENT_REPEATED,
    DeskUnavailable: ProblemKind.DESK_UNAVAILABLE,
    DeskRefused: ProblemKind.DESK_UNAVAILABLE,
}


@router.post("/desks/{name}/events")
async def take_event(name: str, request: Request) -> dict[str, str]:
    events: DeskEvents = request.app.state.desk_events
    headers = {key.lower(): value for key, value in request.headers.items()}
    try:
        taken = await events.take(name, headers, await request.body())
    except UnknownDesk as error:
        raise Problem(ProblemKind.NOT_FOUND) from error
    request.app.state.desk_news()
    return {"status": taken.value}


async def _handle(_: Request, error: Exception) -> Response:
    log.warning("event of a desk: %s", error)
    return problem_response(next(_KINDS[cls] for cls in type(error).__mro__ if cls in _KINDS))


def mount_desks(app: FastAPI, events: DeskEvents, announce: Callable[[], None]) -> None:
    """`announce` is called after each event, for those who look on."""
    app.state.desk_events = events
    app.state.desk_news = announce
    for kind in _KINDS:
        app.add_exception_handler(kind, _handle)
    app.include_router(router)
