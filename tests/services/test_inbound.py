"""What came in is handled once and in order; what fails is tried again, then given up."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.domain.errors import StoreError
from bot.domain.inbound import InboundEvent
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.services.inbound import CONCURRENT, FAULT_WAITS, WAITS, InboundWorker
from tests.adapters.stores import NOON, Clock
from tests.web import until

CHANNEL = "slack"


def event(n: int, group: str | None = None) -> InboundEvent:
    return InboundEvent(CHANNEL, f"key-{n}", "message", group or f"g{n}", {}, received_at=NOON)


class Handler:
    def __init__(self) -> None:
        self.handled: list[str] = []
        self.failures: list[Exception] = []
        self.most = self.running = 0
        self.gate: asyncio.Event | None = None

    async def __call__(self, event: InboundEvent) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.failures:
                raise self.failures.pop(0)
            self.handled.append(event.key)
        finally:
            self.running -= 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock)


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def worker(store: MemoryStore, handler: Handler, clock: Clock) -> InboundWorker:
    return InboundWorker(CHANNEL, store, handler, clock, chance=lambda: 0.0)


async def test_everything_is_handled_once_and_each_group_in_order(
    store: MemoryStore, handler: Handler, worker: InboundWorker
) -> None:
    for n in range(60):
        await store.take_event(event(n, f"g{n % 7}"))
    assert await worker.work_off() == 60
    assert set(Counter(handler.handled).values()) == {1}
    for group in range(7):
        mine = [key for key in handler.handled if int(key[4:]) % 7 == group]
        assert mine == sorted(mine, key=lambda key: int(key[4:]))


@pytest.mark.parametrize("failure", [DeskUnavailable("down"), StoreError("down"), TimeoutError()])
async def test_what_fails_is_tried_again_and_given_up_in_the_end(
    store: MemoryStore,
    handler: Handler,
    worker: InboundWorker,
    clock: Clock,
    failure: Exception,
) -> None:
    await store.take_event(event(1))
    handler.failures = [failure] * (len(WAITS) + 1)
    for wait in WAITS:
        assert await worker.work_off() == 1
        clock.advance(wait - timedelta(milliseconds=1))
        assert await worker.work_off() == 0
        clock.advance(timedelta(milliseconds=1))
    assert not await store.dead_events()
    await worker.work_off()
    [dead] = await store.dead_events()
    assert dead.attempts == len(WAITS) + 1


async def test_a_fault_of_ours_does_not_hold_its_group_for_long(
    store: MemoryStore, handler: Handler, worker: InboundWorker, clock: Clock
) -> None:
    for n in range(2):
        await store.take_event(event(n, "g"))
    handler.failures = [RuntimeError("bug")] * (FAULT_WAITS + 1)
    for wait in WAITS[:FAULT_WAITS]:
        await worker.work_off()
        assert handler.handled == []
        clock.advance(wait)
    await worker.work_off()
    assert handler.handled == ["key-1"]
    [dead] = await store.dead_events()
    assert (dead.key, dead.error) == ("key-0", "RuntimeError")


async def test_what_is_asked_to_wait_waits(
    store: MemoryStore, handler: Handler, worker: InboundWorker, clock: Clock
) -> None:
    await store.take_event(event(1))
    handler.failures = [DeskUnavailable("busy", retry_after_s=90)]
    await worker.work_off()
    clock.advance(timedelta(seconds=89))
    assert await worker.work_off() == 0
    clock.advance(timedelta(seconds=1))
    await worker.work_off()
    assert handler.handled == ["key-1"]


async def test_a_refusal_is_final_and_the_next_of_the_group_goes_on(
    store: MemoryStore, handler: Handler, worker: InboundWorker
) -> None:
    await store.take_event(event(1, "g"))
    await store.take_event(event(2, "g"))
    handler.failures = [DeskRefused("gone")]
    assert await worker.work_off() == 2
    assert handler.handled == ["key-2"]
    assert [one.key for one in await store.dead_events()] == ["key-1"]


async def test_it_goes_on_by_itself_and_holds_back_more_than_it_can_do(
    store: MemoryStore, handler: Handler, worker: InboundWorker
) -> None:
    handler.gate = asyncio.Event()
    running = asyncio.create_task(worker.run())
    for n in range(CONCURRENT + 5):
        await store.take_event(event(n))
    worker.nudge()
    await until(lambda: handler.running == CONCURRENT)
    handler.gate.set()
    await until(lambda: len(handler.handled) == CONCURRENT + 5)
    assert handler.most == CONCURRENT
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_is_under_way_when_it_ends_is_taken_up_by_the_next_at_once(
    store: MemoryStore, handler: Handler, clock: Clock
) -> None:
    worker = InboundWorker(CHANNEL, store, handler, clock, ending_s=0)
    handler.gate = asyncio.Event()
    for n in range(2):
        await store.take_event(event(n))
    running = asyncio.create_task(worker.run())
    await until(lambda: handler.running == 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    handler.gate.set()
    assert handler.handled == []
    clock.advance(WAITS[0])
    assert {one.attempts for one in await store.lease_events(CHANNEL, "w", clock(), 2)} == {0}
    assert await InboundWorker(CHANNEL, store, handler, clock).work_off() == 2
    assert sorted(handler.handled) == ["key-0", "key-1"]


async def test_what_ends_soon_may_end(store: MemoryStore, handler: Handler, clock: Clock) -> None:
    worker = InboundWorker(CHANNEL, store, handler, clock, ending_s=60)
    handler.gate = asyncio.Event()
    await store.take_event(event(1))
    running = asyncio.create_task(worker.run())
    await until(lambda: handler.running == 1)
    running.cancel()
    handler.gate.set()
    await asyncio.gather(running, return_exceptions=True)
    assert handler.handled == ["key-1"]
    clock.advance(timedelta(minutes=2))
    assert not await store.lease_events(CHANNEL, "w", clock(), 1)


async def test_a_store_that_is_down_is_asked_again(
    store: MemoryStore, handler: Handler, clock: Clock
) -> None:
    class Flaky:
        failures = 2

        def __getattr__(self, name: str) -> object:
            if name == "lease_events" and self.failures:
                self.failures -= 1
                raise StoreError("locked")
            return getattr(store, name)

    worker = InboundWorker(CHANNEL, Flaky(), handler, clock)  # type: ignore[arg-type]
    await store.take_event(event(1))
    running = asyncio.create_task(worker.run())

    def nudged() -> bool:
        worker.nudge()
        return handler.handled == ["key-1"]

    await until(nudged)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
