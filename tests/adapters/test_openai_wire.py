"""The chat model's faults over a socket: a real client against a server that speaks its format."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bot.adapters.langchain_chat import CircuitBreaker, LangChainChat
from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import Locale
from bot.domain.knowledge import Evidence, Passage
from bot.domain.policy import Decision
from bot.domain.reply import Answer, DecisionKind
from bot.domain.understanding import Intent, Understanding
from bot.services.acting import Actor, Performance
from bot.services.grounding import Fallback
from bot.services.writing import Writer
from tests.services.passages import with_sentences

pytest.importorskip("langchain_openai", reason="the extra [openai] is not installed")

FIRST_TOKEN_S, TOTAL_S = 0.6, 1.2
GOOD = "A deleted field cannot be recovered [1]."
ASKED = Understanding(
    "Can I get it back?", Locale.EN, Intent.QUESTION, "Can I get a deleted field back?"
)
Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


def event(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps(chunk | {'choices': [choice]}, ensure_ascii=False)}\n\n".encode()


def head(status: int = 200, kind: str = "text/event-stream", more: str = "") -> bytes:
    line = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{more}Connection: close\r\n\r\n"
    return line.encode()


def says(*pieces: bytes, pause_s: float = 0.0) -> Answering:
    async def answer(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return answer


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


def refuses(status: int, more: str = "") -> Answering:
    body = json.dumps({"error": {"message": "no", "type": "x", "code": "x"}}).encode()
    return says(head(status, "application/json", more), body)


END = event("", "stop") + b"data: [DONE]\n\n"
WRONG_SHAPE = json.dumps({"object": "list", "data": []}).encode()
LONG = event("word " * 20_000)
SPLIT = event("删除的字段 " + GOOD) + END
FAULTS: dict[str, Answering] = {
    "hang": hang,
    "401": refuses(401),
    "429": refuses(429),
    "429 with Retry-After": refuses(429, "Retry-After: 60\r\n"),
    "500": refuses(500),
    "nothing": says(),
    "drop in the middle": says(head(), event("A deleted field ")),
    "one byte a time": says(head(), *(bytes([b]) for b in event(GOOD) + END), pause_s=0.05),
    "malformed events": says(head(), b"data: {nonsense\n\n", END),
    "empty": says(head(), END),
    "10 MB": says(head(), *[LONG] * 100, END),
    "wrong shape": says(head(), b"data: " + WRONG_SHAPE + b"\n\n", END),
    "wrong kind": says(head(kind="text/html"), b"<html>busy</html>"),
}


@dataclass
class Server:
    url: str
    asked: int = 0


@asynccontextmanager
async def serving(answer: Answering) -> AsyncIterator[Server]:
    server = Server("")

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            size = next(
                int(line.split(b":")[1])
                for line in request.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            )
            await reader.readexactly(size)
            server.asked += 1
            await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield server
    finally:
        listening.close()


def actor(url: str, breaker: CircuitBreaker | None = None) -> Actor:
    chat = LangChainChat(
        "openai:m",
        first_token_timeout_s=FIRST_TOKEN_S,
        total_timeout_s=TOTAL_S,
        breaker=breaker,
        base_url=url,
        api_key="sk-test",
    )
    return Actor(PromptFiles(), "", Writer(chat, PromptFiles(), TOTAL_S + 1))


async def acted(acting: Actor, passages: tuple[Passage, ...]) -> Performance:
    decision = Decision(DecisionKind.ANSWER)
    return await acting.act(decision, ASKED, Evidence(passages, 0.9, "s"))


PASSAGES = (with_sentences("A deleted field does not go to the trash and cannot be recovered."),)


async def test_what_is_grounded_is_used() -> None:
    async with serving(says(head(), event(GOOD[:9]), event(GOOD[9:]), END)) as server:
        done = await acted(actor(server.url), PASSAGES)
    assert (done.act.text, done.fallback) == (GOOD, None)
    assert server.asked == 1


async def test_a_character_in_two_pieces_is_one() -> None:
    cut = SPLIT.index("删".encode()) + 1
    async with serving(says(head(), SPLIT[:cut], SPLIT[cut:], pause_s=0.05)) as server:
        done = await acted(actor(server.url), PASSAGES)
    assert "\ufffd" not in done.act.text
    assert done.fallback is Fallback.UNGROUNDED


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_leaves_the_cited_extractive_answer(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    started = time.monotonic()
    async with serving(FAULTS[fault]) as server:
        with caplog.at_level(logging.WARNING):
            done = await acted(actor(server.url), PASSAGES)
    assert isinstance(done.act, Answer)
    assert done.act.citations
    assert "cannot be recovered" in done.act.text
    assert done.fallback is not None
    assert done.model is None
    assert time.monotonic() - started < TOTAL_S + 2
    assert len([r for r in caplog.records if r.name.startswith("bot.")]) <= 1


async def test_a_refused_connection_is_one_log_line(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(hang) as server:
        url = server.url
    with caplog.at_level(logging.WARNING):
        done = await acted(actor(url), PASSAGES)
    assert done.fallback is Fallback.UNAVAILABLE
    assert len([r for r in caplog.records if r.name.startswith("bot.")]) == 1


async def test_the_breaker_leaves_a_broken_provider_alone() -> None:
    async with serving(refuses(429)) as server:
        acting = actor(server.url, CircuitBreaker(fewest_calls=3))
        for _ in range(6):
            assert (await acted(acting, PASSAGES)).fallback is Fallback.UNAVAILABLE
    assert server.asked == 3
