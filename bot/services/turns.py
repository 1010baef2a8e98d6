"""Accepted messages are worked on once, each by its own task, whoever listens or leaves."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from weakref import WeakValueDictionary

from bot.domain.conversation import Message, new_id, now
from bot.domain.errors import StoreError
from bot.domain.reply import ReplyEvent, StageStarted
from bot.ports import Store
from bot.services.closings import Closings
from bot.services.running_turn import RunningTurn, Stopwatch, TurnFailed, TurnReport

log = logging.getLogger(__name__)


class Dialogue(Protocol):
    def respond(self, message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
        """Stages and deltas, then exactly one Reply, which is stored by then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    concurrent: int = 16  # turns at work at once
    lease_s: float = 30.0  # renewed every third of it
    poll_s: float = 0.25  # between looks at a turn another process has
    recovery_s: float = 15.0  # between looks for turns nobody has
    attempts: int = 3  # of recovery, before a failing turn is left to its sender
    keep_s: float = 60.0  # how long a finished turn can be resumed
    keep: int = 1000  # finished turns kept at most


@dataclass(slots=True)
class _Failures:
    """Attempts that failed, by message; the oldest are forgotten first."""

    size: int
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, message_id: str) -> None:
        self.counts[message_id] = self.counts.pop(message_id, 0) + 1
        while len(self.counts) > self.size:
            del self.counts[next(iter(self.counts))]


