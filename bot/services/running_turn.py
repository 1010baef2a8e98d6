"""One turn while it is worked on: its events so far, for readers who come, leave and come back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.conversation import Message, new_id
from bot.domain.errors import BotError
from bot.domain.reply import DecisionKind, Reply, ReplyEvent


class TurnFailed(BotError):
    """A turn ended without a reply; it stays unfinished in the store. Send the message again."""


@dataclass(frozen=True, slots=True)
class TurnEvent:
    id: int  # 1, 2, 3 ... within its attempt
    value: ReplyEvent


@dataclass(frozen=True, slots=True)
class TurnReport:
    """What observers learn of a turn that ended; never the texts."""

    message: str
    conversation: str
    decision: DecisionKind | None  # None: it failed
    seconds: float  # waiting for its place included
    stage_s: Mapping[str, float]


class RunningTurn:
    def __init__(self, message: Message) -> None:
        self.message = message
        self.attempt = new_id()[:8]  # ids of different attempts have nothing in common
        self.reply: Reply | None = None
        self.ended = False
        self._events: list[TurnEvent] = []
        self._news = asyncio.Event()

    @classmethod
    def finished(cls, message: Message, reply: Reply) -> "RunningTurn":
        turn = cls(message)
        turn.publish(reply)
        turn.end()
        return turn

    def publish(self, value: ReplyEvent) -> None:
        self._events.append(TurnEvent(len(self._events) + 1, value))
        if isinstance(value, Reply):
            self.reply = value
        self._wake()

    def end(self) -> None:
        self.ended = True
        self._wake()

    def replay(self) -> "RunningTurn":
        """For a reader who saw nothing yet: of a finished turn the reply is all there is to say."""
        if self.ended and self.reply is not None:
            return RunningTurn.finished(self.message, self.reply)
        return self

    async def events(self, after_id: int = 0) -> AsyncIterator[TurnEvent]:
        """What followed `after_id`, then as it happens; raises TurnFailed where no reply came.

        An id this attempt never gave out starts from the beginning.
        """
        position = after_id if 0 <= after_id <= len(self._events) else 0
        while True:
            while position < len(self._events):
                position += 1
                yield self._events[position - 1]
            if self.ended:
                break
            await self._news.wait()
        if self.reply is None:
            raise TurnFailed(f"no reply to message {self.message.id}")

    async def result(self) -> Reply:
        """The reply, once it is stored; raises TurnFailed."""
        async for event in self.events():
            if isinstance(event.value, Reply):
                return event.value
        raise TurnFailed(f"no reply to message {self.message.id}")

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


class Stopwatch:
    """How long each stage of a turn took, from the moments at which stages began."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._start = clock()
        self._marks: list[tuple[str, float]] = []

    def mark(self, stage: str) -> None:
        self._marks.append((stage, self._clock()))

    def report(self, turn: RunningTurn) -> TurnReport:
        end = self._clock()
        ends = [moment for _, moment in self._marks[1:]] + [end]
        stage_s: dict[str, float] = {}
        for (stage, begin), until in zip(self._marks, ends, strict=False):
            stage_s[stage] = stage_s.get(stage, 0.0) + until - begin
        return TurnReport(
            message=turn.message.id,
            conversation=turn.message.conversation,
            decision=turn.reply.decision if turn.reply else None,
            seconds=end - self._start,
            stage_s=MappingProxyType(stage_s),
        )
