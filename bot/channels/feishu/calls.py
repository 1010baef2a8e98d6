"""The only way to Feishu's API: as the app, by a token that lasts for two hours."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from bot.channels.chat.program import OutcomeUnknown
from bot.channels.feishu.refusals import TOKEN_REFUSED, failure
from bot.domain.outbox import DeskUnavailable

FEISHU = "https://open.feishu.cn"
TIMEOUT_S = 15.0  # less than an attempt of the outbox
TOKEN_CALL = "/open-apis/auth/v3/tenant_access_token/internal"  # noqa: S105
LEFT_S = 600.0  # of a token that is still begun with
WAIT_HEADER = "x-ogw-ratelimit-reset"


@dataclass(frozen=True, slots=True)
class App:
    id: str
    secret: str
    domain: str = FEISHU  # an origin


class Calls(Protocol):
    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, /, **query: str
    ) -> Mapping[str, Any]:
        """What Feishu answered, by the part that says something.

        `path`: below /open-apis/. Raises DeskUnavailable, OutcomeUnknown, FeishuRefused.
        """
        ...


def path(*parts: str) -> str:
    return "/".join(quote(part, safe="/" if n == 0 else "") for n, part in enumerate(parts))


class FeishuCalls:
    def __init__(
        self,
        app: App,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self._timeout_s = timeout_s
        self._clock = clock
        self._http: httpx.AsyncClient | None = None
        self._token = ""
        self._token_ends = 0.0
        self._lock = asyncio.Lock()
        self._is_closed = False

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, /, **query: str
    ) -> Mapping[str, Any]:
        uri = f"/open-apis/{path}"
        for is_last in (False, True):
            token = await self._tenant_token()
            status, answer, wait_s = await self._send(method, uri, body, query, token)
            if answer.get("code") == 0:
                told: Mapping[str, Any] = answer.get("data") or answer
                return told
            if answer.get("code") not in TOKEN_REFUSED or is_last:
                break
            self._token_ends = 0.0  # somebody had it revoked
        raise failure(f"{method} {path}", status, answer, wait_s)

    async def close(self) -> None:
        """For good: whoever calls later is put off, and finds it done by the next process."""
        self._is_closed = True
        if self._http is not None:
            await self._http.aclose()

    async def _tenant_token(self) -> str:
        async with self._lock:
            if self._clock() >= self._token_ends:
                body = {"app_id": self.app.id, "app_secret": self.app.secret}
                status, answer, wait_s = await self._send("POST", TOKEN_CALL, body, {}, "")
                if answer.get("code") != 0:
                    raise failure("the app's token", status, answer, wait_s)
                self._token = str(answer["tenant_access_token"])
                # Within its last half an hour Feishu gives another one.
                self._token_ends = self._clock() + max(
                    float(answer.get("expire") or 0) - LEFT_S, 0.0
                )
            return self._token

    async def _send(
        self,
        method: str,
        uri: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, str],
        token: str,
    ) -> tuple[int, Mapping[str, Any], float | None]:
        """Status, answer, and how long Feishu asks to wait."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._client().request(
                    method, uri, params=dict(query), json=body, headers=headers
                )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise DeskUnavailable(f"Feishu is out of reach: {type(error).__name__}") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutcomeUnknown(f"no answer to {uri}: {type(error).__name__}") from error
        asked = answer.headers.get(WAIT_HEADER, "")
        return answer.status_code, _read(answer.content), float(asked) if asked.isdigit() else None

    def _client(self) -> httpx.AsyncClient:
        """One for all calls: Feishu's package opens a connection for each, with all it takes to
        trust it, which is slower by far than the call."""
        if self._is_closed:
            raise DeskUnavailable("it is left to the next process")
        if self._http is None:
            self._http = httpx.AsyncClient(base_url=self.app.domain, timeout=self._timeout_s)
        return self._http


def _read(content: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
