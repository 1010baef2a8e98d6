"""Errors as `application/problem+json` (RFC 9457) with stable types, for every HTTP edge."""

import logging
from collections.abc import Mapping
from enum import Enum
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import Response

from bot.domain.customer import IdentityRefused
from bot.domain.errors import KnowledgeBaseUnavailable, ModelUnavailable, StoreError
from bot.services.running_turn import TurnFailed

log = logging.getLogger(__name__)


class ProblemKind(Enum):
    """Slug of the type, status and title; a slug never changes its meaning."""

    IDENTITY_REFUSED = ("identity-refused", 401, "Identity refused")
    SIGN_IN_NEEDED = ("sign-in-needed", 401, "Sign-in needed")
    CREDENTIALS_REFUSED = ("credentials-refused", 401, "Credentials refused")
    CODE_NEEDED = ("code-needed", 401, "One-time code needed")
    EVENT_REFUSED = ("event-refused", 401, "Event refused")
    CODE_USED = ("code-used", 401, "One-time code used already")
    FORGERY_REFUSED = ("forgery-refused", 403, "Forged request refused")
    INSECURE_CONNECTION = ("insecure-connection", 403, "Insecure connection")
    ORIGIN_REFUSED = ("origin-refused", 403, "Origin refused")
    NOT_FOUND = ("not-found", 404, "Not found")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "Method not allowed")
    CONFIRMATION_REFUSED = ("confirmation-refused", 409, "Confirmation refused")
    ILLEGAL_MOVE = ("illegal-move", 409, "Illegal move")
    TICKET_OVER = ("ticket-over", 409, "Ticket over")
    TICKET_CHANGED = ("ticket-changed", 409, "Ticket changed")
    CONVERSATION_TAKEN = ("conversation-taken", 409, "Conversation taken")
    MERGE_REFUSED = ("merge-refused", 409, "Merge refused")
    MERGE_UNCONFIRMED = ("merge-unconfirmed", 409, "Merge unconfirmed")
    AGENT_EXISTS = ("agent-exists", 409, "Agent exists")
    AGENT_CHANGED = ("agent-changed", 409, "Agent changed")
    LAST_ADMIN = ("last-admin", 409, "Last admin")
    EVENT_REPEATED = ("event-repeated", 409, "Event repeated")
    SURVEY_NOT_DUE = ("survey-not-due", 409, "Survey not due")
    TOO_LARGE = ("too-large", 413, "Request too large")
    WEAK_PASSWORD = ("weak-password", 422, "Weak password")
    INVALID_REQUEST = ("invalid-request", 422, "Invalid request")
    TOO_MANY_REQUESTS = ("too-many-requests", 429, "Too many requests")
    TURN_FAILED = ("turn-failed", 500, "The turn failed")
    INTERNAL_ERROR = ("internal-error", 500, "Internal error")
    INDEX_MISSING = ("index-missing", 503, "No index")
    MODEL_UNAVAILABLE = ("model-unavailable", 503, "Model unavailable")
    DESK_UNAVAILABLE = ("desk-unavailable", 503, "Desk unavailable")
    CODES_UNREADABLE = ("codes-unreadable", 503, "One-time codes cannot be read")
    STORE_UNAVAILABLE = ("store-unavailable", 503, "Store unavailable")

    def __init__(self, slug: str, status: int, title: str) -> None:
        self.slug = slug
        self.status = status
        self.title = title


