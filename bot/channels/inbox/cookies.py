"""The session's cookie, and the token that proves a request comes from a page that can read it.

No script can read the cookie, no foreign page sends it (SameSite=Strict), and over https no other
host can set it (`__Host-`). The CSRF token follows from the session's token, so nothing is kept.
"""

import hmac
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from bot.channels.origins import is_loopback, own_host
from bot.channels.problems import Problem, ProblemKind

NAME = "firstline-agent"
SECURE_NAME = f"__Host-{NAME}"


def session_token(scope: Scope) -> str:
    """Empty where none came, or where it came in a way that others can listen to."""
    name = _name(scope)
    if name is None:
        return ""
    cookies = cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))
    return cookies.get(name, "")


def set_session(response: Response, scope: Scope, token: str) -> None:
    """Ends with the browser, and earlier with the session; raises Problem over plain http."""
    check_connection(scope)
    name = _name(scope) or SECURE_NAME
    is_secure = name == SECURE_NAME
    response.set_cookie(name, token, httponly=True, secure=is_secure, samesite="strict", path="/")


def clear_session(response: Response, scope: Scope) -> None:
    name = _name(scope) or SECURE_NAME
    is_secure = name == SECURE_NAME
    response.delete_cookie(name, httponly=True, secure=is_secure, samesite="strict", path="/")


def check_connection(scope: Scope) -> None:
    """Raises Problem where a password would travel for all to read."""
    if _name(scope) is None:
        raise Problem(ProblemKind.INSECURE_CONNECTION)


def csrf_token(token: str) -> str:
    return hmac.new(token.encode(errors="replace"), b"csrf", sha256).hexdigest()


def _name(scope: Scope) -> str | None:
    if scope["scheme"] == "https":
        return SECURE_NAME
    return NAME if is_loopback(own_host(scope)) else None
