"""The only way to Slack's Web API: by the workspace's token, and not faster than it takes calls."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.refusals import (
    DOUBTFUL,
    TRANSIENT,
    SlackOutcomeUnknown,
    SlackRefused,
    SlackUnavailable,
)

API_URL = "https://slack.com/api/"
TIMEOUT_S = 15.0  # less than an attempt of the outbox
LEAST_WAIT_S = 1.0  # where Slack asks to wait and does not say how long


class Tokens(Protocol):
    async def token(self, team: str) -> str:
        """The bot's in this workspace. Raises DeskRefused where it is not installed."""
        ...


class OneToken:
    """The app is in one workspace."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self, team: str) -> str:
        return self._token


class SlackCalls:
    def __init__(
        self,
        tokens: Tokens,
        url: str = API_URL,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens = tokens
        self.url = url
        self._timeout_s = timeout_s
        self._clock = clock
        self._closed_until: dict[tuple[str, str, str], float] = {}
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False

    async def call(self, team: str, method: str, /, **arguments: Any) -> Mapping[str, Any]:
        """What Slack answered; arguments that are None are left out.

        Raises SlackUnavailable, at once where Slack asked to wait with this method in this channel;
        SlackOutcomeUnknown where it may have been done; SlackRefused.
        """
        if self._is_closed:
            raise SlackUnavailable(f"{method} is left to the next process")
        gate = (team, method, str(arguments.get("channel") or ""))
        wait_s = self._closed_until.get(gate, 0.0) - self._clock()
        if wait_s > 0:
            raise SlackUnavailable(f"Slack takes {method} in {wait_s:.0f} s", wait_s)
        self._closed_until.pop(gate, None)
        client = self._client(await self._tokens.token(team))
        try:
            answer = await client.api_call(method, data=_form(arguments))
        except SlackApiError as error:
            raise self._failure(gate, method, error) from error
        except aiohttp.ClientConnectorError as error:
            raise SlackUnavailable(f"Slack is out of reach: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackOutcomeUnknown(f"no answer to {method}: {type(error).__name__}") from error
        return answer.data if isinstance(answer.data, dict) else {}

    async def close(self) -> None:
        """For good: whoever calls later is put off, and finds it done by the next process."""
        self._is_closed = True
        if self._session is not None:
            await self._session.close()

    def _client(self, token: str) -> AsyncWebClient:
        if self._session is None:
            limit = aiohttp.ClientTimeout(total=self._timeout_s)
            self._session = aiohttp.ClientSession(timeout=limit)
        # No retries of its own: it would post again what had been posted.
        return AsyncWebClient(token, base_url=self.url, session=self._session, retry_handlers=[])

    def _failure(
        self, gate: tuple[str, str, str], method: str, error: SlackApiError
    ) -> SlackUnavailable | SlackRefused:
        response = error.response
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
        body = getattr(response, "data", None)
        code = str(body.get("error", "")) if isinstance(body, dict) else ""
        if status == 429 or code in TRANSIENT:
            wait_s = _wait_of(response.headers)
            if status == 429:
                self._closed_until[gate] = self._clock() + wait_s
            return SlackUnavailable(f"Slack puts {method} off: {code or status}", wait_s)
        if status >= 500 or code in DOUBTFUL or not code:
            return SlackOutcomeUnknown(f"Slack failed at {method}: {code or status}")
        return SlackRefused(method, code, _detail(body))


def _form(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Every method takes forms; only some take JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in arguments.items()
        if value is not None
    }


def _wait_of(headers: Mapping[str, str]) -> float:
    asked = headers.get("Retry-After", "")
    return max(float(asked), LEAST_WAIT_S) if asked.isdigit() else LEAST_WAIT_S


def _detail(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    needed = body.get("needed")
    return f"needs {needed}" if needed else ""
