import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import BaseModel

from bot.adapters.langchain_chat import (
    SLOWEST_CHARACTERS_PER_S,
    STALL_TIMEOUT_S,
    CircuitBreaker,
    LangChainChat,
    Pace,
)
from bot.domain.errors import ConfigurationError, ModelUnavailable


class ProviderError(Exception):
    def __init__(self, message: str, status_code: int | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code


class ScriptedModel(GenericFakeChatModel):
    """Each call takes the next script.

    Its steps: pieces to say, seconds to wait, exceptions to raise, None to hang at.
    """

    scripts: list[list[Any]]
    seen: list[list[BaseMessage]]

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.seen.append(messages)
        for step in self.scripts.pop(0):
            if step is None:
                await asyncio.Event().wait()
            if isinstance(step, Exception):
                raise step
            if isinstance(step, float):
                await asyncio.sleep(step)
                continue
            chunk = step if isinstance(step, AIMessageChunk) else AIMessageChunk(content=step)
            yield ChatGenerationChunk(message=chunk)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def scripted(*scripts: list[Any]) -> ScriptedModel:
    return ScriptedModel(messages=iter(()), scripts=list(scripts), seen=[])


async def said(chat: LangChainChat) -> list[str]:
    return [piece async for piece in chat.stream("Be brief.", "Why?")]


async def test_pieces_come_as_the_model_says_them() -> None:
    model = GenericFakeChatModel(messages=iter(["Because of it [1]."]))
    pieces = await said(LangChainChat(model))
    assert "".join(pieces) == "Because of it [1]."
    assert len(pieces) > 1


async def test_the_model_gets_system_and_user_text() -> None:
    model = scripted(["x"])
    await said(LangChainChat(model))
    assert [(m.type, m.content) for m in model.seen[0]] == [
        ("system", "Be brief."),
        ("human", "Why?"),
    ]


async def test_only_text_counts() -> None:
    blocks = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "a"}]
    assert await said(LangChainChat(scripted(["", blocks, "", "b"]))) == ["a", "b"]


async def test_braces_in_the_data_are_no_template() -> None:
    model = scripted(["x"])
    async for _ in LangChainChat(model).stream("{system}", "{user} {{x}}"):
        pass
    assert [m.content for m in model.seen[0]] == ["{system}", "{user} {{x}}"]


async def test_a_failure_before_any_text_is_tried_once_more() -> None:
    model = scripted([ProviderError("reset")], ["fine"])
    assert await said(LangChainChat(model)) == ["fine"]


async def test_the_second_failure_stands() -> None:
    model = scripted([ProviderError("reset")], [ProviderError("reset")], ["too late"])
    with pytest.raises(ModelUnavailable):
        await said(LangChainChat(model))
    assert len(model.seen) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 429])
async def test_a_refusal_is_not_repeated(status: int) -> None:
    model = scripted([ProviderError("no", status)], ["never"])
    with pytest.raises(ModelUnavailable):
        await said(LangChainChat(model))
    assert len(model.seen) == 1


async def test_a_stream_that_breaks_is_not_repeated() -> None:
    model = scripted(["half a ", ProviderError("dropped")], ["never"])
    pieces = LangChainChat(model).stream("s", "u")
    assert await anext(pieces) == "half a "
    with pytest.raises(ModelUnavailable):
        await anext(pieces)
    assert len(model.seen) == 1


@pytest.mark.parametrize(
    "end", [{"finish_reason": "length"}, {"stop_reason": "max_tokens"}, {"finish_reason": "SAFETY"}]
)
async def test_a_text_that_was_cut_short_is_a_failure(end: dict[str, str]) -> None:
    model = scripted(["1. Open", AIMessageChunk(content="", response_metadata=end)])
    with pytest.raises(ModelUnavailable, match="TextCutShort"):
        await said(LangChainChat(model))


async def test_a_text_that_ends_well_is_none() -> None:
    end = AIMessageChunk(content="", response_metadata={"finish_reason": "stop"})
    assert await said(LangChainChat(scripted(["fine", end]))) == ["fine"]


async def test_the_message_names_the_kind_and_quotes_nothing() -> None:
    model = scripted([ProviderError("prompt was: Why?", 400)])
    with pytest.raises(ModelUnavailable, match=r"^ProviderError$"):
        await said(LangChainChat(model))


async def test_a_model_that_says_nothing_at_all_is_unavailable() -> None:
    with pytest.raises(ModelUnavailable):
        await said(LangChainChat(scripted([], [])))


@pytest.mark.parametrize("script", [[None], ["", None]], ids=["silent", "empty pieces"])
async def test_the_first_token_is_waited_for_only_so_long(script: list[Any]) -> None:
    model = scripted(script, ["never"])
    with pytest.raises(ModelUnavailable) as raised:
        await said(LangChainChat(model, first_token_timeout_s=0.01))
    assert isinstance(raised.value.__cause__, TimeoutError)
    assert len(model.seen) == 1


async def test_the_whole_text_is_waited_for_only_so_long() -> None:
    model = scripted(["a", None])
    chat = LangChainChat(model, first_token_timeout_s=30, total_timeout_s=0.01)
    with pytest.raises(ModelUnavailable) as raised:
        await said(chat)
    assert isinstance(raised.value.__cause__, TimeoutError)


async def test_after_the_first_token_the_model_may_take_longer() -> None:
    chat = LangChainChat(scripted(["a", 0.6, "b"]), first_token_timeout_s=0.5, total_timeout_s=60)
    assert await said(chat) == ["a", "b"]


