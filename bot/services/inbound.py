"""Works on what came in from a channel elsewhere, each event once, in the order of its group."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from bot.domain.conversation import new_id, now
from bot.domain.errors import StoreError
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.ports import InboundStore
from bot.services.leases import ENDING_S, cut_short, leased

log = logging.getLogger(__name__)

Handle = Callable[[InboundEvent], Awaitable[None]]

# How long an event waits after each failed attempt; after one more it is given up.
WAITS = tuple(timedelta(seconds=wait) for wait in (1, 5, 30, 120, 600))
FAULT_WAITS = 3  # of them, after a fault of our own: it seldom heals, and its group waits behind it
JITTER = 0.1  # of the wait, at most
ATTEMPT_S = 45.0
LEASE_S = 60.0  # longer than an attempt, so that nobody else makes it too
POLL_S = 1.0  # how late an event may be handled that another process took
CONCURRENT = 16
KEPT = timedelta(days=30)  # the keys of what is over; nobody delivers anything again so late
FORGET_S = 3600.0


class InboundWorker:
    """`handle` raises DeskUnavailable to be asked again and DeskRefused to give up."""

    def __init__(
        self,
        channel: str,
        store: InboundStore,
        handle: Handle,
        clock: Callable[[], datetime] = now,
        chance: Callable[[], float] = random.random,
        ending_s: float = ENDING_S,
    ) -> None:
        self._channel = channel
        self._store = store
        self._handle = handle
        self._clock = clock
        self._chance = chance
        self._ending_s = ending_s
        self._worker = new_id()
        self._news = asyncio.Event()
        self._running: dict[asyncio.Task[None], InboundEvent] = {}

    def nudge(self) -> None:
        """Something came in: take it at once."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled; attempts under way that do not end soon are then made by the next."""
        forgetting = asyncio.create_task(self._forget_old())
        try:
            while True:
                self._news.clear()
                try:
                    await self._start_due()
                except StoreError:
                    log.exception("what came in could not be read; it is tried again")
                with suppress(TimeoutError):
                    # Not `wait_for`, which loses a cancellation that comes with the news.
                    async with asyncio.timeout(POLL_S):
                        await self._news.wait()
        finally:
            forgetting.cancel()
            with suppress(StoreError):
                await self._give_back(await cut_short(dict(self._running), self._ending_s))
            await asyncio.wait([forgetting])

    async def work_off(self) -> int:
        """Everything that is due, to its end; how many attempts. Raises StoreError."""
        count = 0
        while started := await self._start_due():
            count += started
            await asyncio.wait(self._running)
        return count

    async def _start_due(self) -> int:
        places = CONCURRENT - len(self._running)
        if places <= 0:
            return 0
        until = self._clock() + timedelta(seconds=LEASE_S)
        leasing = self._store.lease_events(self._channel, self._worker, until, places)
        due = await leased(leasing, self._give_back)
        for event in due:
            task = asyncio.create_task(self._attempt(event), name=f"event {event.key}")
            self._running[task] = event
            task.add_done_callback(self._end)
        return len(due)

    def _end(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._news.set()  # the next of its group
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its end could not be written down: it is made again, once the lease has run out.
            log.error("event not settled: %s", task.get_name(), exc_info=error)

    async def _attempt(self, event: InboundEvent) -> None:
        try:
            async with asyncio.timeout(ATTEMPT_S):
                await self._handle(event)
        except DeskRefused as error:
            log.error("event given up: %s: %s: %s", event.kind, event.key, error)
            await self._bury(event, str(error))
        except DeskUnavailable as error:
            await self._try_later(event, str(error), error.retry_after_s)
        except TimeoutError:
            await self._try_later(event, f"not handled in {ATTEMPT_S:.0f} s")
        except StoreError as error:
            await self._try_later(event, str(error))
        except Exception as error:
            # The edge of an attempt: whatever it was, the events beside it go on.
            log.exception("event failed: %s: %s", event.kind, event.key)
            await self._try_later(event, type(error).__name__, most=FAULT_WAITS)
        else:
            await self._store.settle_event(self._channel, event.key, self._worker)

    async def _try_later(
        self,
        event: InboundEvent,
        error: str,
        retry_after_s: float | None = None,
        most: int = len(WAITS),
    ) -> None:
        if event.attempts >= most:
            log.error("event given up: %s: %s: %s", event.kind, event.key, error)
            await self._bury(event, error)
            return
        log.warning("event put off: %s: %s: %s", event.kind, event.key, error)
        wait = WAITS[event.attempts] * (1 + JITTER * self._chance())
        due_at = self._clock() + max(wait, timedelta(seconds=retry_after_s or 0.0))
        await self._store.retry_event(self._channel, event.key, self._worker, due_at, error)

    async def _bury(self, event: InboundEvent, error: str) -> None:
        await self._store.bury_event(self._channel, event.key, self._worker, error)

    async def _give_back(self, events: Sequence[InboundEvent]) -> None:
        """They are due again soon, which is no attempt."""
        due_at = self._clock() + WAITS[0]
        for event in events:
            await self._store.retry_event(self._channel, event.key, self._worker, due_at, "")

    async def _forget_old(self) -> None:
        while True:
            try:
                await self._store.forget_events(self._clock() - KEPT)
            except StoreError:
                log.warning("old events not forgotten; it is tried again", exc_info=True)
            await asyncio.sleep(FORGET_S)
