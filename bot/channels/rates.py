"""How often the same visitor, address and site as a whole may ask for work.

A leaky bucket a key (the generic cell rate algorithm): a burst of as many requests as a minute
allows, then one whenever its share of the minute has passed. One number a key is all it keeps.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.channels.bearer import bearer_token
from bot.channels.problems import ProblemKind, problem_response

MINUTE_S = 60.0
MAX_KEYS = 100_000  # about 20 MB; those idle for longest are forgotten first
# Many people may share an address, and a site is a company's customers.
ADDRESS_FACTOR = 5
SITE_FACTOR = 100


class RateLimit:
    """At most `per_minute` at once and on average, for each key."""

    def __init__(self, per_minute: int, max_keys: int = MAX_KEYS) -> None:
        self._interval_s = MINUTE_S / per_minute
        self._max_keys = max_keys
        self._full_at_s: OrderedDict[str, float] = OrderedDict()  # when all is allowed again

    def __len__(self) -> int:
        return len(self._full_at_s)

    def wait_s(self, key: str, at_s: float) -> float:
        """Seconds until one more is allowed; 0 when it is now."""
        full_at_s = max(self._full_at_s.get(key, at_s), at_s)
        return max(0.0, full_at_s + self._interval_s - at_s - MINUTE_S)

    def take(self, key: str, at_s: float) -> None:
        self._full_at_s[key] = max(self._full_at_s.get(key, at_s), at_s) + self._interval_s
        self._full_at_s.move_to_end(key)
        self._forget(at_s)

    def _forget(self, at_s: float) -> None:
        """Those that are allowed everything again, and the oldest where there are too many."""
        while self._full_at_s:
            oldest = next(iter(self._full_at_s))
            if self._full_at_s[oldest] > at_s and len(self._full_at_s) <= self._max_keys:
                return
            del self._full_at_s[oldest]


@dataclass(frozen=True, slots=True)
class Requester:
    address: str | None  # as the connection or a trusted proxy states it
    token: str | None = None  # not checked yet: an invented one still counts for its address

    @property
    def visitor_key(self) -> str | None:
        return sha256(self.token.encode(errors="replace")).hexdigest() if self.token else None

    @property
    def address_key(self) -> str:
        """An IPv6 customer owns a /64, so it counts as one address."""
        try:
            address = ip_address(self.address or "")
        except ValueError:  # a socket file, or a proxy that states no address
            return "unknown"
        if isinstance(address, IPv6Address):
            return str(address.ipv4_mapped or f"{int(address) >> 64:x}/64")
        return str(address)


class RateLimits:
    """All limits at once: who is refused by one is not counted by the others."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits: Mapping[str, RateLimit] = {
            "visitor": RateLimit(per_minute),
            "address": RateLimit(per_minute * ADDRESS_FACTOR),
            "site": RateLimit(per_minute * SITE_FACTOR),
        }
        self._clock = clock

    def take(self, requester: Requester) -> int:
        """Whole seconds to wait, at least 1, when there was too much; 0 when it is counted."""
        at_s = self._clock()
        asked = self._asked(requester)
        wait_s = max(limit.wait_s(key, at_s) for limit, key in asked)
        if wait_s > 0:
            return max(1, ceil(wait_s))
        for limit, key in asked:
            limit.take(key, at_s)
        return 0

    def _asked(self, requester: Requester) -> Sequence[tuple[RateLimit, str]]:
        keys = {
            "visitor": requester.visitor_key,
            "address": requester.address_key,
            "site": "site",
        }
        return [(self._limits[name], key) for name, key in keys.items() if key is not None]


class Rates:
    """Requests that make work are counted before it begins; reading is not."""

    def __init__(self, app: ASGIApp, limits: RateLimits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait_s = self.limits.take(_requester(scope)) if _makes_work(scope) else 0
        if not wait_s:
            await self.app(scope, receive, send)
            return
        response = problem_response(ProblemKind.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(wait_s)
        await response(scope, receive, send)


def _makes_work(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    path: str = scope["path"]
    return path.startswith("/v1/") and not path.endswith("/typing")  # a sign every few seconds


def _requester(scope: Scope) -> Requester:
    client = scope.get("client")
    authorization = Headers(scope=scope).get("authorization", "")
    return Requester(client[0] if client else None, bearer_token(authorization))