async def test_a_slow_reader_is_not_hit_by_the_time_limit_itself() -> None:
    chat = LangChainChat(scripted(["a", "b"]), first_token_timeout_s=30, total_timeout_s=0.01)
    pieces = chat.stream("s", "u")
    assert await anext(pieces) == "a"
    await asyncio.sleep(0.03)
    await pieces.aclose()


async def test_an_open_breaker_keeps_the_model_unasked_but_for_one_probe() -> None:
    clock = Clock()
    breaker = CircuitBreaker(clock, window_s=30, fewest_calls=2)
    model = scripted(*([ProviderError("down")] for _ in range(3)), ["up"], ["up"])
    chat = LangChainChat(model, breaker=breaker)
    for _ in range(5):
        with pytest.raises(ModelUnavailable):
            await said(chat)
    assert len(model.seen) == 2
    clock.now_s = 31
    with pytest.raises(ModelUnavailable):
        await said(chat)
    assert len(model.seen) == 3
    clock.now_s = 62
    assert await said(chat) == ["up"]
    assert await said(chat) == ["up"]


class TestCircuitBreaker:
    def test_it_opens_at_half_of_ten(self) -> None:
        breaker = CircuitBreaker(Clock())
        for succeeded in [True] * 5 + [False] * 4:
            self.call(breaker, succeeded)
        assert breaker.admit() is not None
        self.call(breaker, False)
        assert breaker.admit() is None

    def test_fewer_failures_than_half_leave_it_closed(self) -> None:
        breaker = CircuitBreaker(Clock())
        for succeeded in [True] * 6 + [False] * 4:
            self.call(breaker, succeeded)
        assert breaker.admit() is not None

    def test_old_failures_are_forgotten(self) -> None:
        clock = Clock()
        breaker = CircuitBreaker(clock)
        for _ in range(9):
            self.call(breaker, False)
        clock.now_s = 31
        self.call(breaker, False)
        assert breaker.admit() is not None

    def test_there_is_one_probe_a_window(self) -> None:
        clock, breaker = self.opened()
        clock.now_s = 30
        assert breaker.admit() is not None
        assert breaker.admit() is None
        clock.now_s = 60
        assert breaker.admit() is not None

    def test_a_probe_that_succeeds_closes_it(self) -> None:
        clock, breaker = self.opened()
        clock.now_s = 30
        self.call(breaker, True)
        self.call(breaker, False)
        assert breaker.admit() is not None

    def test_a_call_from_before_does_not_close_it(self) -> None:
        clock = Clock()
        breaker = CircuitBreaker(clock)
        straggler = breaker.admit()
        for _ in range(10):
            self.call(breaker, False)
        assert straggler is not None
        breaker.record(straggler, succeeded=True)
        assert breaker.admit() is None

    def opened(self) -> tuple[Clock, CircuitBreaker]:
        clock = Clock()
        breaker = CircuitBreaker(clock)
        for _ in range(10):
            self.call(breaker, False)
        return clock, breaker

    def call(self, breaker: CircuitBreaker, succeeded: bool) -> None:
        call = breaker.admit()
        assert call is not None
        breaker.record(call, succeeded)


class Settings(BaseModel):
    api_key: int


def test_without_langchain_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain.chat_models", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'firstline\[langchain\]'"):
        LangChainChat("openai:gpt-x")


def test_an_unknown_provider_is_a_setting_that_is_wrong() -> None:
    pytest.importorskip("langchain")
    with pytest.raises(ConfigurationError, match="nobody:x"):
        LangChainChat("nobody:x")


def loader(raised: Exception | None, seen: dict[str, Any]) -> object:
    class Module:
        @staticmethod
        def init_chat_model(model: str, **options: Any) -> ScriptedModel:
            seen.update(options, model=model)
            if raised:
                raise raised
            return scripted(["x"])

    return Module()


def test_limits_and_options_go_to_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setitem(sys.modules, "langchain.chat_models", loader(None, seen))
    chat = LangChainChat("openai:gpt-x", total_timeout_s=9, temperature=0)
    assert seen == {"model": "openai:gpt-x", "max_retries": 0, "timeout": 9, "temperature": 0}
    assert chat.name == "openai:gpt-x"


def test_wrong_settings_are_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="api_key") as wrong:
        Settings.model_validate({"api_key": "sk-secret"})
    monkeypatch.setitem(sys.modules, "langchain.chat_models", loader(wrong.value, {}))
    with pytest.raises(ConfigurationError, match="api_key") as raised:
        LangChainChat("openai:gpt-x", api_key="sk-secret")
    assert "sk-secret" not in str(raised.value)


def test_the_first_words_have_a_time_of_their_own() -> None:
    assert Pace(100, first_token_s=6, total_s=20).deadline == 106


def test_a_model_that_stops_is_left() -> None:
    pace = Pace(100, 6, 20)
    pace.hear(500, at=103)
    assert pace.deadline == 103 + STALL_TIMEOUT_S


def test_a_model_that_crawls_is_left() -> None:
    pace, at = Pace(0, 6, 20), 1.0
    while at < pace.deadline:
        pace.hear(1, at)
        at += 1
    assert at < 1 + STALL_TIMEOUT_S / (1 - 1 / SLOWEST_CHARACTERS_PER_S) + 1


def test_a_model_that_keeps_its_pace_has_its_whole_time() -> None:
    pace = Pace(0, 6, 20)
    for at in range(1, 20):
        assert at < pace.deadline
        pace.hear(40, at)
    assert pace.deadline == 20
