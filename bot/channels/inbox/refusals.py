"""What agents are refused, as problems."""

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from starlette.responses import Response

from bot.channels.problems import ProblemKind, problem_response
from bot.domain.agent import (
    AgentChanged,
    AgentError,
    AgentExists,
    CodeNeeded,
    CodesUnreadable,
    CodeUsed,
    ConfirmationRefused,
    CredentialsRefused,
    LastAdmin,
    TooManyAttempts,
    WeakPassword,
)
from bot.domain.ticket import IllegalMove
from bot.domain.ticket_change import (
    ConversationTaken,
    MergeRefused,
    MergeUnconfirmed,
    TicketDiffers,
    TicketOver,
)
from bot.services.casework import UnknownTicket
from bot.services.live_conversations import UnknownConversation

log = logging.getLogger(__name__)

KINDS: Mapping[type[AgentError], ProblemKind] = {
    AgentChanged: ProblemKind.AGENT_CHANGED,
    AgentExists: ProblemKind.AGENT_EXISTS,
    CodeNeeded: ProblemKind.CODE_NEEDED,
    CodesUnreadable: ProblemKind.CODES_UNREADABLE,
    CodeUsed: ProblemKind.CODE_USED,
    ConfirmationRefused: ProblemKind.CONFIRMATION_REFUSED,
    CredentialsRefused: ProblemKind.CREDENTIALS_REFUSED,
    LastAdmin: ProblemKind.LAST_ADMIN,
    TooManyAttempts: ProblemKind.TOO_MANY_REQUESTS,
    WeakPassword: ProblemKind.WEAK_PASSWORD,
}


OF_TICKETS = (
    UnknownTicket,
    UnknownConversation,
    IllegalMove,
    TicketOver,
    TicketDiffers,
    ConversationTaken,
    MergeRefused,
    MergeUnconfirmed,
)


def handle_refusals(app: FastAPI) -> None:
    app.add_exception_handler(AgentError, _handle)
    for refusal in OF_TICKETS:
        app.add_exception_handler(refusal, _handle_ticket)


async def _handle_ticket(_: Request, error: Exception) -> Response:
    match error:
        case IllegalMove():
            return problem_response(ProblemKind.ILLEGAL_MOVE, state=error.state.value)
        case TicketOver():
            return problem_response(ProblemKind.TICKET_OVER)
        case TicketDiffers():
            return problem_response(ProblemKind.TICKET_CHANGED, assignee=error.ticket.assignee)
        case ConversationTaken():
            return problem_response(ProblemKind.CONVERSATION_TAKEN, ticket=error.ticket.id)
        case MergeRefused():
            return problem_response(ProblemKind.MERGE_REFUSED)
        case MergeUnconfirmed():
            return problem_response(ProblemKind.MERGE_UNCONFIRMED)
    return problem_response(ProblemKind.NOT_FOUND)


async def _handle(_: Request, error: Exception) -> Response:
    assert isinstance(error, AgentError)  # noqa: S101 - how it is registered above
    response = problem_response(KINDS.get(type(error), ProblemKind.INVALID_REQUEST))
    if isinstance(error, CodesUnreadable):
        log.error("an agent cannot sign in: %s", error)
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.wait_s)
    return response
