"""What comes in is committed once, then reacted to; how far a place was read is held until what was
missed has been read back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat import intake
from bot.channels.chat.handlers import Handlers
from bot.channels.chat.intake import Intake
from bot.domain.errors import StoreError
from bot.domain.inbound import InboundEvent, Mark
from bot.domain.outbox import DeskUnavailable
from tests.adapters.stores import NOON, Clock

CHANNEL, ROOM = "parley", "T1/room"
SAID = {"key": "1", "kind": "message"}


def read_event(body: Mapping[str, Any]) -> InboundEvent | None:
    if "key" not in body:
        return None
    mark = Mark(ROOM, body["seen"]) if "seen" in body else None
    return InboundEvent(CHANNEL, body["key"], body["kind"], ROOM, body, mark=mark)


@dataclass
class Door:
    store: MemoryStore = field(default_factory=lambda: MemoryStore(Clock()))
    handlers: Handlers = field(default_factory=Handlers)
    nudged: int = 0
    failure: Exception | None = None
    hangs: bool = False

    def __post_init__(self) -> None:
        self.intake = Intake(CHANNEL, read_event, self.store, self.handlers, self.nudge, Clock())
        self.handlers.add("message", self.handle)
        self.handlers.add_reaction("message", self.react)

    def nudge(self) -> None:
        self.nudged += 1

    async def handle(self, event: InboundEvent) -> None:
        raise AssertionError("handled by nobody but a worker")

    async def react(self, event: InboundEvent) -> Mapping[str, Any]:
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure
        return {"said": event.body["key"]}

    async def marks(self) -> list[str]:
        return [one.seen for one in await self.store.marks(CHANNEL, NOON)]


@pytest.fixture
def door() -> Door:
    return Door()


async def test_what_came_is_committed_once_and_reacted_to_each_time(door: Door) -> None:
    for _ in range(3):
        assert await door.intake.take(SAID) == {"said": "1"}
    leased = await door.store.lease_events(CHANNEL, "w", NOON, 9)
    assert [(one.key, one.received_at) for one in leased] == [("1", NOON)]
    assert door.nudged == 1


async def test_what_nobody_handles_is_not_kept(door: Door) -> None:
    assert not await door.intake.keep({"key": "2", "kind": "reaction"})
    assert not await door.intake.keep({})
    assert await door.intake.take({}) is None
    assert await door.intake.keep(SAID)
    assert not await door.intake.keep(SAID)


@pytest.mark.parametrize("body", [{"key": "2"}, 5, None])
async def test_what_cannot_be_read_is_nothing(
    door: Door, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert await door.intake.take(body) is None
    assert not await door.intake.keep(body)
    assert await door.store.lease_events(CHANNEL, "w", NOON, 9) == []
    assert "something that cannot be read came from parley" in caplog.text


async def test_what_no_database_holds_is_replaced(door: Door) -> None:
    await door.intake.take({"key": "1\x00", "kind": "message", "texts": ["a\ud800"]})
    (event,) = await door.store.lease_events(CHANNEL, "w", NOON, 9)
    assert (event.key, event.body["texts"]) == ("1\ufffd", ["a\ufffd"])


@pytest.mark.parametrize("failure", [DeskUnavailable("down"), StoreError("down")])
async def test_a_failing_reaction_loses_nothing(door: Door, failure: Exception) -> None:
    door.failure = failure
    assert await door.intake.take(SAID) is None
    assert door.nudged == 1


async def test_nobody_waits_for_a_reaction(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "REACTION_S", 0.01)
    door.hangs = True
    assert await door.intake.take(SAID) is None
    assert door.nudged == 1


async def test_how_far_a_place_was_read_is_held_until_nothing_is_missing(door: Door) -> None:
    for key, seen in (("1", "5"), ("2", "7"), ("3", "6")):
        await door.intake.keep({**SAID, "key": key, "seen": seen})
    assert await door.marks() == []
    await door.intake.catch_up()
    assert await door.marks() == ["7"]
    await door.intake.keep({**SAID, "key": "4", "seen": "8"})
    assert await door.marks() == ["8"]
    door.intake.fall_behind()
    await door.intake.keep({**SAID, "key": "5", "seen": "9"})
    assert await door.marks() == ["8"]
