"""The long connection: what comes by it is committed before it is acknowledged, however it ends."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.channels.feishu.calls import App
from bot.channels.feishu.connection import LongConnection
from tests.channels.chat.office import beside
from tests.feishu_server import APP_ID, APP_SECRET, FeishuServer, feishu_server
from tests.web import until

SOON = 0.01


class Taken:
    def __init__(self) -> None:
        self.bodies: list[Mapping[str, Any]] = []
        self.failures = 0
        self.answer: Mapping[str, Any] = {}
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def __call__(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        await self.goes_on.wait()
        if self.failures:
            self.failures -= 1
            raise RuntimeError("no store")
        self.bodies.append(body)
        return self.answer

    def ids(self) -> list[str]:
        return [body["header"]["event_id"] for body in self.bodies]


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with feishu_server() as server:
        yield server


@asynccontextmanager
async def connected(
    feishu: FeishuServer, taken: Taken, secret: str = APP_SECRET
) -> AsyncIterator[asyncio.Task[None]]:
    connection = LongConnection(App(APP_ID, secret, feishu.url), taken, soonest_s=SOON)
    async with beside(connection.run()) as running:
        yield running


async def test_an_event_is_acknowledged_once_it_is_taken(feishu: FeishuServer) -> None:
    taken = Taken()
    taken.goes_on.clear()
    async with connected(feishu, taken):
        await feishu.connections.has_connected()
        event = feishu.say("Hello")
        frame = await feishu.connections.push(event)
        assert frame not in feishu.connections.answers
        taken.goes_on.set()
        assert (await feishu.connections.answered(frame))["code"] == 200
    assert taken.bodies == [event]


async def test_what_could_not_be_committed_is_sent_again(feishu: FeishuServer) -> None:
    taken = Taken()
    taken.failures = 1
    async with connected(feishu, taken):
        await feishu.connections.has_connected()
        frame = await feishu.connections.push(feishu.say("Hello"))
        assert (await feishu.connections.answered(frame))["code"] == 500
        await feishu.connections.push_again()
        await feishu.connections.all_acknowledged()
    assert len(taken.bodies) == 1


async def test_a_click_is_answered_by_the_acknowledgement(feishu: FeishuServer) -> None:
    taken = Taken()
    taken.answer = {"toast": {"type": "info", "content": "收到"}}
    async with connected(feishu, taken):
        await feishu.connections.has_connected()
        frame = await feishu.connections.push({"header": {"event_type": "card.action.trigger"}})
        assert (await feishu.connections.answered(frame))["data"] == taken.answer


async def test_an_event_in_pieces_is_one(feishu: FeishuServer) -> None:
    taken = Taken()
    feishu.connections.pieces = 3
    async with connected(feishu, taken):
        await feishu.connections.has_connected()
        event = feishu.say("A long message. " * 100)
        await feishu.connections.push(event)
        await feishu.connections.all_acknowledged()
    assert taken.bodies == [event]


async def test_while_one_is_committed_others_are_taken(feishu: FeishuServer) -> None:
    taken = Taken()
    taken.goes_on.clear()
    async with connected(feishu, taken):
        await feishu.connections.has_connected()
        for n in range(20):
            await feishu.connections.push(feishu.say(f"Message {n}"))
        taken.goes_on.set()
        await feishu.connections.all_acknowledged()
    assert len(taken.bodies) == 20


async def test_what_ends_is_opened_anew_and_loses_nothing(feishu: FeishuServer) -> None:
    taken = Taken()
    cuts = 50
    async with connected(feishu, taken):
        for n in range(1, cuts + 1):
            await feishu.connections.has_connected(n)
            await feishu.connections.push(feishu.say(f"Message {n}"))
            feishu.connections.cut()
        await feishu.connections.all_acknowledged()
    assert len(set(taken.ids())) == cuts


async def test_what_is_open_and_silent_is_opened_anew(
    feishu: FeishuServer, caplog: pytest.LogCaptureFixture
) -> None:
    connections = feishu.connections
    connections.silent, usual, connections.ping_s = 1, connections.ping_s, SOON
    await connections.push(feishu.say("Hello"))
    async with connected(feishu, Taken()):
        await connections.has_connected()
        connections.ping_s = usual  # of those that follow
        await connections.all_acknowledged()
    assert "silent" in caplog.text


async def test_where_to_connect_is_asked_for_again_while_feishu_is_busy(
    feishu: FeishuServer,
) -> None:
    feishu.endpoint_code = 1
    async with connected(feishu, Taken()):
        await asyncio.sleep(0)
        feishu.endpoint_code = 0
        await feishu.connections.has_connected()


async def test_a_wrong_app_is_reported_with_the_way_out(
    feishu: FeishuServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        async with connected(feishu, Taken(), secret="another"):
            await until(lambda: bool(caplog.records))
    assert "feishu.app_secret" in caplog.text
    assert "another" not in caplog.text
    assert not feishu.connections.connected


async def test_it_hangs_up_when_it_is_ended(feishu: FeishuServer) -> None:
    async with connected(feishu, Taken()):
        await feishu.connections.has_connected()
    await feishu.connections.closed.wait()


async def test_it_ends_while_an_event_is_committed(feishu: FeishuServer) -> None:
    taken = Taken()
    taken.goes_on.clear()
    async with connected(feishu, taken):
        await feishu.connections.has_connected()
        frame = await feishu.connections.push(feishu.say("Hello"))
    assert frame not in feishu.connections.answers
    taken.goes_on.set()
