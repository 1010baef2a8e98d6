"""Whatever is delivered how often, however processes and connections end: each is handled once."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.sql_store import SqlStore
from bot.channels.slack.intake import build_bolt
from bot.channels.slack.socket import SocketRunner
from tests.channels.chat.exactly_once import ExactlyOnceContract, Trial
from tests.channels.slack.office import SlackOffice, settings_of, slack_office
from tests.services.test_dialogue import COLUMNS
from tests.slack_process import slack_process
from tests.slack_server import (
    ANN,
    APP_TOKEN,
    CHANNEL,
    DIRECT,
    TEAM,
    Json,
    SlackServer,
    SocketMode,
    slack_server,
)
from tests.web import until


class SlackTrial(Trial[SlackOffice]):
    def __init__(self, database: str, slack: SlackServer) -> None:
        super().__init__(database)
        self.slack = slack

    def many(self, count: int) -> list[Json]:
        return many(self.slack, count)

    def customer_of(self, event: Json) -> str:
        return f"slack/{TEAM}/{ANN}"

    def text_of(self, event: Json) -> str:
        return str(event["event"]["text"]).removeprefix("<@UBOT> ")

    @property
    def connected(self) -> Json:
        return {"settings": settings_of(socket=True)}

    @property
    def connection(self) -> SocketMode:
        return self.slack.socket

    async def listen(self, office: SlackOffice) -> None:
        bolt, ask = build_bolt(office.parts.intake), office.edge.backfill.ask
        await SocketRunner(bolt, APP_TOKEN, ask, self.slack.url, ping_s=0.02).run()

    async def die_with(self, events: Sequence[Json]) -> None:
        async with slack_process(self.database, self.slack.url) as process:
            for event in events:
                await process.post(event)
            await process.kill()

    def assert_each_posted_once(self, events: Sequence[Json]) -> None:
        """In its thread."""
        for event in events:
            channel, ts = event["event"]["channel"], event["event"]["ts"]
            below = [one for one in self.slack.posted(channel) if one.get("thread_ts") == ts]
            assert len(below) == 1, (ts, below)
            assert COLUMNS in str(below[0].get("blocks")), below
            assert not below[0].get("streaming")
        assert len(self.slack.posted(CHANNEL)) + len(self.slack.posted(DIRECT)) == len(events)

    def office(self, store: SqlStore, **parts: Any) -> AbstractAsyncContextManager[SlackOffice]:
        return slack_office(store=store, slack=self.slack, **parts)


def many(slack: SlackServer, count: int) -> list[Json]:
    """Direct messages, and mentions of which two events tell each."""
    events: list[Json] = []
    for n in range(count // 2):
        events.append(slack.say(f"How many columns has board {n}?", DIRECT))
        events.append(slack.mention(f"How many rows has board {n}?")[n % 2])
    return events


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as server:
        server.epoch = int(time.time())
        yield server


@pytest.fixture
def trial(slack: SlackServer, database: str) -> SlackTrial:
    return SlackTrial(database, slack)


class TestSlack(ExactlyOnceContract):
    repeated, cuts, raced = 500, 100, 30


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
    texts = [one["event"]["text"].removeprefix("<@UBOT> ") for one in events]
    assert {said[f"customer: {text}"] for text in texts} == {1}
