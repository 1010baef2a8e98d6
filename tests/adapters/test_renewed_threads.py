"""What every store keeps of a place where one talk follows another, without threads."""

from datetime import timedelta

import pytest

from bot.domain.conversation import Author, Conversation, ConversationStatus, Message
from bot.domain.customer import Customer
from bot.domain.errors import StoreError
from bot.ports import Storage
from tests.adapters.stores import NOON

CHANNEL, PLACE, ANN = "chat", "t/private", Customer("chat/t/ann")
HOUR = timedelta(hours=1)


def talk(hours: float = 0, status: ConversationStatus = ConversationStatus.PENDING) -> Conversation:
    """Begun so many hours after noon."""
    at = NOON + hours * HOUR
    return Conversation(CHANNEL, address=PLACE, created_at=at, customer=ANN.id, status=status)


async def begun(store: Storage, conversation: Conversation) -> Conversation:
    await store.save_customer(ANN)
    await store.begin_thread(CHANNEL, PLACE, conversation)
    return conversation


async def say(store: Storage, conversation: Conversation, hours: float, key: str) -> None:
    at = NOON + hours * HOUR
    await store.accept(
        Message(conversation.id, Author.CUSTOMER, "?", created_at=at, client_message_id=key)
    )


async def renew(store: Storage, new: Conversation, silent_hours: float, key: str = "new") -> str:
    since = NOON + silent_hours * HOUR
    return await store.renew_thread(CHANNEL, PLACE, new, since, key)


async def test_where_nothing_was_said_yet_a_talk_begins(store: Storage) -> None:
    await store.save_customer(ANN)
    new = talk()
    assert await renew(store, new, 0) == new.id
    assert await store.thread(CHANNEL, PLACE) == new.id
    assert await store.conversation(new.id) == new


async def test_a_talk_goes_on_until_it_was_silent_for_long(store: Storage) -> None:
    old = await begun(store, talk())
    await say(store, old, 2, "old")
    second = talk(3)
    assert await renew(store, second, 2) == old.id
    assert await store.conversation(second.id) is None
    third = talk(14)
    assert await renew(store, third, 2.5) == third.id
    assert await store.thread(CHANNEL, PLACE) == third.id
    assert await store.messages(old.id)


async def test_one_that_has_just_begun_is_not_silent(store: Storage) -> None:
    old = await begun(store, talk(2))
    assert await renew(store, talk(3), 1) == old.id


@pytest.mark.parametrize("status", [ConversationStatus.OPEN, ConversationStatus.SNOOZED])
async def test_what_a_person_has_stays(store: Storage, status: ConversationStatus) -> None:
    old = await begun(store, talk(status=status))
    assert await renew(store, talk(99), 87) == old.id


async def test_a_message_that_is_heard_again_is_where_it_was(store: Storage) -> None:
    """As after a crash: meanwhile another talk may be held there."""
    old = await begun(store, talk())
    await say(store, old, 1, "key")
    new = talk(20)
    assert await renew(store, new, 8) == new.id
    assert await renew(store, talk(21), 9, "key") == old.id
    assert await store.thread(CHANNEL, PLACE) == new.id


async def test_an_older_talk_is_held_there_again(store: Storage) -> None:
    old = await begun(store, talk())
    new = talk(20)
    assert await renew(store, new, 8) == new.id
    for _ in range(2):
        await store.hold_thread(CHANNEL, PLACE, old.id)
    assert await store.thread(CHANNEL, PLACE) == old.id
    assert await renew(store, talk(21), -1) == old.id


async def test_a_place_that_cannot_be_stored_is_refused(store: Storage) -> None:
    old = await begun(store, talk())
    with pytest.raises(StoreError):
        await store.hold_thread(CHANNEL, "\ud800", old.id)
    with pytest.raises(StoreError):
        await store.renew_thread(CHANNEL, "\x00", talk(), NOON, "key")
