"""Any chat model that LangChain knows, as `provider:model` (the provider's package is an extra)."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from bot.domain.errors import ConfigurationError, ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk

FIRST_TOKEN_TIMEOUT_S = 5.0
TOTAL_TIMEOUT_S = 20.0
# Once it speaks: a model that stops or crawls is broken, and its user is waiting.
STALL_TIMEOUT_S = 2.0
SLOWEST_CHARACTERS_PER_S = 5.0


# How providers say that a text ended before its end.
CUT_SHORT = frozenset({"length", "max_tokens", "content_filter", "safety"})


class TextCutShort(Exception):
    """The provider ended the text early; steps may be missing that nobody would miss."""


class CircuitBreaker:
    """Opens when half of at least `fewest_calls` in `window_s` failed; then one probe a window."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        window_s: float = 30.0,
        fewest_calls: int = 10,
        failure_share: float = 0.5,
    ) -> None:
        self._clock = clock
        self._window_s = window_s
        self._fewest_calls = fewest_calls
        self._failure_share = failure_share
        self._calls: deque[tuple[float, bool]] = deque()  # when it ended, whether well
        self._probe_at: float | None = None  # None: closed
        self._probe = 0
        self._number = 0

    def admit(self) -> int | None:
        """The call's number, to be recorded with its end; None when it must not be made."""
        self._number += 1
        if self._probe_at is not None:
            if self._clock() < self._probe_at:
                return None
            # Moved on at once, so that a probe which never reports does not block for ever.
            self._probe_at = self._clock() + self._window_s
            self._probe = self._number
        return self._number

    def record(self, call: int, succeeded: bool) -> None:
        now = self._clock()
        if self._probe_at is not None:
            if call == self._probe and succeeded:
                self._probe_at = None
                self._calls.clear()
            return
        self._calls.append((now, succeeded))
        while self._calls[0][0] < now - self._window_s:
            self._calls.popleft()
        failures = sum(not ok for _, ok in self._calls)
        total = len(self._calls)
        if total >= self._fewest_calls and failures >= self._failure_share * total:
            self._probe_at = now + self._window_s


@dataclass(slots=True)
class Pace:
    """Until when the next piece of a text has to come, in seconds of the caller's clock."""

    started: float
    first_token_s: float
    total_s: float
    deadline: float = field(init=False)
    _first_at: float | None = None
    _characters: int = 0

    def __post_init__(self) -> None:
        self.deadline = self.started + self.first_token_s

    def hear(self, characters: int, at: float) -> None:
        if self._first_at is None:
            self._first_at = at
        self._characters += characters
        earned_s = STALL_TIMEOUT_S + self._characters / SLOWEST_CHARACTERS_PER_S
        self.deadline = min(
            at + STALL_TIMEOUT_S, self._first_at + earned_s, self.started + self.total_s
        )


class LangChainChat:
    def __init__(
        self,
        model: "str | BaseChatModel",
        *,
        first_token_timeout_s: float = FIRST_TOKEN_TIMEOUT_S,
        total_timeout_s: float = TOTAL_TIMEOUT_S,
        breaker: CircuitBreaker | None = None,
        **options: Any,
    ) -> None:
        """`options` go to the provider; raises ConfigurationError when it cannot be set up."""
        # Retries and waiting are counted here, once, and not also inside of the provider.
        limits = {"max_retries": 0, "timeout": total_timeout_s}
        self._model = _load(model, limits | options) if isinstance(model, str) else model
        self.name = model if isinstance(model, str) else type(model).__name__
        self._first_token_timeout_s = first_token_timeout_s
        self._total_timeout_s = total_timeout_s
        self._breaker = breaker or CircuitBreaker()

    async def stream(self, system: str, user: str) -> AsyncGenerator[str, None]:
        """Pieces of text, none empty; one more attempt when the first broke before any text."""
        started = asyncio.get_running_loop().time()
        for is_last in (False, True):
            spoken = False
            try:
                async with aclosing(self._attempt(system, user, started)) as pieces:
                    async for piece in pieces:
                        spoken = True
                        yield piece
                return
            except ModelUnavailable as error:
                if spoken or is_last or not _is_worth_repeating(error.__cause__):
                    raise

    async def _attempt(self, system: str, user: str, started: float) -> AsyncGenerator[str, None]:
        call = self._breaker.admit()
        if call is None:
            raise ModelUnavailable("the chat model failed too often; it is left alone for a while")
        try:
            async with aclosing(self._pieces(system, user, started)) as pieces:
                async for piece in pieces:
                    yield piece
        except Exception as error:
            self._breaker.record(call, succeeded=False)
            # The provider's message may quote the conversation, its kind does not.
            raise ModelUnavailable(type(error).__name__) from error
        self._breaker.record(call, succeeded=True)

    async def _pieces(self, system: str, user: str, started: float) -> AsyncGenerator[str, None]:
        now = asyncio.get_running_loop().time
        pace = Pace(started, self._first_token_timeout_s, self._total_timeout_s)
        chunks = cast(
            "AsyncGenerator[AIMessageChunk, None]",
            self._model.astream([("system", system), ("human", user)]),
        )
        async with aclosing(chunks):
            while True:
                # No time-out may span a yield: it would hit whoever reads the pieces.
                async with asyncio.timeout_at(pace.deadline):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                if chunk.text:
                    yield str(chunk.text)
                    pace.hear(len(chunk.text), now())
                if _is_cut_short(chunk):
                    raise TextCutShort


def _is_cut_short(chunk: "AIMessageChunk") -> bool:
    said = (chunk.response_metadata.get(k) for k in ("finish_reason", "stop_reason", "done_reason"))
    return any(str(reason).lower() in CUT_SHORT for reason in said)


def _is_worth_repeating(cause: BaseException | None) -> bool:
    """Not after a time-out, and not when the provider said no (wrong key, too many requests)."""
    status = getattr(cause, "status_code", None)
    refused = isinstance(status, int) and 400 <= status < 500
    return cause is not None and not refused and not isinstance(cause, TimeoutError)


def _load(model: str, options: dict[str, Any]) -> "BaseChatModel":
    try:
        from langchain.chat_models import init_chat_model
    except ImportError as error:
        raise ConfigurationError(
            "chat models need langchain; run: pip install 'firstline[langchain]'"
        ) from error
    try:
        loaded: BaseChatModel = init_chat_model(model, **options)
    except ValidationError as error:
        # Its own text would show the values, keys among them.
        where = ", ".join(".".join(map(str, e["loc"])) for e in error.errors(include_input=False))
        raise ConfigurationError(f"chat model {model}: wrong settings: {where}") from None
    except Exception as error:
        raise ConfigurationError(f"chat model {model}: {error}") from error
    return loaded
