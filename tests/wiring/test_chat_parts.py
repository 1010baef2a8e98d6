"""A chat program at work: what its edge hands in is handled by what all share, until both end."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.place import Place
from bot.channels.chat.program import Said
from bot.domain.inbound import InboundEvent
from bot.sections.chat import ChatSection
from bot.settings import Settings
from bot.wiring.chat import build_ground
from bot.wiring.chat_parts import ChatEdge, ChatParts, build_parts
from tests.channels.chat.office import beside
from tests.channels.chat.program import CHANNEL, ROOM, TEAM, FakeProgram, said_at
from tests.wiring.test_chat_desk import PROMPTS, services

SAID = said_at(Place(TEAM, ROOM), "ann", "done")


class Edge:
    """Sends a message at once, and then breaks down or stays."""

    def __init__(self) -> None:
        self.breaks = False
        self.is_closed = False
        self.diverted: list[Said] = []
        self.all_is_said = asyncio.Event()
        self.parts = self._build()

    async def run(self) -> None:
        await self.parts.intake.take({"key": "1"})
        await self.all_is_said.wait()
        if self.breaks:
            raise ConnectionError
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.is_closed = True

    async def divert(self, said: Said) -> bool:
        self.diverted.append(said)
        self.all_is_said.set()
        return True

    def _build(self) -> ChatParts:
        program = replace(FakeProgram().program, read_event=read_event)
        ground = build_ground(Settings(), ChatSection(), MemoryStore(), PROMPTS, program)
        edge = ChatEdge(runs=[self.run], close=self.close)
        return build_parts(ground, services(), edge, [self.divert])


def read_event(body: Mapping[str, Any]) -> InboundEvent:
    return InboundEvent(CHANNEL, body["key"], "message", ROOM, {"said": SAID})


async def test_an_edge_hands_in_what_is_said_until_it_is_told_to_leave() -> None:
    edge = Edge()
    async with beside(edge.parts.run()):
        await edge.all_is_said.wait()
        assert edge.diverted == [SAID]
    assert not edge.is_closed  # what is said still goes out
    await edge.parts.close()
    assert edge.is_closed


async def test_an_edge_that_breaks_down_takes_everything_along() -> None:
    edge = Edge()
    edge.breaks = True
    with pytest.RaisesGroup(ConnectionError):
        await edge.parts.run()
