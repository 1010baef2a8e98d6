"""Which pages may talk to the bot from a browser: its own, those listed, and nobody else."""

import re
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.problems import ProblemKind, problem_response

# What a page of any origin loads with its widget; there is nothing of anybody in it.
PUBLIC = re.compile(r"/widget(\.js|/.+)")
LOCAL = re.compile(r"https?://(([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?")
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def is_loopback(host: str) -> bool:
    """Whether a server that listens on the host is reached from its own machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_origin(scope: Scope) -> str:
    """As a browser writes it, which leaves a default port out."""
    scheme: str = scope["scheme"]
    host = Headers(scope=scope).get("host", "").lower()
    return f"{scheme}://{host.removesuffix(DEFAULT_PORTS.get(scheme, ''))}"


def own_host(scope: Scope) -> str:
    """Without its port; empty where the request names none that could be one."""
    try:
        return urlsplit(own_origin(scope)).hostname or ""
    except ValueError:
        return ""


class Origins:
    """Refuses requests of foreign pages before any work, and tells browsers which are welcome.

    Requests without an origin come from no foreign page, and their tokens protect themselves.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str], host: str) -> None:
        """`host`: what the server listens on; pages of the same machine may use a local one."""
        self.app = app
        self.allowed = frozenset(allowed)
        self.takes_local = is_loopback(host)
        self.cors = CORSMiddleware(
            app,
            allow_origins=self.allowed,
            allow_origin_regex=LOCAL.pattern if self.takes_local else None,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type", "Last-Event-ID"),
            expose_headers=("Retry-After",),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or PUBLIC.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
        elif all(self._is_allowed(o, scope) for o in Headers(scope=scope).getlist("origin")):
            await self.cors(scope, receive, send)
        else:
            response = problem_response(ProblemKind.ORIGIN_REFUSED)
            response.headers["Vary"] = "Origin"
            await response(scope, receive, send)

    def _is_allowed(self, origin: str, scope: Scope) -> bool:
        if origin in self.allowed or origin == own_origin(scope):
            return True
        return self.takes_local and LOCAL.fullmatch(origin) is not None
