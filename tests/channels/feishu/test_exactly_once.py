"""Whatever is delivered how often, however processes and connections end: each is handled once."""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.sql_store import SqlStore, upgrade
from bot.channels.feishu.connection import LongConnection
from bot.domain.conversation import Author, now
from tests.channels.feishu.office import FeishuOffice, feishu_office, settings_of
from tests.feishu_server import (
    BOT,
    BROKEN,
    GROUP,
    RESET_AFTER,
    FeishuServer,
    Json,
    feishu_server,
    rate_limited,
    refused,
)
from tests.services.test_dialogue import COLUMNS

ROOT = Path(__file__).parents[3]
EVENTS = 100
CUTS = 50


def late() -> datetime:
    """As a process sees it that starts when all leases have run out."""
    return now() + timedelta(minutes=10)


def later(hours: int) -> Callable[[], datetime]:
    return lambda: now() + timedelta(hours=hours)


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with feishu_server() as server:
        yield server


@pytest.fixture
async def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'firstline.db'}"
    await upgrade(url)
    return url


@asynccontextmanager
async def opened(database: str, feishu: FeishuServer, **parts: Any) -> AsyncIterator[FeishuOffice]:
    """A process over the same database as the one before."""
    clock = {"clock": parts["clock"]} if "clock" in parts else {}
    store = await SqlStore.open(database, **clock)
    async with feishu_office(feishu, store=store, **parts) as office:
        yield office
    await store.close()


