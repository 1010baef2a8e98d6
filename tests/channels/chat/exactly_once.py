"""Whatever is delivered how often, however processes and connections end: each is handled once.

The contract of every chat program: its test module gives it a `trial`.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from bot.adapters.sql_store import SqlStore
from bot.domain.conversation import Author, now
from tests.channels.chat.office import ChatOffice, Json, beside
from tests.chat_process import chat_process

Office = TypeVar("Office", bound=ChatOffice)


class Connection(Protocol):
    """The program's end of the connection that a bot opens to it."""

    connected: int  # times so far

    async def has_connected(self, times: int = 1) -> None: ...
    async def push(self, body: Json) -> str: ...
    def cut(self) -> None: ...
    async def all_acknowledged(self) -> None: ...


class Trial(ABC, Generic[Office]):
    """A chat program, and processes over one database that work in it."""

    def __init__(self, database: str) -> None:
        self.database = database

    @abstractmethod
    def many(self, count: int) -> list[Json]:
        """Events in which as many questions are asked, each with a text of its own."""

    @abstractmethod
    def customer_of(self, event: Json) -> str: ...

    @abstractmethod
    def text_of(self, event: Json) -> str: ...

    @property
    @abstractmethod
    def connected(self) -> Json:
        """The parts of an office that opens its connection itself."""

    @property
    @abstractmethod
    def connection(self) -> Connection: ...

    @abstractmethod
    async def listen(self, office: Office) -> None:
        """Over its connection, until cancelled."""

    @abstractmethod
    async def die_with(self, events: Sequence[Json]) -> None:
        """A process of its own acknowledges them, and is killed before it has answered one."""

    @abstractmethod
    def assert_each_posted_once(self, events: Sequence[Json]) -> None:
        """Where it belongs, with the answer; nothing that was begun is left as it was."""

    @abstractmethod
    def office(self, store: SqlStore, **parts: Any) -> AbstractAsyncContextManager[Office]: ...

    @asynccontextmanager
    async def opened(self, **parts: Any) -> AsyncIterator[Office]:
        """A process over the same database as the one before."""
        clock = {"clock": parts["clock"]} if "clock" in parts else {}
        store = await SqlStore.open(self.database, **clock)
        async with self.office(store, **parts) as office:
            yield office
        await store.close()

    async def assert_each_once(self, events: Sequence[Json]) -> None:
        """Heard, replied to and posted, what a busy machine put off by a later process."""
        async with self.opened(clock=late) as office:
            await office.work()
        store = await SqlStore.open(self.database)
        said: Counter[tuple[str, str]] = Counter()
        for customer in set(map(self.customer_of, events)):
            for conversation in await store.conversations_of(customer, 10_000):
                said += await _handled(store, conversation.id)
        for text in map(self.text_of, events):
            assert (said["heard", text], said["answered", text]) == (1, 1), text
        assert len(said) == 2 * len(events)
        assert not await store.dead_events()
        await store.close()
        self.assert_each_posted_once(events)


async def _handled(store: SqlStore, conversation: str) -> Counter[tuple[str, str]]:
    """How often each text stands there, and how often it was replied to."""
    messages = await store.messages(conversation)
    asked = [one for one in messages if one.author is Author.CUSTOMER]
    assert asked
    assert Counter(one.author for one in messages) == dict.fromkeys(
        (Author.CUSTOMER, Author.BOT), len(asked)
    )
    said = Counter(("heard", one.text) for one in asked)
    for one in asked:
        turn = await store.turn(one.id)
        said["answered", one.text] += turn is not None and turn.reply is not None
    return said


def late() -> datetime:
    """As a process sees it that starts when all leases have run out."""
    return now() + timedelta(minutes=10)


async def deliver(office: ChatOffice, bodies: Sequence[Json]) -> None:
    """Many at once."""
    places = asyncio.Semaphore(20)

    async def post(body: Json) -> int:
        async with places:
            return (await office.post(body)).status_code

    assert set(await asyncio.gather(*map(post, bodies))) == {200}


async def kill_after(
    connection: Connection, events: Sequence[Json], module: str, *arguments: str
) -> None:
    """The process that opened the connection, once it has acknowledged all that came over it."""
    async with chat_process(module, *arguments) as process:
        await connection.has_connected()
        for event in events:
            await connection.push(event)
        await connection.all_acknowledged()
        await process.kill()


class ExactlyOnceContract:
    """Over a `trial` of the program."""

    repeated: ClassVar[int]
    cuts: ClassVar[int]
    raced: ClassVar[int]

    async def test_events_that_come_one_to_four_times_also_at_once_and_after_a_restart(
        self, trial: Trial[Any]
    ) -> None:
        chance = random.Random(7)  # noqa: S311 - the same every time
        events = trial.many(self.repeated)
        deliveries = [one for one in events for _ in range(chance.randint(1, 4))]
        chance.shuffle(deliveries)
        half = len(deliveries) // 2
        again = chance.sample(deliveries[:half], half // 2)
        async with trial.opened() as office:
            await deliver(office, deliveries[:half])
            await office.parts.worker.work_off()
        async with trial.opened() as office:
            await deliver(office, deliveries[half:] + again)
            await office.work()
        await trial.assert_each_once(events)

    async def test_what_was_acknowledged_before_kill_9_is_answered_by_the_next_process(
        self, trial: Trial[Any]
    ) -> None:
        events = trial.many(20)
        await trial.die_with(events)
        async with trial.opened(clock=late) as office:
            await deliver(office, events[::3])
            await office.bot.turns.recover()
            await office.work()
        await trial.assert_each_once(events)

    async def test_what_was_committed_and_not_worked_on_is_worked_on_after_a_restart(
        self, trial: Trial[Any]
    ) -> None:
        events = trial.many(6)
        async with trial.opened() as office:
            await deliver(office, events)
            assert not await office.said()
        async with trial.opened() as office:
            await office.work()
        await trial.assert_each_once(events)

    async def test_cuts_in_the_middle_of_a_burst(self, trial: Trial[Any]) -> None:
        events, connection = trial.many(self.cuts), trial.connection
        async with trial.opened(**trial.connected) as office:
            async with beside(trial.listen(office)):
                for n, event in enumerate(events, 1):
                    await connection.has_connected(n)
                    for _ in range(1 + n % 2):
                        await connection.push(event)
                    connection.cut()
                await connection.all_acknowledged()
                assert connection.connected > self.cuts
            await office.work()
        await trial.assert_each_once(events)

    async def test_of_two_processes_over_one_database_each_event_is_handled_by_one(
        self, trial: Trial[Any]
    ) -> None:
        events = trial.many(self.raced)
        async with trial.opened() as one, trial.opened() as other:
            for event in events:
                await asyncio.gather(one.post(event), other.post(event))
            await asyncio.gather(one.parts.worker.work_off(), other.parts.worker.work_off())
            for office in (one, other):
                await office.work()
        await trial.assert_each_once(events)
