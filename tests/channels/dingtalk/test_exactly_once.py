"""Whatever is delivered how often, however processes and connections end: each is handled once."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.sql_store import SqlStore, upgrade
from bot.channels.dingtalk.calls import DingTalkCalls
from bot.channels.dingtalk.cards import CREATE
from bot.channels.dingtalk.stream import StreamRunner
from bot.dingtalk import credentials_of
from bot.domain.conversation import Author, now
from tests.channels.dingtalk.office import DingTalkOffice, dingtalk_office, settings_of
from tests.dingtalk_server import (
    BROKEN,
    CHANGE,
    CORP,
    GROUP,
    RESET,
    RESET_AFTER,
    TO_ONE,
    DingTalkServer,
    Failure,
    Json,
    dingtalk_server,
)
from tests.services.test_dialogue import COLUMNS

ROOT = Path(__file__).parents[3]
EVENTS = 100
CUTS = 50


def late() -> object:
    """As a process sees it that starts when all leases have run out."""
    return now() + timedelta(minutes=10)


@pytest.fixture
async def dingtalk() -> AsyncIterator[DingTalkServer]:
    async with dingtalk_server() as server:
        yield server


@pytest.fixture
async def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'firstline.db'}"
    await upgrade(url)
    return url


@asynccontextmanager
async def opened(
    database: str, dingtalk: DingTalkServer, **parts: object
) -> AsyncIterator[DingTalkOffice]:
    """A process over the same database as the one before."""
    clock = {"clock": parts["clock"]} if "clock" in parts else {}
    store = await SqlStore.open(database, **clock)  # type: ignore[arg-type]
    async with dingtalk_office(store=store, dingtalk=dingtalk, **parts) as office:  # type: ignore[arg-type]
        yield office
    await store.close()


def many(dingtalk: DingTalkServer, count: int) -> list[Json]:
    """Each of somebody else, in private and in a group by turns."""
    said = []
    for n in range(count):
        dingtalk.add_person(f"asker{n}", f"Asker {n}")
        chat = GROUP if n % 2 else None
        said.append(dingtalk.say(f"How many columns has board {n}?", f"asker{n}", chat))
    return said


async def deliver(office: DingTalkOffice, said: Sequence[Json]) -> None:
    places = asyncio.Semaphore(20)

    async def post(data: Json) -> int:
        async with places:
            return (await office.post(data)).status_code

    assert set(await asyncio.gather(*map(post, said))) == {200}


async def assert_each_once(database: str, dingtalk: DingTalkServer, said: Sequence[Json]) -> None:
    """Heard, answered, and put up as one finished card."""
    store = await SqlStore.open(database)
    for one in said:
        (conversation,) = await store.conversations_of(f"dingtalk/{CORP}/{one['senderStaffId']}", 9)
        asked, answered = await store.messages(conversation.id)
        assert asked.text == one["text"]["content"].strip()
        assert answered.author is Author.BOT
    assert not await store.dead_events()
    await store.close()
    private = [card for one in said[::2] for card in dingtalk.posted(one["senderStaffId"])]
    cards = [*private, *dingtalk.posted(GROUP)]
    assert len(cards) == len(said)
    for card in cards:
        assert card.is_finished
        assert card.deliveries == 1
        assert COLUMNS in card.text


async def test_events_that_come_one_to_four_times_also_at_once_and_after_a_restart(
    dingtalk: DingTalkServer, database: str
) -> None:
    chance = random.Random(7)  # noqa: S311 - the same every time
    said = many(dingtalk, EVENTS)
    deliveries = [one for one in said for _ in range(chance.randint(1, 4))]
    chance.shuffle(deliveries)
    half = len(deliveries) // 2
    again = chance.sample(deliveries[:half], half // 2)
    async with opened(database, dingtalk) as office:
        await deliver(office, deliveries[:half])
        await office.parts.worker.work_off()
    async with opened(database, dingtalk) as office:
        await deliver(office, deliveries[half:] + again)
        await office.work()
    await assert_each_once(database, dingtalk, said)


async def test_what_was_acknowledged_before_kill_9_is_answered_by_the_next_process(
    dingtalk: DingTalkServer, database: str
) -> None:
    said = many(dingtalk, 12)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.dingtalk_process", database, dingtalk.url),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    await dingtalk.stream.has_connected()
    for one in said:
        await dingtalk.stream.push(one)
    await dingtalk.stream.all_acknowledged()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with opened(database, dingtalk, clock=late) as office:
        for one in said[::3]:
            assert (await office.post(one)).status_code == 200
        await office.bot.turns.recover()
        await office.work()
    await assert_each_once(database, dingtalk, said)


async def test_cuts_in_the_middle_of_a_burst(dingtalk: DingTalkServer, database: str) -> None:
    said = many(dingtalk, CUTS)
    settings = settings_of(http=False)
    async with opened(database, dingtalk, settings=settings) as office:
        credentials = credentials_of(settings.dingtalk)
        calls = DingTalkCalls(credentials, dingtalk.url)
        stream = StreamRunner(credentials, calls, office.parts.intake.take, shortest_pause_s=0.001)
        running = asyncio.create_task(stream.run())
        for n, one in enumerate(said, 1):
            await dingtalk.stream.has_connected(n)
            for _ in range(1 + n % 2):
                await dingtalk.stream.push(one)
            dingtalk.stream.cut()
        await dingtalk.stream.all_acknowledged()
        assert dingtalk.stream.connected >= CUTS
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await calls.close()
        await office.work()
    await assert_each_once(database, dingtalk, said)


@pytest.mark.parametrize(
    ("path", "failure"),
    [
        (CREATE, RESET),
        (CREATE, RESET_AFTER),
        (CREATE, BROKEN),
        (CHANGE, RESET_AFTER),
        (CHANGE, BROKEN),
    ],
)
async def test_a_lost_answer_posts_nothing_twice(
    dingtalk: DingTalkServer, database: str, path: str, failure: Failure
) -> None:
    said = many(dingtalk, 1)
    dingtalk.fail(path, failure)
    async with opened(database, dingtalk) as office:
        await office.take(*said)
    async with opened(database, dingtalk, clock=late) as office:
        await office.work()
    await assert_each_once(database, dingtalk, said)


async def test_a_plain_message_of_unknown_outcome_is_sent_again_only_when_somebody_says_so(
    dingtalk: DingTalkServer, database: str
) -> None:
    dingtalk.lacking.add("Card.Instance.Write")
    dingtalk.fail(TO_ONE, RESET_AFTER)
    async with opened(database, dingtalk) as office:
        await office.take(*many(dingtalk, 1))
    async with opened(database, dingtalk, clock=late) as office:
        await office.work()
        (dead,) = await office.store.dead_deliveries()
        assert "nobody knows" in (dead.error or "")
        assert len(dingtalk.messages) == 1