def many(feishu: FeishuServer, count: int) -> list[Json]:
    """Private messages of as many people, and mentions in a group."""
    events: list[Json] = []
    for n in range(count // 2):
        feishu.add_user(f"ou_{n}", f"User {n}")
        feishu.add_chat(f"oc_{n}", "", "p2p", user=f"ou_{n}")
        events.append(feishu.say(f"How many columns has board {n}?", f"oc_{n}", f"ou_{n}"))
        events.append(feishu.mention(f"How many rows has board {n}?"))
    return events


async def deliver(office: FeishuOffice, bodies: list[Json]) -> None:
    places = asyncio.Semaphore(20)

    async def post(body: Json) -> int:
        async with places:
            return (await office.post(body)).status_code

    assert set(await asyncio.gather(*map(post, bodies))) == {200}


def id_of(event: Json) -> str:
    return str(event["event"]["message"]["message_id"])


def user_of(event: Json) -> str:
    return str(event["event"]["sender"]["sender_id"]["open_id"])


def text_of(event: Json) -> str:
    text = str(json.loads(event["event"]["message"]["content"])["text"])
    return text.removeprefix("@_user_1 ")


def assert_each_posted_once(feishu: FeishuServer, events: list[Json]) -> None:
    """Where it belongs, with the answer; nothing that was begun is left as it was."""
    for event in events:
        chat = event["event"]["message"]["chat_id"]
        posts = feishu.below(id_of(event)) if chat == GROUP else feishu.posted(chat)
        assert len(posts) == 1
        assert COLUMNS in feishu.text(posts[0])
    assert len([one for one in feishu.messages.values() if one["sender"] == BOT]) == len(events)
    shown = [one["card_id"] for one in feishu.messages.values() if "card_id" in one]
    assert not any(feishu.cards[id].streaming for id in shown)


async def assert_each_once(database: str, events: list[Json]) -> None:
    store = await SqlStore.open(database)
    said: Counter[tuple[str, str]] = Counter()
    for user in set(map(user_of, events)):
        for conversation in await store.conversations_of(f"feishu/cli_test/{user}", 10_000):
            messages = await store.messages(conversation.id)
            asked = [one for one in messages if one.author is Author.CUSTOMER]
            said.update(("heard", one.text) for one in asked)
            for one in asked:
                turn = await store.turn(one.id)
                said["answered", one.text] += turn is not None and turn.reply is not None
            assert len(messages) == 2 * len(asked)
    for text in map(text_of, events):
        assert (said["heard", text], said["answered", text]) == (1, 1), text
    assert len(said) == 2 * len(events)
    assert not await store.dead_events()
    await store.close()


async def test_events_that_come_one_to_four_times_also_at_once_and_after_a_restart(
    feishu: FeishuServer, database: str
) -> None:
    chance = random.Random(7)  # noqa: S311 - the same every time
    events = many(feishu, EVENTS)
    deliveries = [one for one in events for _ in range(chance.randint(1, 4))]
    chance.shuffle(deliveries)
    half = len(deliveries) // 2
    again = chance.sample(deliveries[:half], half // 2)
    async with opened(database, feishu) as office:
        await deliver(office, deliveries[:half])
        await office.parts.worker.work_off()
    async with opened(database, feishu) as office:
        await deliver(office, deliveries[half:] + again)
        await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(feishu, events)


async def test_the_same_message_in_another_event_is_one(
    feishu: FeishuServer, database: str
) -> None:
    events = many(feishu, 2)
    twins = [feishu.event(one["header"]["event_type"], one["event"]) for one in events]
    async with opened(database, feishu) as office:
        await office.take(*events, *twins)
    await assert_each_once(database, events)
    assert_each_posted_once(feishu, events)


async def test_what_was_committed_and_not_worked_on_is_worked_on_after_a_restart(
    feishu: FeishuServer, database: str
) -> None:
    events = many(feishu, 6)
    async with opened(database, feishu) as office:
        await deliver(office, events)
        assert not await office.said()
    async with opened(database, feishu) as office:
        await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(feishu, events)


async def test_50_cuts_in_the_middle_of_a_burst(feishu: FeishuServer, database: str) -> None:
    events = many(feishu, CUTS)
    async with opened(database, feishu, settings=settings_of(feishu, posted=False)) as office:
        calls, take = office.parts.calls, office.parts.callbacks.take
        running = asyncio.create_task(LongConnection(calls.app, take, soonest_s=0.01).run())
        for n, event in enumerate(events, 1):
            await feishu.connections.has_connected(n)
            for _ in range(1 + n % 2):
                await feishu.connections.push(event)
            feishu.connections.cut()
        await feishu.connections.all_acknowledged()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(feishu, events)


async def test_what_was_acknowledged_before_kill_9_is_answered_by_the_next_process(
    feishu: FeishuServer, database: str
) -> None:
    events = many(feishu, 20)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.feishu_process", database, feishu.url),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    await feishu.connections.has_connected()
    for event in events:
        await feishu.connections.push(event)
    await feishu.connections.all_acknowledged()
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    async with opened(database, feishu, clock=late) as office:
        await deliver(office, events[::3])
        await office.bot.turns.recover()
        await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(feishu, events)


async def test_lost_answers_post_nothing_twice(feishu: FeishuServer, database: str) -> None:
    events = many(feishu, 12)
    for kind in ("create", "reply", "card_create", "card_update", "card_write", "card_settings"):
        feishu.fail(kind, RESET_AFTER, BROKEN, RESET_AFTER, refused(230020), rate_limited(1))
    async with opened(database, feishu) as office:
        await office.take(*events)
    for hours in range(1, 6):
        async with opened(database, feishu, clock=later(hours)) as office:
            await office.bot.turns.recover()
            await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(feishu, events)


async def test_of_two_processes_over_one_database_each_event_is_handled_by_one(
    feishu: FeishuServer, database: str
) -> None:
    events = many(feishu, 20)
    async with opened(database, feishu) as one, opened(database, feishu) as other:
        for event in events:
            await asyncio.gather(one.post(event), other.post(event))
        await asyncio.gather(one.parts.worker.work_off(), other.parts.worker.work_off())
        for office in (one, other):
            await office.work()
    await assert_each_once(database, events)
    assert_each_posted_once(feishu, events)
