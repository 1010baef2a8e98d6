"""Turns while the chat model is broken: a local server that speaks the OpenAI wire format badly."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.adapters.langchain_chat import LangChainChat
from bot.bootstrap import Bot, build
from bot.domain.conversation import Author, Conversation, Message
from bot.settings import load_settings
from evals.bench.corpora import spread
from evals.bench.figures import Figure, Section, Stopwatch
from evals.cases import Case

FOLLOW_UP = {"en": "And how do I undo that?", "zh": "那怎么撤销呢？"}  # is rewritten first
BOUND_S = 8.0

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


def event(text: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps(chunk | {'choices': [choice]})}\n\n".encode()


def head(status: int, kind: str = "text/event-stream") -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode()


async def _hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _hang_halfway(writer: asyncio.StreamWriter) -> None:
    await _send(writer, head(200) + event("Open the "))
    await asyncio.Event().wait()


async def _send_bytes_slowly(writer: asyncio.StreamWriter) -> None:
    for byte in head(200) + event("Open the settings."):
        await _send(writer, bytes([byte]))
        await asyncio.sleep(1)


async def _send_letters_slowly(writer: asyncio.StreamWriter) -> None:
    await _send(writer, head(200))
    while True:
        await _send(writer, event("a"))
        await asyncio.sleep(1)


async def _refuse(writer: asyncio.StreamWriter) -> None:
    body = {"error": {"message": "slow down", "type": "rate_limit", "code": "rate_limit"}}
    await _send(writer, head(429, "application/json") + json.dumps(body).encode())


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


FAULTS: Mapping[str, Answering] = {
    "hangs": _hang,
    "hangs after the first words": _hang_halfway,
    "sends a byte a second": _send_bytes_slowly,
    "sends a letter a second": _send_letters_slowly,
    "refuses with 429": _refuse,
}


def measure_faults(
    section: Section, home: Path, cases: Sequence[Case], n: int, spaces: Sequence[str]
) -> Iterator[Figure]:
    """`n` conversations a fault, each of a question and a follow-up; `home` holds the index."""
    for fault, answering in FAULTS.items():
        samples = asyncio.run(_hold(home, spread(cases, n), answering))
        yield section.measured(
            f"turn while the chat model {fault}",
            samples,
            "s",
            spaces=spaces,
            note=f"longest {max(samples):.2f}, wanted at most {BOUND_S:.0f}",
        )


async def _hold(home: Path, cases: Sequence[Case], answering: Answering) -> list[float]:
    """Seconds of each turn."""
    async with _serving(answering) as url:
        chat = LangChainChat("openai:m", base_url=url, api_key="none")
        bot = build(load_settings(home=home), chat=chat)
        watch = Stopwatch()
        bot.reader.load()
        for case in cases[:1]:
            await bot.searcher.search(case.query, 1)  # models are loaded before anybody asks
        try:
            for case in cases:
                await _converse(bot, case, watch)
        finally:
            await bot.turns.close()
    return [milliseconds / 1000 for milliseconds in watch.samples_ms]


async def _converse(bot: Bot, case: Case, watch: Stopwatch) -> None:
    conversation = Conversation("bench")
    await bot.store.add_conversation(conversation)
    for text in (case.query, FOLLOW_UP[case.locale.value]):
        message = Message(conversation.id, Author.CUSTOMER, text)
        with watch.lap():
            await (await bot.turns.submit(message)).result()


@asynccontextmanager
async def _serving(answering: Answering) -> AsyncIterator[str]:
    """The address of a server that answers every request in that way."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answering(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the bot has left
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
