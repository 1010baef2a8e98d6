"""A post that is changed as a whole, and not too often."""

import pytest

from bot.channels.chat.live import ChangedPost
from bot.channels.chat.place import Place
from bot.channels.chat.sheet import Markdown, Sheet
from bot.domain.conversation import Locale
from tests.channels.chat.program import ROOM, TEAM, FakeWall


class Room:
    def __init__(self) -> None:
        self.wall, self.seconds = FakeWall(), 0.0

    async def begin(self) -> ChangedPost:
        place = Place(TEAM, ROOM)
        reference = await self.wall.put("key", place, Sheet("Looking…"))
        return ChangedPost(place, reference, Locale.EN, self.wall, 1.0, lambda: self.seconds)

    @property
    def sheet(self) -> Sheet:
        [post] = self.wall.posts
        return post.sheet


@pytest.fixture
def room() -> Room:
    return Room()


async def test_it_changes_at_most_once_in_a_while(room: Room) -> None:
    post = await room.begin()
    await post.step("Writing…")
    assert room.sheet == Sheet("Looking…")
    room.seconds = 1.0
    await post.step("Writing…")
    await post.show("Too early")
    assert room.sheet.notice == "Writing…"
    room.seconds = 2.0
    await post.show("")
    await post.show("Open **it**.")
    assert room.sheet == Sheet("Open it.", (Markdown("Open **it**.", frozenset()),))
    assert room.wall.changed == 2


async def test_its_end_is_a_change_and_it_can_be_taken_back(room: Room) -> None:
    post = await room.begin()
    assert not await post.finish(Sheet("Done"), {})
    await post.withdraw()
    assert room.wall.posts == []
