"""What every store keeps of a conversation that is held in more than one place."""

import pytest

from bot.domain.conversation import Author, Conversation, Message
from bot.domain.errors import StoreError
from bot.ports import Storage
from tests.adapters.stores import NOON

CHANNEL = "slack"


async def begun(store: Storage, address: str) -> Conversation:
    conversation = Conversation(CHANNEL, address=address, created_at=NOON)
    await store.begin_thread(CHANNEL, address, conversation)
    return conversation


async def test_a_conversation_is_found_wherever_it_is_held(store: Storage) -> None:
    conversation = await begun(store, "ask")
    for _ in range(2):
        await store.join_thread(CHANNEL, "shared", conversation.id)
    assert await store.thread(CHANNEL, "shared") == conversation.id
    assert await store.thread(CHANNEL, "ask") == conversation.id
    said = Message(conversation.id, Author.CUSTOMER, "Hi", created_at=NOON)
    await store.accept(said)
    assert list(await store.messages(conversation.id)) == [said]
    found = await store.threads_since(CHANNEL, NOON)
    assert {one.address for one in found} == {"ask", "shared"}


async def test_a_place_keeps_the_conversation_that_it_has(store: Storage) -> None:
    first, second = await begun(store, "one"), await begun(store, "two")
    await store.join_thread(CHANNEL, "one", second.id)
    assert await store.thread(CHANNEL, "one") == first.id


async def test_a_conversation_becomes_public(store: Storage) -> None:
    conversation = Conversation(CHANNEL, address="one", created_at=NOON, internal=True)
    await store.begin_thread(CHANNEL, "one", conversation)
    await store.make_public(conversation.id)
    found = await store.conversation(conversation.id)
    assert found is not None
    assert not found.internal


async def test_a_place_that_cannot_be_stored_is_refused(store: Storage) -> None:
    conversation = await begun(store, "one")
    with pytest.raises(StoreError):
        await store.join_thread(CHANNEL, "\ud800", conversation.id)
