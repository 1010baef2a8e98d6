"""Who clicked is told alone, where they can be."""

import pytest

from bot.channels.chat.place import Place
from bot.channels.chat.program import Click
from bot.channels.chat.sheet import Sheet
from bot.channels.chat.whispers import whisper
from bot.domain.outbox import DeskUnavailable
from tests.channels.chat.program import ROOM, TEAM, FakeWall, refused

AT = Place(TEAM, ROOM)


def click(at: Place | None) -> Click:
    return Click("key", "action", "value", "ann", TEAM, at)


async def test_who_clicked_is_told_where_that_was() -> None:
    wall = FakeWall(failures={"whisper": refused()})
    for at in (AT, AT, None):
        await whisper(wall, click(at), Sheet("No."))
    assert wall.whispers == [(AT, "ann", Sheet("No."))]


async def test_out_of_reach_they_are_told_later() -> None:
    wall = FakeWall(is_down=True)
    with pytest.raises(DeskUnavailable):
        await whisper(wall, click(AT), Sheet("No."))