DETAILS: Mapping[ProblemKind, str] = {
    ProblemKind.IDENTITY_REFUSED: "The identity token is not valid; `reason` says why.",
    ProblemKind.SIGN_IN_NEEDED: "Sign in; the session is over or there was none.",
    ProblemKind.CREDENTIALS_REFUSED: "That does not let you in.",
    ProblemKind.CODE_NEEDED: "Send a code of your authenticator app, too, or a recovery code.",
    ProblemKind.CODE_USED: "That code was used already. Wait for the next one.",
    ProblemKind.FORGERY_REFUSED: (
        "Send JSON from a page of this server, with its X-CSRF-Token. Behind a proxy for https, "
        "see web.trusted_proxies."
    ),
    ProblemKind.INSECURE_CONNECTION: (
        "Agents sign in over https, or on the server's own machine. Behind a proxy for https, "
        "see web.trusted_proxies."
    ),
    ProblemKind.CONFIRMATION_REFUSED: "Used up, too old, or for something else. Begin again.",
    ProblemKind.ILLEGAL_MOVE: "The ticket is not in a state that allows this. Look again.",
    ProblemKind.TICKET_OVER: "The ticket is over. Reopen it first.",
    ProblemKind.TICKET_CHANGED: "Somebody else was faster; `assignee` has the ticket.",
    ProblemKind.CONVERSATION_TAKEN: "The conversation goes on in another ticket, `ticket`.",
    ProblemKind.MERGE_REFUSED: (
        "The tickets are of different verified customers, who must not read each other's words."
    ),
    ProblemKind.MERGE_UNCONFIRMED: (
        "Answers would go to two mail addresses; send `to_both_addresses` to want that."
    ),
    ProblemKind.AGENT_EXISTS: "Another agent has that e-mail address.",
    ProblemKind.AGENT_CHANGED: "Somebody else changed the agent in the meantime. Look again.",
    ProblemKind.LAST_ADMIN: "Nobody would be left to manage agents. Make another admin first.",
    ProblemKind.EVENT_REFUSED: "It is not proven that the desk sent this, or that it did so now.",
    ProblemKind.EVENT_REPEATED: "This very sending was taken before; nothing was done.",
    ProblemKind.DESK_UNAVAILABLE: "The desk could not be asked about it. Send it again.",
    ProblemKind.WEAK_PASSWORD: "The password is too short or guessed too easily.",
    ProblemKind.ORIGIN_REFUSED: "Pages of this origin may not use the bot; see web.origins.",
    ProblemKind.NOT_FOUND: "There is nothing here, or not for you.",
    ProblemKind.METHOD_NOT_ALLOWED: "This address does not take that method.",
    ProblemKind.SURVEY_NOT_DUE: (
        "Nothing is asked here now: a survey comes once, after a ticket is resolved."
    ),
    ProblemKind.TOO_LARGE: "The body is larger than this server takes.",
    ProblemKind.INVALID_REQUEST: "The request could not be read.",
    ProblemKind.TOO_MANY_REQUESTS: "Too many requests. Try again after the time in Retry-After.",
    ProblemKind.TURN_FAILED: "The message is kept. Send it again with the same client_message_id.",
    ProblemKind.INTERNAL_ERROR: "Something failed here; it is logged.",
    ProblemKind.INDEX_MISSING: "No knowledge base is ingested yet; run: firstline ingest KB_DIR",
    ProblemKind.MODEL_UNAVAILABLE: "A model does not work right now. Try again shortly.",
    ProblemKind.CODES_UNREADABLE: (
        "The server lacks the key to your authenticator app's secret; its log says what to do."
    ),
    ProblemKind.STORE_UNAVAILABLE: "The database cannot be reached right now. Try again shortly.",
}

BEARER: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}
HEADERS: Mapping[int, Mapping[str, str]] = {
    413: {"Connection": "close"},  # or the rest of the body would be read to its end
    429: {"Retry-After": "5"},
    503: {"Retry-After": "5"},
}


class Problem(HTTPException):
    """What a route raises to end a request."""

    def __init__(self, kind: ProblemKind) -> None:
        super().__init__(kind.status, DETAILS[kind])
        self.kind = kind


def problem_json(kind: ProblemKind, **members: Any) -> dict[str, Any]:
    return {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": DETAILS[kind],
        **members,
    }


def problem_response(kind: ProblemKind, **members: Any) -> JSONResponse:
    content = problem_json(kind, **members)
    status = content["status"]
    headers = BEARER if kind is ProblemKind.IDENTITY_REFUSED else HEADERS.get(status)
    return JSONResponse(content, status, headers, "application/problem+json")


_KIND_OF_STATUS: Mapping[int, ProblemKind] = {
    404: ProblemKind.NOT_FOUND,
    405: ProblemKind.METHOD_NOT_ALLOWED,
    413: ProblemKind.TOO_LARGE,
    400: ProblemKind.INVALID_REQUEST,  # FastAPI's for some bodies it cannot parse, 422 for others
}

_KIND_OF_FAILURE: Mapping[type[Exception], ProblemKind] = {
    TurnFailed: ProblemKind.TURN_FAILED,
    KnowledgeBaseUnavailable: ProblemKind.INDEX_MISSING,
    ModelUnavailable: ProblemKind.MODEL_UNAVAILABLE,
    StoreError: ProblemKind.STORE_UNAVAILABLE,
}


async def _handle_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - how it is registered below
    if isinstance(error, Problem):
        return problem_response(error.kind)
    kind = _KIND_OF_STATUS.get(error.status_code)
    if kind is None:
        response = problem_response(ProblemKind.INVALID_REQUEST, status=error.status_code)
    else:
        response = problem_response(kind)
    response.headers.update(error.headers or {})
    return response


async def _handle_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - how it is registered below
    # Never the input itself: it may be long, secret or not even valid text.
    errors = [
        {"field": ".".join(str(part) for part in e["loc"]), "message": e["msg"]}
        for e in error.errors()
    ]
    return problem_response(ProblemKind.INVALID_REQUEST, errors=errors)


async def _handle_refused_identity(_: Request, error: Exception) -> Response:
    assert isinstance(error, IdentityRefused)  # noqa: S101 - how it is registered below
    log.info("identity refused: %s", error.reason.value)
    return problem_response(ProblemKind.IDENTITY_REFUSED, reason=error.reason.value)


async def _handle_failure(_: Request, error: Exception) -> Response:
    kinds = (_KIND_OF_FAILURE.get(cls) for cls in type(error).__mro__)
    kind = next(kind for kind in kinds if kind is not None)
    log.error("%s: %s", kind.slug, error)
    return problem_response(kind)


def handle_problems(app: FastAPI) -> None:
    """Every failure of a request leaves the application as a problem."""
    app.add_exception_handler(StarletteHTTPException, _handle_http)
    app.add_exception_handler(RequestValidationError, _handle_invalid)
    app.add_exception_handler(IdentityRefused, _handle_refused_identity)
    for failure in _KIND_OF_FAILURE:
        app.add_exception_handler(failure, _handle_failure)
