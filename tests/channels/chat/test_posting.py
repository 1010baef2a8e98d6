"""A post is put up once, whatever becomes of the answer to it."""

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.place import Place
from bot.channels.chat.posting import Poster
from bot.channels.chat.sheet import Sheet
from bot.domain.inbound import PostState
from bot.domain.outbox import DeskUnavailable
from tests.adapters.stores import NOON, Clock
from tests.channels.chat.program import CHANNEL, ROOM, TEAM, FakeWall

PLACE, HELLO = Place(TEAM, ROOM), Sheet("Hello")


class Room:
    def __init__(self) -> None:
        self.wall, self.store = FakeWall(), MemoryStore(Clock())
        self.poster = Poster(CHANNEL, self.wall, self.store, Clock())

    async def post(self, key: str = "key", conversation: str = "c1") -> str:
        return (await self.poster.post(key, conversation, PLACE, HELLO, {"n": "1"})).reference


@pytest.fixture
def room() -> Room:
    return Room()


async def test_it_is_put_up_once(room: Room) -> None:
    assert await room.poster.made("key") is None
    first = await room.post()
    assert await room.post() == first
    [post] = room.wall.posts
    assert (post.key, post.place, post.sheet, post.facts) == ("key", PLACE, HELLO, {"n": "1"})
    made = await room.poster.made("key")
    assert made is not None
    assert (made.reference, made.state, made.at) == (first, PostState.FINAL, NOON)


async def test_after_a_lost_answer_it_is_found(room: Room) -> None:
    room.wall.lost = 1
    with pytest.raises(DeskUnavailable):
        await room.post()
    assert await room.poster.made("key") is None
    assert await room.post() == "m1"
    assert len(room.wall.posts) == 1


async def test_what_was_not_put_up_is_put_up_later(room: Room) -> None:
    room.wall.failures["put"] = DeskUnavailable("down")
    with pytest.raises(DeskUnavailable):
        await room.post()
    assert await room.post() == "m1"


async def test_what_is_gone_is_put_up_anew(room: Room) -> None:
    await room.post()
    made = await room.poster.made("key")
    assert made is not None
    room.wall.delete(made.reference)
    await room.poster.begin_anew(made)
    assert await room.post() == "m2"


async def test_a_thread_is_opened_once(room: Room) -> None:
    for _ in range(2):
        place = await room.poster.open_thread("key", PLACE, HELLO, NOON)
        assert place == Place(TEAM, ROOM, "m1")


async def test_what_stands_somewhere_is_written_down_once(room: Room) -> None:
    for reference in ("here", "there"):
        await room.poster.note("key", "c1", PLACE, reference)
    made = await room.poster.made("key")
    assert made is not None
    assert (made.reference, room.wall.posts) == ("here", [])
