"""What every store keeps of posts in channels elsewhere, whoever of several processes writes."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.conversation import Conversation
from bot.domain.inbound import Post, PostState
from bot.ports import Storage
from tests.adapters.stores import NOON

CHANNEL = "chat"
BEGUN = Post(CHANNEL, "m", "", "p", "", PostState.LIVE, NOON)


@pytest.fixture
async def begun(store: Storage) -> Post:
    """Not in the store yet."""
    conversation = Conversation(CHANNEL)
    await store.add_conversation(conversation)
    return replace(BEGUN, conversation=conversation.id)


async def test_a_post_is_as_it_was_saved_last(store: Storage, begun: Post) -> None:
    assert await store.post(CHANNEL, "m") is None
    await store.save_post(begun)
    assert await store.post(CHANNEL, "m") == begun
    last = replace(begun, reference="1.2", state=PostState.FINAL)
    await store.save_post(last)
    assert list(await store.posts_of(begun.conversation)) == [last]


async def test_of_many_one_begins_it(store: Storage, begun: Post) -> None:
    many = [replace(begun, place=f"p{n}") for n in range(8)]
    was_begun = await asyncio.gather(*map(store.begin_post, many))
    assert sorted(was_begun) == [*[False] * 7, True]
    assert await store.post(CHANNEL, "m") == many[was_begun.index(True)]


async def test_of_many_one_advances_it(store: Storage, begun: Post) -> None:
    await store.begin_post(begun)
    many = [replace(begun, reference=str(n), state=PostState.PROVISIONAL) for n in range(8)]
    advances = await asyncio.gather(*(store.advance_post(one, PostState.LIVE) for one in many))
    assert sorted(advances) == [*[False] * 7, True]
    assert await store.post(CHANNEL, "m") == many[advances.index(True)]


async def test_what_is_in_another_state_stays(store: Storage, begun: Post) -> None:
    assert not await store.advance_post(begun, PostState.LIVE)
    assert await store.post(CHANNEL, "m") is None
    final = replace(begun, reference="1.1", state=PostState.FINAL)
    await store.save_post(final)
    assert not await store.advance_post(replace(begun, reference="1.2"), PostState.LIVE)
    assert await store.post(CHANNEL, "m") == final
