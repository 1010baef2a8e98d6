"""Whatever is delivered how often, however processes and connections end: each is handled once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from bot.adapters.sql_store import SqlStore
from bot.channels.dingtalk.calls import DingTalkCalls
from bot.channels.dingtalk.cards import CREATE
from bot.channels.dingtalk.stream import StreamRunner
from bot.wiring.dingtalk import credentials_of
from tests.channels.chat.exactly_once import ExactlyOnceContract, Trial, kill_after, late
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
from tests.dingtalk_stream_mode import StreamMode
from tests.services.test_dialogue import COLUMNS


class DingTalkTrial(Trial[DingTalkOffice]):
    def __init__(self, database: str, dingtalk: DingTalkServer) -> None:
        super().__init__(database)
        self.dingtalk = dingtalk

    def many(self, count: int) -> list[Json]:
        """Each of somebody else, in private and in a group by turns."""
        said = []
        for n in range(count):
            self.dingtalk.add_person(f"asker{n}", f"Asker {n}")
            chat = GROUP if n % 2 else None
            text = f"How many columns has board {n}?"
            said.append(self.dingtalk.say(text, f"asker{n}", chat))
        return said

    def customer_of(self, event: Json) -> str:
        return f"dingtalk/{CORP}/{event['senderStaffId']}"

    def text_of(self, event: Json) -> str:
        return str(event["text"]["content"]).strip()

    @property
    def connected(self) -> Json:
        return {"settings": settings_of(http=False)}

    @property
    def connection(self) -> StreamMode:
        return self.dingtalk.stream

    async def listen(self, office: DingTalkOffice) -> None:
        credentials = credentials_of(settings_of(http=False).dingtalk)
        calls = DingTalkCalls(credentials, self.dingtalk.url)
        take = office.parts.intake.take
        try:
            await StreamRunner(credentials, calls, take, shortest_pause_s=0.001).run()
        finally:
            await calls.close()

    async def die_with(self, events: Sequence[Json]) -> None:
        module, url = "tests.dingtalk_process", self.dingtalk.url
        await kill_after(self.connection, events, module, self.database, url)

    def assert_each_posted_once(self, events: Sequence[Json]) -> None:
        """As one finished card."""
        askers = [one["senderStaffId"] for one in events[::2]]
        private = [card for asker in askers for card in self.dingtalk.posted(asker)]
        cards = [*private, *self.dingtalk.posted(GROUP)]
        assert len(cards) == len(events)
        for card in cards:
            assert card.is_finished
            assert card.deliveries == 1
            assert COLUMNS in card.text

    def office(self, store: SqlStore, **parts: Any) -> AbstractAsyncContextManager[DingTalkOffice]:
        return dingtalk_office(store=store, dingtalk=self.dingtalk, **parts)


@pytest.fixture
async def trial(database: str) -> AsyncIterator[DingTalkTrial]:
    async with dingtalk_server() as server:
        yield DingTalkTrial(database, server)


class TestDingTalk(ExactlyOnceContract):
    repeated, cuts, raced = 100, 50, 20


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
    trial: DingTalkTrial, path: str, failure: Failure
) -> None:
    said = trial.many(1)
    trial.dingtalk.fail(path, failure)
    async with trial.opened() as office:
        await office.take(*said)
    async with trial.opened(clock=late) as office:
        await office.work()
    await trial.assert_each_once(said)


async def test_a_plain_message_of_unknown_outcome_is_sent_again_only_when_somebody_says_so(
    trial: DingTalkTrial,
) -> None:
    trial.dingtalk.lacking.add("Card.Instance.Write")
    trial.dingtalk.fail(TO_ONE, RESET_AFTER)
    async with trial.opened() as office:
        await office.take(*trial.many(1))
    async with trial.opened(clock=late) as office:
        await office.work()
        (dead,) = await office.store.dead_deliveries()
        assert "nobody knows" in (dead.error or "")
        assert len(trial.dingtalk.messages) == 1
