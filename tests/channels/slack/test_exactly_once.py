"""Whatever is delivered how often, however processes and connections end: each is handled once."""

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.sql_store import SqlStore, upgrade
from bot.channels.slack.intake import build_bolt
from bot.channels.slack.socket import SocketRunner
from bot.domain.conversation import Author, now
from tests.channels.slack.office import SlackOffice, settings_of, slack_office
from tests.services.test_dialogue import COLUMNS
from tests.slack_server import (
    ANN,
    APP_TOKEN,
    CHANNEL,
    DIRECT,
    Json,
    SlackServer,
    request_of,
    slack_server,
)
from tests.web import until

ROOT = Path(__file__).parents[3]
EVENTS = 500
DISCONNECTS = 100


def late() -> object:
    """As a process sees it that starts when all leases have run out."""
    return now() + timedelta(minutes=10)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as server:
        server.epoch = int(time.time())
        yield server


@pytest.fixture
async def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'firstline.db'}"
    await upgrade(url)
    return url


@asynccontextmanager
async def opened(database: str, slack: SlackServer, **parts: object) -> AsyncIterator[SlackOffice]:
    """A process over the same database as the one before."""
    clock = {"clock": parts["clock"]} if "clock" in parts else {}
    store = await SqlStore.open(database, **clock)  # type: ignore[arg-type]
    async with slack_office(store=store, slack=slack, **parts) as office:  # type: ignore[arg-type]
        yield office
    await store.close()


def many(slack: SlackServer, count: int) -> list[Json]:
    """Direct messages, and mentions of which two events tell each."""
    events: list[Json] = []
    for n in range(count // 2):
        events.append(slack.say(f"How many columns has board {n}?", DIRECT))
        events.append(slack.mention(f"How many rows has board {n}?")[n % 2])
    return events


async def deliver(office: SlackOffice, bodies: list[Json]) -> None:
    places = asyncio.Semaphore(20)

    async def post(body: Json) -> int:
        async with places:
            return (await office.post(body)).status_code

    assert set(await asyncio.gather(*map(post, bodies))) == {200}


async def heard(store: SqlStore) -> Counter[tuple[str, str]]:
    """How often each text stands in the store, and how often it was replied to."""
    said: Counter[tuple[str, str]] = Counter()
    for conversation in await store.conversations_of(f"slack/T1/{ANN}", 10_000):
        messages = await store.messages(conversation.id)
        asked = [one for one in messages if one.author is Author.CUSTOMER]
        said.update(("heard", one.text) for one in asked)
        for one in asked:
            turn = await store.turn(one.id)
            said["answered", one.text] += turn is not None and turn.reply is not None
        assert len(messages) == 2 * len(asked)
    return said


def texts(events: list[Json]) -> list[str]:
    return [one["event"]["text"].removeprefix("<@UBOT> ") for one in events]


def assert_each_posted_once(slack: SlackServer, events: list[Json]) -> None:
    """In its thread, with the answer; nothing that was begun is left as it was."""
    for event in events:
        channel = event["event"]["channel"]
        ts = event["event"]["ts"]
        below = [one for one in slack.posted(channel) if one.get("thread_ts") == ts]
        assert len(below) == 1, (ts, below)
        assert COLUMNS in str(below[0].get("blocks")), below
        assert not below[0].get("streaming")
    assert len(slack.posted(CHANNEL)) + len(slack.posted(DIRECT)) == len(events)


async def assert_each_once(database: str, events: list[Json]) -> None:
    store = await SqlStore.open(database)
    said = await heard(store)
    for text in texts(events):
        assert (said["heard", text], said["answered", text]) == (1, 1), text
    assert len(said) == 2 * len(events)
    assert not await store.dead_events()
    await store.close()


async def test_500_events_that_come_one_to_four_times_also_at_once_and_after_a_restart(
    slack: SlackServer, database: str
) -> None:
    chance = random.Random(7)  # noqa: S311 - the same every time
    events = many(slack, EVENTS)
    deliveries = [one for one in events for _ in range(chance.randint(1, 4))]
    chance.shuffle(deliveries)
    half = len(deliveries) // 2
    again = chance.sample(deliveries[:half], half // 2)
    async with opened(database, slack) as office:
        await deliver(office, deliveries[:half])
        await office.parts.worker.work_off()
    async with opened(database, slack) as office:
        await deliver(office, deliveries[half:] + again)
        await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(slack, events)


async def test_what_was_acknowledged_before_kill_9_is_answered_by_the_next_process(
    slack: SlackServer, database: str
) -> None:
    events = many(slack, 20)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.slack_process", database, slack.url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    address = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=address, timeout=60) as http:
        for event in events:
            content, headers = request_of(event)
            answer = await http.post("/slack/events", content=content, headers=headers)
            assert answer.status_code == 200
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    async with opened(database, slack, clock=late) as office:
        for event in events[::3]:
            assert (await office.post(event)).status_code == 200
        await office.bot.turns.recover()
        await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(slack, events)


async def test_what_was_committed_and_not_worked_on_is_worked_on_after_a_restart(
    slack: SlackServer, database: str
) -> None:
    events = many(slack, 6)
    async with opened(database, slack) as office:
        for event in events:
            assert (await office.post(event)).status_code == 200
        assert not await office.said()
    async with opened(database, slack) as office:
        await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(slack, events)


async def test_100_disconnects_in_the_middle_of_a_burst(slack: SlackServer, database: str) -> None:
    events = many(slack, DISCONNECTS)
    async with opened(database, slack, settings=settings_of(socket=True)) as office:
        parts = office.parts
        bolt = build_bolt(parts.intake)
        socket = SocketRunner(bolt, APP_TOKEN, parts.backfill.ask, slack.url, ping_s=0.02)
        running = asyncio.create_task(socket.run())
        for n, event in enumerate(events, 1):
            await slack.socket.has_connected(n)
            for _ in range(1 + n % 2):
                await slack.socket.push(event)
            slack.socket.cut()
        await slack.socket.all_acknowledged()
        assert slack.socket.connected > DISCONNECTS
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(slack, events)


async def test_events_are_acknowledged_while_the_model_hangs(slack: SlackServer) -> None:
    goes_on = asyncio.Event()
    async with slack_office(slack=slack, running=True) as office:
        respond = office.bot.dialogue.respond

        async def hang(message: object, worker: str):  # type: ignore[no-untyped-def]
            await goes_on.wait()
            async for event in respond(message, worker):  # type: ignore[arg-type]
                yield event

        office.bot.turns._dialogue.respond = hang  # type: ignore[method-assign]
        events = many(slack, 60)
        for event in events * 2:
            assert (await office.post(event)).status_code == 200
        store = office.store
        assert isinstance(store, MemoryStore)
        await until(lambda: len(store._works) == len(events))
        assert not await office.answered()
        goes_on.set()
        await office.bot.turns.close(timeout_s=600)
    said = await office.count_handled()
    assert {said[f"customer: {text}"] for text in texts(events)} == {1}


async def test_of_two_processes_over_one_database_each_event_is_handled_by_one(
    slack: SlackServer, database: str
) -> None:
    events = many(slack, 30)
    async with opened(database, slack) as one, opened(database, slack) as other:
        for event in events:
            await asyncio.gather(one.post(event), other.post(event))
        await asyncio.gather(one.parts.worker.work_off(), other.parts.worker.work_off())
        for office in (one, other):
            await office.bot.turns.close()
    await assert_each_once(database, events)
