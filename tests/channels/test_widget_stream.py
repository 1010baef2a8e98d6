"""Frames on their way: heartbeats between them, an end for readers who stall or leave."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from bot.channels.widget.stream import (
    Arrivals,
    EventStream,
    Signs,
    add_heartbeats,
    message_frames,
    turn_frames,
)
from bot.domain.conversation import Author, Conversation, ConversationStatus, Message, new_id
from bot.domain.reply import Delta
from bot.services.running_turn import RunningTurn
from tests.fakes import FakeStore, reply_to
from tests.web import serve, until

PING = b": ping\n\n"
MESSAGE = Message("a", Author.CUSTOMER, "How do I create a team?")


async def current() -> Conversation:
    return Conversation(channel="widget", id="a")


async def see_nothing(_: str) -> dict[str, dict[str, object]]:
    return {}


async def name_nobody(_: str) -> None:
    return None


QUIET = Signs(see_nothing, {}, name_nobody)


def follow(
    store: FakeStore, arrivals: Arrivals, poll_s: float = 60, after: str | None = None
) -> AsyncGenerator[bytes]:
    return message_frames(store, arrivals, "a", after, poll_s, current, QUIET)


class Source:
    """Gives out each frame when told to; knows whether it was closed."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.closed = False

    async def __call__(self) -> AsyncGenerator[bytes]:
        try:
            while (frame := await self.frames.get()) is not None:
                yield frame
        finally:
            self.closed = True


async def test_heartbeats_fill_the_quiet_and_lose_no_frame() -> None:
    source = Source()
    beating = add_heartbeats(source(), interval_s=0.001)
    assert [await anext(beating) for _ in range(3)] == [PING] * 3
    for frame in (b"1", b"2", None):
        source.frames.put_nowait(frame)
    assert [frame async for frame in beating if frame != PING] == [b"1", b"2"]


async def test_no_heartbeat_while_frames_come() -> None:
    source = Source()
    for frame in (b"1", b"2", None):
        source.frames.put_nowait(frame)
    assert [frame async for frame in add_heartbeats(source(), interval_s=60)] == [b"1", b"2"]


async def test_closing_the_heartbeats_closes_the_frames() -> None:
    source = Source()
    async with aclosing(add_heartbeats(source(), interval_s=0.001)) as beating:
        await anext(beating)
    assert source.closed


async def test_closing_between_frames_closes_them_too() -> None:
    source = Source()
    source.frames.put_nowait(b"1")
    frames = source()
    async with aclosing(add_heartbeats(frames, interval_s=60)) as beating:
        assert await anext(beating) == b"1"
    assert source.closed


async def receive() -> dict[str, Any]:
    await asyncio.Event().wait()
    return {}


async def test_a_reader_who_hangs_up_closes_the_frames() -> None:
    source = Source()
    started = asyncio.Event()

    async def hang_up() -> dict[str, Any]:
        await started.wait()
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        started.set()

    await EventStream(source())({"type": "http"}, hang_up, send)
    await until(lambda: source.closed)


async def test_a_reader_who_leaves_a_real_server_leaves_no_error_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, arrivals = FakeStore(), Arrivals()
    await store.accept(MESSAGE)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await EventStream(follow(store, arrivals))(scope, receive, send)

    async with serve(app, lifespan="off") as url, httpx.AsyncClient() as client:
        async with client.stream("GET", url) as response:
            await anext(response.aiter_lines())
        await until(lambda: arrivals.watched == 0)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("number", ["9" * 5000, "1" * 10, "-1", "", "٣", "²", " 1", "1_0"])
async def test_a_position_nobody_gave_out_begins_anew(number: str) -> None:
    turn = RunningTurn(MESSAGE)
    turn.publish(Delta("a"))
    turn.publish(reply_to(MESSAGE, "a"))
    turn.end()
    frames = [frame async for frame in turn_frames(turn, f"{turn.attempt}.{number}")]
    assert [frame.split(b"\n")[0] for frame in frames] == [b"event: reply", b"event: done"]


