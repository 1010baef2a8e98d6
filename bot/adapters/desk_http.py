"""How desks are spoken to over HTTP: bounded in time and size, and every failure is one of two.

DeskUnavailable where the same request may succeed later, DeskRefused where it never will. Neither
ever holds a word of a body: answers may repeat what a customer wrote.
"""

import asyncio
import json
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

import httpx

from bot.domain.outbox import DeskRefused, DeskUnavailable

TIMEOUT_S = 10.0  # of one request with its whole answer; an attempt of the outbox has twice that
MAX_BYTES = 2 * 1024 * 1024  # of an answer
# A piece of 64 KB grows by a thousand at most; with others, or twice, it could fill the memory.
PACKINGS = frozenset({"identity", "gzip", "deflate"})
# What is wrong with the request itself; everything else may pass.
REFUSALS = frozenset({400, 405, 406, 410, 411, 413, 414, 415, 422})
BUSY = frozenset({429, 503})
HINT = "run: firstline desks check"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    data: Any = None  # parsed JSON; None where there was no body


class RequestRefused(DeskRefused):
    """With the answer, from which a desk may tell what it was."""

    def __init__(self, reason: str, answer: Answer) -> None:
        super().__init__(reason)
        self.answer = answer


class DeskHttp:
    def __init__(
        self,
        address: str,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tls`: whom to trust; None for the authorities that browsers trust."""
        self._address = address.rstrip("/")
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": "firstline",
            **(headers or {}),
        }
        self._auth = auth
        self._timeout_s = timeout_s
        self._given_tls = tls

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or httpx.create_ssl_context()

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, expected: Collection[int] = ()
    ) -> Answer:
        return await self.request("GET", path, params=params, expected=expected)

    async def request(
        self,
        method: str,
        path: str = "",
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        expected: Collection[int] = (),
    ) -> Answer:
        """The answer with a status of 2xx or one that is `expected`.

        A redirect is followed nowhere: it would take the credentials along. Raises DeskUnavailable
        and RequestRefused.
        """
        http = self._client()
        try:
            async with asyncio.timeout(self._timeout_s), http as client:
                sent = client.stream(
                    method, self._address + path, params=params, content=content, headers=headers
                )
                async with sent as response:
                    body = await _read(response)
        except TimeoutError as error:
            raise DeskUnavailable(f"no answer in {self._timeout_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise DeskUnavailable(f"not reached: {type(error).__name__}") from error
        return _judge(response, body, expected)

    async def send_json(
        self,
        method: str,
        path: str,
        data: Any,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        expected: Collection[int] = (),
    ) -> Answer:
        return await self.request(
            method,
            path,
            params=params,
            content=encode(data),
            headers={"Content-Type": "application/json", **(headers or {})},
            expected=expected,
        )

    def _client(self) -> httpx.AsyncClient:
        """One a request: deliveries are rare, and nothing is left open between them."""
        return httpx.AsyncClient(
            verify=self._tls,
            headers=self._headers,
            auth=self._auth,
            timeout=self._timeout_s,
            follow_redirects=False,
        )


def encode(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")


def retry_after_s(response: httpx.Response) -> float | None:
    """As asked for, in seconds or as a date by the desk's own clock; None where it says nothing."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    moment = _date(text)
    if moment is None:
        return None
    there = _date(response.headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (moment - there).total_seconds())


async def _read(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity").strip().lower() not in PACKINGS:
        raise DeskUnavailable("the answer is packed in a way that was not asked for")
    parts, taken = [], 0
    async for part in response.aiter_bytes():
        parts.append(part)
        taken += len(part)
        if taken > MAX_BYTES:
            raise DeskUnavailable(f"the answer is larger than {MAX_BYTES} bytes")
    return b"".join(parts)


def _judge(response: httpx.Response, body: bytes, expected: Collection[int]) -> Answer:
    status = response.status_code
    if response.is_success:
        return Answer(status, _parse(body))
    if status in expected:
        return Answer(status, _parsed_or_none(body))
    if status in REFUSALS:
        raise RequestRefused(f"answered {status}", Answer(status, _parsed_or_none(body)))
    if status in BUSY:
        raise DeskUnavailable(f"answered {status}", retry_after_s(response))
    if status in (401, 403):
        raise DeskUnavailable(f"answered {status}: it does not let us in; {HINT}")
    if response.is_redirect or status == 404:
        raise DeskUnavailable(f"answered {status}: the address is another one; {HINT}")
    raise DeskUnavailable(f"answered {status}")


def _parse(body: bytes) -> Any:
    """A page to sign in or of a proxy is no answer, whatever its status."""
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DeskUnavailable("the answer is not JSON") from error


def _parsed_or_none(body: bytes) -> Any:
    try:
        return _parse(body)
    except DeskUnavailable:
        return None


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
