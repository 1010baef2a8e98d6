"""Whatever is delivered how often, however processes and connections end: each is handled once."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.adapters.sql_store import SqlStore
from bot.channels.feishu.callbacks import Callbacks
from bot.channels.feishu.calls import App
from bot.channels.feishu.connection import LongConnection
from bot.domain.conversation import Locale, now
from tests.channels.chat.exactly_once import ExactlyOnceContract, Trial, kill_after
from tests.channels.feishu.office import FeishuOffice, feishu_office, settings_of
from tests.feishu_server import (
    APP_ID,
    APP_SECRET,
    BOT,
    BROKEN,
    GROUP,
    RESET_AFTER,
    TEAM,
    FeishuServer,
    Json,
    feishu_server,
    rate_limited,
    refused,
)
from tests.feishu_socket import LongConnections
from tests.services.test_dialogue import COLUMNS


class FeishuTrial(Trial[FeishuOffice]):
    def __init__(self, database: str, feishu: FeishuServer) -> None:
        super().__init__(database)
        self.feishu = feishu

    def many(self, count: int) -> list[Json]:
        """Private messages of as many people, and mentions in a group."""
        feishu = self.feishu
        events: list[Json] = []
        for n in range(count // 2):
            feishu.add_user(f"ou_{n}", f"User {n}")
            feishu.add_chat(f"oc_{n}", "", "p2p", user=f"ou_{n}")
            events.append(feishu.say(f"How many columns has board {n}?", f"oc_{n}", f"ou_{n}"))
            events.append(feishu.mention(f"How many rows has board {n}?"))
        return events

    def customer_of(self, event: Json) -> str:
        return f"feishu/{TEAM}/{event['event']['sender']['sender_id']['open_id']}"

    def text_of(self, event: Json) -> str:
        text = str(json.loads(event["event"]["message"]["content"])["text"])
        return text.removeprefix("@_user_1 ")

    @property
    def connected(self) -> Json:
        return {"settings": settings_of(self.feishu, posted=False)}

    @property
    def connection(self) -> LongConnections:
        return self.feishu.connections

    async def listen(self, office: FeishuOffice) -> None:
        app = App(APP_ID, APP_SECRET, self.feishu.url)
        callbacks = Callbacks(office.parts.intake, office.bot.prompts, Locale.EN)
        await LongConnection(app, callbacks.take, soonest_s=0.01).run()

    async def die_with(self, events: Sequence[Json]) -> None:
        module, url = "tests.feishu_process", self.feishu.url
        await kill_after(self.connection, events, module, self.database, url)

    def assert_each_posted_once(self, events: Sequence[Json]) -> None:
        feishu = self.feishu
        for event in events:
            message = event["event"]["message"]
            chat = message["chat_id"]
            posts = feishu.below(message["message_id"]) if chat == GROUP else feishu.posted(chat)
            assert len(posts) == 1
            assert COLUMNS in feishu.text(posts[0])
        ours = [one for one in feishu.messages.values() if one["sender"] == BOT]
        assert len(ours) == len(events)
        shown = [one["card_id"] for one in feishu.messages.values() if "card_id" in one]
        assert not any(feishu.cards[id].streaming for id in shown)

    def office(self, store: SqlStore, **parts: Any) -> AbstractAsyncContextManager[FeishuOffice]:
        return feishu_office(self.feishu, store=store, **parts)


def later(hours: int) -> Callable[[], datetime]:
    return lambda: now() + timedelta(hours=hours)


@pytest.fixture
async def trial(database: str) -> AsyncIterator[FeishuTrial]:
    async with feishu_server() as server:
        yield FeishuTrial(database, server)


class TestFeishu(ExactlyOnceContract):
    repeated, cuts, raced = 100, 50, 20


async def test_the_same_message_in_another_event_is_one(trial: FeishuTrial) -> None:
    events = trial.many(2)
    twins = [trial.feishu.event(one["header"]["event_type"], one["event"]) for one in events]
    async with trial.opened() as office:
        await office.take(*events, *twins)
    await trial.assert_each_once(events)


async def test_lost_answers_post_nothing_twice(trial: FeishuTrial) -> None:
    events = trial.many(12)
    for kind in ("create", "reply", "card_create", "card_update", "card_write", "card_settings"):
        failures = (RESET_AFTER, BROKEN, RESET_AFTER, refused(230020), rate_limited(1))
        trial.feishu.fail(kind, *failures)
    async with trial.opened() as office:
        await office.take(*events)
    for hours in range(1, 6):
        async with trial.opened(clock=later(hours)) as office:
            await office.bot.turns.recover()
            await office.work()
    await trial.assert_each_once(events)
