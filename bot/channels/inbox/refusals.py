"""What agents are refused, as problems."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from starlette.responses import Response

from bot.channels.problems import ProblemKind, problem_response
from bot.domain.agent import (
    AgentChanged,
    AgentError,
    AgentExists,
    CodeNeeded,
    ConfirmationRefused,
    CredentialsRefused,
    LastAdmin,
    TooManyAttempts,
    WeakPassword,
)

KINDS: Mapping[type[AgentError], ProblemKind] = {
    AgentChanged: ProblemKind.AGENT_CHANGED,
    AgentExists: ProblemKind.AGENT_EXISTS,
    CodeNeeded: ProblemKind.CODE_NEEDED,
    ConfirmationRefused: ProblemKind.CONFIRMATION_REFUSED,
    CredentialsRefused: ProblemKind.CREDENTIALS_REFUSED,
    LastAdmin: ProblemKind.LAST_ADMIN,
    TooManyAttempts: ProblemKind.TOO_MANY_REQUESTS,
    WeakPassword: ProblemKind.WEAK_PASSWORD,
}


def handle_refusals(app: FastAPI) -> None:
    app.add_exception_handler(AgentError, _handle)


async def _handle(_: Request, error: Exception) -> Response:
    assert isinstance(error, AgentError)  # noqa: S101 - how it is registered above
    response = problem_response(KINDS.get(type(error), ProblemKind.INVALID_REQUEST))
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.wait_s)
    return response