async def test_no_text_ends_a_field_early() -> None:
    turn = RunningTurn(MESSAGE)
    text = "a\n\nevent: done\ndata: {}\r\n\r\x85\u2028\u2029\x00 [DONE]"
    turn.publish(Delta(text))
    turn.publish(reply_to(MESSAGE, text))
    turn.end()
    frames = [frame async for frame in turn_frames(turn, f"{turn.attempt}.0")]
    frames += [frame async for frame in turn_frames(turn, f"{turn.attempt}.1")]
    assert len(frames) == 4  # reply and done each time
    for frame in frames:
        assert frame.endswith(b"\n\n")
        fields = [line.split(b": ")[0] for line in frame[:-2].splitlines()]
        assert fields == [b"event", b"data", b"id"]


async def test_messages_go_on_when_the_store_is_back() -> None:
    store, arrivals = FakeStore(), Arrivals()
    await store.add_conversation(Conversation(channel="widget", id="a"))
    await store.accept(MESSAGE)
    store.broken = True
    async with aclosing(follow(store, arrivals, poll_s=0.001)) as frames:
        upcoming = asyncio.ensure_future(anext(frames))
        await asyncio.wait([upcoming], timeout=0.02)
        assert not upcoming.done()
        store.broken = False
        assert MESSAGE.id.encode() in await upcoming


async def test_a_bell_wakes_its_own_conversation_only() -> None:
    arrivals = Arrivals()
    with arrivals.watch("a") as a, arrivals.watch("b") as b, arrivals.watch("a") as also_a:
        assert arrivals.watched == 2
        arrivals.announce("a")
        assert (a.is_set(), also_a.is_set(), b.is_set()) == (True, True, False)
    assert arrivals.watched == 0
    arrivals.announce("a")
    assert arrivals.watched == 0


async def test_closing_wakes_everybody_and_says_when_to_come_again() -> None:
    store, arrivals = FakeStore(), Arrivals()
    async with aclosing(follow(store, arrivals)) as frames:
        assert b"event: status" in await anext(frames)
        upcoming = asyncio.ensure_future(anext(frames))
        await until(lambda: arrivals.watched == 1)
        arrivals.close()
        assert await upcoming == b"retry: 1000\n\n"
        assert await anext(frames, b"the end") == b"the end"
    assert arrivals.watched == 0
    late = follow(store, arrivals)
    assert [frame async for frame in late] == [b"retry: 1000\n\n"]


async def test_a_status_is_told_at_once_and_when_it_changes() -> None:
    store, arrivals = FakeStore(), Arrivals()
    await store.accept(MESSAGE)
    states = iter([ConversationStatus.PENDING] * 3 + [ConversationStatus.OPEN] * 2)

    async def current() -> Conversation | None:
        status = next(states, None)
        return Conversation(channel="widget", id="a", status=status) if status else None

    frames = [f async for f in message_frames(store, arrivals, "a", None, 0.001, current, QUIET)]
    assert [frame.split(b"\n")[:2] for frame in frames[1:]] == [
        [b"event: status", b'data: {"status": "pending"}'],
        [b"event: status", b'data: {"status": "open"}'],
    ]
    assert all(frame.endswith(f"id: {MESSAGE.id}\n\n".encode()) for frame in frames[:-1])


async def test_reading_on_from_a_status_misses_nothing() -> None:
    store, arrivals = FakeStore(), Arrivals()
    await store.accept(MESSAGE)
    async with aclosing(follow(store, arrivals)) as frames:
        await anext(frames)
        status = await anext(frames)
    later = replace(MESSAGE, id=new_id())
    await store.accept(later)
    after = status.decode().partition("id: ")[2].strip()
    async with aclosing(follow(store, arrivals, after=after)) as frames:
        assert f"id: {later.id}".encode() in await anext(frames)
