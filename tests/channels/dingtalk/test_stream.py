"""Stream mode as `firstline dingtalk` runs it: all but the web pages, until it is told to leave."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.app import create_app
from bot.channels.dingtalk import stream as streaming
from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
from bot.channels.dingtalk.events import CARD, MESSAGE
from bot.channels.dingtalk.stream import OPEN, StreamRunner, Take
from bot.domain.errors import StoreError
from bot.server import run_app
from tests.channels.chat.office import QUESTION, beside
from tests.channels.dingtalk.office import open_bot, settings_of
from tests.dingtalk_server import (
    ANN,
    BROKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    RESET,
    DingTalkServer,
    Failure,
    dingtalk_server,
)
from tests.services.test_dialogue import COLUMNS
from tests.web import until

Body = Mapping[str, Any]
GIVEN = Credentials(CLIENT_ID, CLIENT_SECRET)


class Taken:
    """What was committed; each of `failing` fails once first."""

    def __init__(self, failing: int = 0) -> None:
        self.bodies: list[Body] = []
        self.failing = failing

    async def take(self, body: Body) -> None:
        if self.failing:
            self.failing -= 1
            raise StoreError("full")
        self.bodies.append(body)


@pytest.fixture
async def dingtalk() -> AsyncIterator[DingTalkServer]:
    async with dingtalk_server() as server:
        yield server


@asynccontextmanager
async def connected(
    dingtalk: DingTalkServer, take: Take, credentials: Credentials = GIVEN
) -> AsyncIterator[asyncio.Task[None]]:
    calls = DingTalkCalls(credentials, dingtalk.url)
    try:
        async with beside(StreamRunner(credentials, calls, take, 0.001).run()) as running:
            yield running
    finally:
        await calls.close()


async def test_a_question_is_answered_without_a_port_and_it_leaves_when_told(
    dingtalk: DingTalkServer,
) -> None:
    bot = open_bot(settings_of(http=False), dingtalk)
    is_left = asyncio.Event()
    running = asyncio.create_task(run_app(create_app(bot), is_left))
    await dingtalk.stream.has_connected()
    await dingtalk.stream.push(dingtalk.say(QUESTION))
    await dingtalk.stream.all_acknowledged()
    await until(lambda: any(one.is_finished for one in dingtalk.posted(ANN)))
    (card,) = dingtalk.posted(ANN)
    assert COLUMNS in card.text
    up = next(label for label in card.buttons if "👍" in label)
    await dingtalk.stream.push(dingtalk.press(card, up))
    await dingtalk.stream.all_acknowledged()
    is_left.set()
    await running
    assert all(one["code"] == 200 for told in dingtalk.stream.answers.values() for one in told)


async def test_messages_and_clicks_are_told_apart(dingtalk: DingTalkServer) -> None:
    taken = Taken()
    async with connected(dingtalk, taken.take):
        await dingtalk.stream.has_connected()
        said = dingtalk.say(QUESTION)
        await dingtalk.stream.push(said)
        await dingtalk.stream.push({"type": "actionCallback", "outTrackId": "card"})
        await dingtalk.stream.all_acknowledged()
    assert [one["kind"] for one in taken.bodies] == [MESSAGE, CARD]
    assert taken.bodies[0]["data"] == said
    assert all(one["id"] for one in taken.bodies)


async def test_what_cannot_be_committed_is_not_acknowledged_and_taken_when_sent_again(
    dingtalk: DingTalkServer,
) -> None:
    taken = Taken(failing=2)
    async with connected(dingtalk, taken.take):
        await dingtalk.stream.has_connected()
        frame = await dingtalk.stream.push(dingtalk.say(QUESTION))
        await until(lambda: taken.failing == 1)
        await dingtalk.stream.push_again()
        await until(lambda: taken.failing == 0)
        assert frame not in dingtalk.stream.answers
        await dingtalk.stream.push_again()
        await dingtalk.stream.all_acknowledged()
    assert len(taken.bodies) == 1


async def test_a_slow_commit_holds_up_no_other_frame(dingtalk: DingTalkServer) -> None:
    first, taken = asyncio.Event(), Taken()

    async def take(body: Body) -> None:
        if not taken.bodies and not first.is_set():
            first.set()
            await asyncio.sleep(3600)
        await taken.take(body)

    async with connected(dingtalk, take):
        await dingtalk.stream.has_connected()
        await dingtalk.stream.push(dingtalk.say("slow"))
        await first.wait()
        quick = await dingtalk.stream.push(dingtalk.say("quick"))
        await dingtalk.stream.answered(await dingtalk.stream.ping())
        await dingtalk.stream.answered(quick)
    assert len(taken.bodies) == 1


async def test_a_ping_is_answered_and_nothing_to_warn_of(
    dingtalk: DingTalkServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(dingtalk, Taken().take):
        await dingtalk.stream.has_connected()
        await dingtalk.stream.answered(await dingtalk.stream.ping())
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_asked_to_leave_it_comes_back(dingtalk: DingTalkServer) -> None:
    taken = Taken()
    async with connected(dingtalk, taken.take):
        await dingtalk.stream.has_connected()
        await dingtalk.stream.ask_to_leave()
        await dingtalk.stream.has_connected(2)
        await dingtalk.stream.push(dingtalk.say(QUESTION))
        await dingtalk.stream.all_acknowledged()
    assert len(taken.bodies) == 1


async def test_a_connection_that_is_refused_is_tried_again(dingtalk: DingTalkServer) -> None:
    dingtalk.fail(OPEN, BROKEN, RESET, Failure(status=200, text="<html>"))
    async with connected(dingtalk, Taken().take):
        await dingtalk.stream.has_connected()
    assert len(dingtalk.called(OPEN)) == 4


async def test_wrong_credentials_are_reported_with_the_way_out_and_tried_again(
    dingtalk: DingTalkServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "LONGEST_PAUSE_S", 0.01)
    wrong = Credentials(CLIENT_ID, "not-the-secret")
    async with connected(dingtalk, Taken().take, wrong):
        await until(lambda: len(dingtalk.called(OPEN)) >= 2)
    (said, *_) = [one.message for one in caplog.records if one.levelname == "ERROR"]
    assert "dingtalk.client_secret" in said
    assert "not-the-secret" not in caplog.text


@pytest.mark.parametrize(
    "frames",
    [
        ["not json", "[]", '"text"', "{}"],
        ['{"type": "CALLBACK"}', '{"type": "CALLBACK", "headers": {"topic": "other"}}'],
        [json.dumps({"type": "NEWS", "headers": {}, "data": "{}"})],
        ['{"type": "CALLBACK", "headers": {"topic": "/v1.0/im/bot/messages/get"}, "data": 1}'],
    ],
)
async def test_frames_that_cannot_be_read_end_nothing(
    dingtalk: DingTalkServer, frames: Sequence[str]
) -> None:
    taken = Taken()
    async with connected(dingtalk, taken.take):
        await dingtalk.stream.has_connected()
        for frame in frames:
            await dingtalk.stream.tell(frame)
        await dingtalk.stream.push(dingtalk.say(QUESTION))
        await dingtalk.stream.all_acknowledged()
    assert len(taken.bodies) == 1
    assert dingtalk.stream.connected == 1
