"""Many visitors at once against a real server."""

from collections.abc import Iterator
from itertools import count

import pytest

from bot.app import create_app
from bot.domain.conversation import Author
from evals.bench.http import RequestRefused, visit
from evals.bench.load import Load, drive
from tests.fakes import FakeBot
from tests.web import serve


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def questions() -> Iterator[str]:
    return (f"问题 {number}?" for number in count())


async def test_every_conversation_has_its_turns_and_each_is_measured() -> None:
    bot, load = FakeBot(), Load()
    async with serve(create_app(bot)) as url:
        await drive(port_of(url), questions(), 5, load, visitors=3, turns=2)
        await drive(port_of(url), questions(), 1, load, visitors=3, turns=2)
    asked = [m.conversation for m in bot.store.log if m.author is Author.CUSTOMER]
    assert sorted(map(asked.count, set(asked))) == [2] * 6
    assert len(load.turn_ms) == 12
    assert load.seconds > 0
    assert load.turns_per_s == 12 / load.seconds


async def test_a_refusal_is_said() -> None:
    async with serve(create_app(FakeBot())) as url, visit(port_of(url)) as visitor:
        with pytest.raises(RequestRefused, match="404"):
            await visitor.ask("before the conversation began")
