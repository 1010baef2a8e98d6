"""The only way to DingTalk's API: by the app's access token, and not faster than it takes calls."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from bot.channels.dingtalk.refusals import (
    STALE_TOKEN,
    DingTalkDoubtful,
    DingTalkUnavailable,
    failure,
)
from bot.domain.outbox import DeskRefused, DeskUnavailable

API_URL = "https://api.dingtalk.com"
FORMER_URL = "https://oapi.dingtalk.com"  # of the directory, which has no newer address
TIMEOUT_S = 15.0  # less than an attempt of the outbox
RENEWED_BEFORE_S = 300.0  # the token's end
TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Credentials:
    client_id: str
    client_secret: str
    robot_code: str = ""

    @property
    def robot(self) -> str:
        """That of an app of the company is its client id."""
        return self.robot_code or self.client_id


class DingTalkCalls:
    def __init__(
        self,
        credentials: Credentials,
        url: str = API_URL,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`url`: of all of its API, where that is not DingTalk's own."""
        self.robot = credentials.robot
        self.url = url.rstrip("/")
        self._credentials = credentials
        self._former_url = FORMER_URL if self.url == API_URL else self.url
        self._timeout_s = timeout_s
        self._clock = clock
        self._http: httpx.AsyncClient | None = None
        self._token = ""
        self._token_until = 0.0
        self._renewing = asyncio.Lock()
        self._closed_until: dict[str, float] = {}
        self._is_closed = False

    async def call(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        """What DingTalk answered.

        Raises DingTalkUnavailable, at once where DingTalk asked to wait with this path;
        DingTalkDoubtful where it may have been done; DingTalkRefused.
        """
        self._check_gate(path)
        answer = await self._attempt(method, path, body)
        if _code(answer) in STALE_TOKEN or answer.status_code == 401:
            self._token = ""
            answer = await self._attempt(method, path, body)
        if answer.is_success:
            return _json(answer)
        raise self._failure(path, answer, _code(answer), str(_json(answer).get("message", "")))

    async def call_former(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Likewise, of the directory."""
        self._check_gate(path)
        answer = await self._attempt_former(path, body)
        if str(_json(answer).get("errcode")) in STALE_TOKEN:
            self._token = ""
            answer = await self._attempt_former(path, body)
        told = _json(answer)
        if answer.is_success and told.get("errcode") == 0:
            return told
        code = str(told.get("sub_code") or told.get("errcode") or "")
        raise self._failure(path, answer, code, str(told.get("errmsg", "")))

    async def token(self) -> str:
        """Raises as above."""
        async with self._renewing:
            if not self._token or self._clock() >= self._token_until:
                told = await self._new_token()
                if not told.get("accessToken"):
                    raise DingTalkUnavailable("DingTalk answered without an access token")
                self._token = str(told["accessToken"])
                until = float(told.get("expireIn") or 0) - RENEWED_BEFORE_S
                self._token_until = self._clock() + max(until, 1.0)
            return self._token

    async def post_unsigned(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Of what proves itself by what it says."""
        answer = await self._send("POST", f"{self.url}{path}", body, {})
        if answer.is_success:
            return _json(answer)
        raise self._failure(path, answer, _code(answer), str(_json(answer).get("message", "")))

    async def answer(self, url: str, body: Mapping[str, Any]) -> None:
        """What somebody said, by the address that came with it. Raises as above."""
        told = await self._send("POST", url, body, {})
        code = str(_json(told).get("errcode", "" if told.is_success else told.status_code))
        if not told.is_success or code not in ("", "0"):
            raise self._failure("sessionWebhook", told, code, str(_json(told).get("errmsg", "")))

    async def close(self) -> None:
        """For good: whoever calls later is put off, and finds it done by the next process."""
        self._is_closed = True
        if self._http is not None:
            await self._http.aclose()

    async def _new_token(self) -> Answer:
        given = self._credentials
        names = {"appKey": given.client_id, "appSecret": given.client_secret}
        return await self.post_unsigned("/v1.0/oauth2/accessToken", names)

    async def _attempt(self, method: str, path: str, body: Mapping[str, Any]) -> httpx.Response:
        headers = {TOKEN_HEADER: await self.token()}
        return await self._send(method, f"{self.url}{path}", body, headers)

    async def _attempt_former(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        url = f"{self._former_url}{path}?access_token={await self.token()}"
        return await self._send("POST", url, body, {})

    async def _send(
        self, method: str, url: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> httpx.Response:
        what = httpx.URL(url).path
        if self._is_closed:
            raise DingTalkUnavailable(f"{what} is left to the next process")
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=self._timeout_s)
        try:
            return await self._http.request(method, url, json=dict(body), headers=dict(headers))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            name = type(error).__name__
            raise DingTalkUnavailable(f"DingTalk is out of reach: {name}") from error
        except httpx.HTTPError as error:
            raise DingTalkDoubtful(f"no answer to {what}: {type(error).__name__}") from error

    def _check_gate(self, path: str) -> None:
        wait_s = self._closed_until.get(path, 0.0) - self._clock()
        if wait_s > 0:
            raise DingTalkUnavailable(f"DingTalk takes {path} in {wait_s:.0f} s", wait_s)
        self._closed_until.pop(path, None)

    def _failure(
        self, path: str, answer: httpx.Response, code: str, detail: str
    ) -> DeskRefused | DeskUnavailable:
        error = failure(path, answer.status_code, code, detail)
        if isinstance(error, DeskUnavailable) and error.retry_after_s:
            self._closed_until[path] = self._clock() + error.retry_after_s
        return error


def _json(answer: httpx.Response) -> Answer:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _code(answer: httpx.Response) -> str:
    return "" if answer.is_success else str(_json(answer).get("code", ""))