class TurnRunner:
    """Accepts messages and works on them. A reader who leaves never stops a turn."""

    def __init__(
        self,
        store: Store,
        dialogue: Dialogue,
        limits: TurnLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.worker = new_id()
        self._store = store
        self._closings = Closings(store)
        self._dialogue = dialogue
        self._limits = limits or TurnLimits()
        self._clock = clock
        self._places = asyncio.Semaphore(self._limits.concurrent)
        # One conversation's turns follow one another; a lock lives as long as a turn holds it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: dict[str, RunningTurn] = {}
        self._kept: OrderedDict[str, tuple[float, RunningTurn]] = OrderedDict()
        self._failures = _Failures(self._limits.keep)
        self._tasks: set[asyncio.Task[None]] = set()
        self._recovery: asyncio.Task[None] | None = None
        self._observers: list[Callable[[TurnReport], None]] = []

    def observe(self, observer: Callable[[TurnReport], None]) -> None:
        """Called with the report of each turn that ended, failed ones included."""
        self._observers.append(observer)

    async def submit(self, message: Message) -> RunningTurn:
        """Commit the message, then work on it; a known one attaches to its turn.

        Raises StoreError.
        """
        closes = await self._closings.closes(message)
        accepted = await self._store.accept(message, closes=closes)
        known = self._running.get(accepted.message.id) or self._recall(accepted.message.id)
        if known is not None:
            return known
        if accepted.reply is not None:
            return RunningTurn.finished(accepted.message, accepted.reply)
        return self._start(accepted.message)

    async def recover(self) -> int:
        """Take up what was accepted and never finished; returns how many. Raises StoreError."""
        self._forget_old()
        failed = self._failures.counts
        lost = [
            message
            for message in await self._store.unfinished()
            if message.id not in self._running and failed.get(message.id, 0) < self._limits.attempts
        ]
        for message in lost:
            self._start(message)
        return len(lost)

    async def start(self) -> None:
        """Recover now and from time to time until `close`."""
        await self._recover_quietly()
        self._recovery = asyncio.create_task(self._recover_forever())

    async def close(self, timeout_s: float = 10.0) -> None:
        """Let running turns finish; what does not in time stays unfinished for the next start."""
        if self._recovery is not None:
            await _cancel(self._recovery)
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=timeout_s)
        if late:
            log.warning("turns left unfinished at close: %d", len(late))
        for task in late:
            await _cancel(task)

    def _start(self, message: Message) -> RunningTurn:
        turn = RunningTurn(message)
        self._running[message.id] = turn
        task = asyncio.create_task(self._work(turn), name=f"turn {message.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return turn

    async def _work(self, turn: RunningTurn) -> None:
        watch = Stopwatch(self._clock)
        try:
            await self._run(turn, watch)
        except Exception:
            # The edge of the task: whatever it was, the turn is still in the store.
            log.exception("turn failed: message=%s", turn.message.id)
        finally:
            self._settle(turn)
            self._report(watch.report(turn))

    async def _run(self, turn: RunningTurn, watch: Stopwatch) -> None:
        message = turn.message
        lock = self._locks.setdefault(message.conversation, asyncio.Lock())
        async with lock, self._places:
            while turn.reply is None:
                if await self._claim(message.id):
                    await self._respond(turn, watch)
                    continue
                stored = await self._store.turn(message.id)
                if stored is not None and stored.reply is not None:
                    turn.publish(stored.reply)
                else:
                    await asyncio.sleep(self._limits.poll_s)

    async def _respond(self, turn: RunningTurn, watch: Stopwatch) -> None:
        """Leaves the turn without a reply when its lease ran out and another worker has it."""
        failure: Exception = TurnFailed(f"no reply to message {turn.message.id}")
        try:
            async with self._lease(turn):
                async for event in self._dialogue.respond(turn.message, self.worker):
                    if isinstance(event, StageStarted):
                        watch.mark(event.stage.value)
                    turn.publish(event)
        except StoreError as error:
            failure = error  # of a lost lease, perhaps
        if turn.reply is None:
            if await self._release(turn.message.id):
                raise failure
            log.warning("lease lost: message=%s", turn.message.id)

    @asynccontextmanager
    async def _lease(self, turn: RunningTurn) -> AsyncIterator[None]:
        renewal = asyncio.create_task(self._renew(turn.message.id))
        try:
            yield
        finally:
            await _cancel(renewal)
            if turn.reply is None:
                await self._release(turn.message.id)

    async def _renew(self, message_id: str) -> None:
        while True:
            await asyncio.sleep(self._limits.lease_s / 3)
            try:
                if not await self._claim(message_id):
                    return  # lost or finished: the store refuses a second reply
            except StoreError:
                log.warning("lease not renewed: message=%s", message_id, exc_info=True)

    async def _claim(self, message_id: str) -> bool:
        until = now() + timedelta(seconds=self._limits.lease_s)
        return await self._store.claim(message_id, self.worker, until)

    async def _release(self, message_id: str) -> bool:
        """False when the turn is finished or another worker has it."""
        return await self._store.claim(message_id, self.worker, now())

    def _settle(self, turn: RunningTurn) -> None:
        self._running.pop(turn.message.id, None)
        if turn.reply is None:
            self._failures.add(turn.message.id)
        else:
            self._failures.counts.pop(turn.message.id, None)
            self._kept[turn.message.id] = (self._clock() + self._limits.keep_s, turn)
        self._forget_old()
        turn.end()

    def _recall(self, message_id: str) -> RunningTurn | None:
        self._forget_old()
        kept = self._kept.get(message_id)
        return kept[1] if kept else None

    def _forget_old(self) -> None:
        while self._kept:
            keep_until, _ = next(iter(self._kept.values()))
            if keep_until > self._clock() and len(self._kept) <= self._limits.keep:
                return
            self._kept.popitem(last=False)

    def _report(self, report: TurnReport) -> None:
        log.info(
            "turn: message=%s conversation=%s decision=%s ms=%.1f stages_ms=%s",
            report.message,
            report.conversation,
            report.decision or "failed",
            report.seconds * 1000,
            {stage: round(seconds * 1000, 1) for stage, seconds in report.stage_s.items()},
        )
        for observer in self._observers:
            observer(report)

    async def _recover_forever(self) -> None:
        while True:
            await asyncio.sleep(self._limits.recovery_s)
            await self._recover_quietly()

    async def _recover_quietly(self) -> None:
        try:
            recovered = await self.recover()
        except StoreError:
            log.exception("recovery could not read the store; it is tried again")
            return
        if recovered:
            log.info("turns recovered: %d", recovered)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])  # unlike `await task`, this never hides a cancellation of our own
