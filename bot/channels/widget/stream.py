"""Server-sent events: a turn as it happens, and a conversation's messages as they arrive."""

import asyncio
import json
import logging
import re
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Send

from bot.channels.problems import ProblemKind, problem_json
from bot.channels.widget.shapes import message_json
from bot.domain.conversation import Author, Conversation, ConversationStatus
from bot.domain.errors import StoreError
from bot.domain.reply import Delta, Reply, ReplyEvent, StageStarted
from bot.ports import Store
from bot.services.running_turn import RunningTurn, TurnFailed

log = logging.getLogger(__name__)

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
HEARTBEAT_S = 15.0
RECONNECT_MS = 1000  # after a server that leaves has ended the stream

# As many digits as events a turn may have; `int` refuses thousands of them.
_NUMBER = re.compile("[0-9]{1,9}")

Frames = AsyncGenerator[bytes]
AgentName = Callable[[str], Awaitable[str | None]]  # None for one who is not known any more


@dataclass(frozen=True, slots=True)
class Signs:
    """What a conversation shows beside its messages: the latest data of each event, by name."""

    look: Callable[[str], Awaitable[Mapping[str, Mapping[str, Any]]]]
    quiet: Mapping[str, Mapping[str, Any]]  # what goes without saying
    agent_name: AgentName


class EventStream(EventSourceResponse):
    """Frames with heartbeats between them, until they end or the reader is gone."""

    def __init__(self, frames: Frames, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._frames = add_heartbeats(frames, heartbeat_s)
        super().__init__(self._frames, headers=HEADERS)

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._frames):
            await super().stream_response(send)


async def add_heartbeats(frames: Frames, interval_s: float) -> Frames:
    """A comment after every quiet interval, so that nothing in between takes it for dead."""
    upcoming = asyncio.create_task(_next(frames))
    try:
        while True:
            while not (await asyncio.wait([upcoming], timeout=interval_s))[0]:
                yield KEEPALIVE_COMMENT
            frame = upcoming.result()
            if frame is None:
                return
            yield frame
            upcoming = asyncio.create_task(_next(frames))
    finally:
        # In a task of its own: a reader who left cancels every wait in here, again and again.
        await asyncio.shield(asyncio.create_task(_end(frames, upcoming)))


async def _end(frames: Frames, upcoming: asyncio.Task[bytes | None]) -> None:
    """What still runs cannot be closed, so it is stopped first."""
    upcoming.cancel()
    await asyncio.wait([upcoming])
    await frames.aclose()


async def _next(frames: Frames) -> bytes | None:
    return await anext(frames, None)


def frame(event: str, data: Mapping[str, Any], event_id: str | None) -> bytes:
    # Escaped to ASCII: no line separator of any kind can end a field early.
    return format_sse_event(data_str=json.dumps(data), event=event, id=event_id)


async def turn_frames(turn: RunningTurn, last_event_id: str | None) -> Frames:
    """`status`, `delta`, `reply`, `done`; `error` (a problem) where no reply came."""
    last = _position(turn, last_event_id)
    turn = turn if last else turn.replay()
    try:
        async for event in turn.events(last):
            last = event.id
            name, data = _event_json(event.value)
            yield frame(name, data, f"{turn.attempt}.{last}")
        yield frame("done", {}, f"{turn.attempt}.{last + 1}")
    except TurnFailed:
        problem = problem_json(ProblemKind.TURN_FAILED)
        yield frame("error", problem, f"{turn.attempt}.{last + 1}")


def _position(turn: RunningTurn, last_event_id: str | None) -> int:
    """Where to go on; from the start when the id was given by another attempt at the turn."""
    attempt, _, number = (last_event_id or "").rpartition(".")
    return int(number) if attempt == turn.attempt and _NUMBER.fullmatch(number) else 0


def _event_json(event: ReplyEvent) -> tuple[str, dict[str, Any]]:
    match event:
        case StageStarted():
            return "status", {"stage": event.stage.value}
        case Delta():
            return "delta", {"text": event.text}
        case Reply():
            return "reply", event.as_json()


class Arrivals:
    """Wakes those who wait for news of a conversation."""

    def __init__(self) -> None:
        self.closed = False
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def watch(self, conversation: str) -> Iterator[asyncio.Event]:
        arrived = asyncio.Event()
        self._waiting[conversation].add(arrived)
        try:
            yield arrived
        finally:
            self._waiting[conversation].discard(arrived)
            if not self._waiting[conversation]:
                del self._waiting[conversation]

    def close(self) -> None:
        """Ends the waiting for good: a stream without end would hold up a server that leaves."""
        self.closed = True
        for arrived in chain.from_iterable(self._waiting.values()):
            arrived.set()

    @property
    def watched(self) -> int:
        """How many conversations somebody waits for."""
        return len(self._waiting)

    def readers_of(self, conversation: str) -> int:
        return len(self._waiting.get(conversation, ()))

    def announce(self, conversation: str) -> None:
        for arrived in self._waiting.get(conversation, ()):
            arrived.set()


async def message_frames(
    store: Store,
    arrivals: Arrivals,
    conversation: str,
    after: str | None,
    poll_s: float,
    current: Callable[[], Awaitable[Conversation | None]],
    signs: Signs,
) -> Frames:
    """Every message after the one with the id `after`, the status and other signs, then whatever is
    new, until `arrivals` close (the reader is told to reconnect) or `current` finds nothing to read
    any more.

    `poll_s` is how late a message may be that another process has stored. A status has the id of
    the message before it, so that resuming from it misses nothing.
    """
    status: ConversationStatus | None = None
    shown = dict(signs.quiet)
    with arrivals.watch(conversation) as arrived:
        while not arrivals.closed:
            arrived.clear()
            try:
                shapes = await messages_json(store, conversation, after, signs.agent_name)
                seen = await signs.look(conversation)
                found = await current()  # asked last: what was read may be newer than a refusal
                if found is None:
                    return
            except StoreError:
                log.warning("messages not read: conversation=%s", conversation, exc_info=True)
                shapes, seen, found = [], {}, None
            for shape in shapes:
                after = shape["id"]
                yield frame("message", shape, after)
            if found is not None and found.status is not status:
                status = found.status
                yield frame("status", {"status": status.value}, after)
            for name, sign in seen.items():
                if shown.get(name) != sign:
                    shown[name] = sign
                    yield frame(name, sign, after)
            with suppress(TimeoutError):
                async with asyncio.timeout(poll_s):
                    await arrived.wait()
    yield format_sse_event(retry=RECONNECT_MS)


async def messages_json(
    store: Store,
    conversation: str,
    after: str | None = None,
    agent_name: AgentName | None = None,
) -> list[dict[str, Any]]:
    messages = await store.messages(conversation, after)
    said = [message.id for message in messages if message.author is Author.BOT]
    replies = await store.replies(said) if said else {}
    feedback = await store.feedback(said) if said else {}
    shapes = [message_json(message, replies, feedback) for message in messages]
    for message, shape in zip(messages, shapes, strict=True):
        if message.agent is not None and agent_name is not None:
            shape["agent_name"] = await agent_name(message.agent)
    return shapes
