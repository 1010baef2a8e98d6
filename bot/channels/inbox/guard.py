"""No foreign page acts as a signed-in agent. Stands before every route below /inbox, so that none
can be added without."""

import hmac

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.inbox.cookies import csrf_token, session_token
from bot.channels.origins import own_origin
from bot.channels.problems import ProblemKind, problem_response

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Who signs in has no token yet, or the one of a session that is over.
ENTRANCES = frozenset({"/inbox/api/sign-in", "/inbox/api/invitation"})


class ForgeryGuard:
    """Unsafe methods need the page's own origin, JSON, and `X-CSRF-Token` beside the cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _is_guarded(scope) and not _is_own(scope):
            await problem_response(ProblemKind.FORGERY_REFUSED)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_guarded(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] in SAFE:
        return False
    path: str = scope["path"]
    return path == "/inbox" or path.startswith("/inbox/")


def _is_own(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    if headers.getlist("origin") != [own_origin(scope)]:
        return False
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return False
    token = session_token(scope)
    if not token or scope["path"] in ENTRANCES:
        return True  # there is nothing of anybody that could be acted with
    shown = headers.get("x-csrf-token", "")
    return hmac.compare_digest(shown.encode(errors="replace"), csrf_token(token).encode())
