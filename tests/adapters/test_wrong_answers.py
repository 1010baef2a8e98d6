"""What every store promises about answers marked as wrong."""

from datetime import timedelta

import pytest

from bot.domain.conversation import Author, Conversation, Message
from bot.domain.errors import StoreError
from bot.domain.wrong_answer import WrongAnswer
from bot.ports import Storage
from tests.adapters.stores import NOON

LATER = NOON + timedelta(hours=1)


async def said(store: Storage, text: str) -> Message:
    conversation = Conversation("widget")
    await store.add_conversation(conversation)
    message = Message(conversation.id, Author.CUSTOMER, text)
    await store.accept(message)
    return message


async def test_mark_is_replaced_by_the_next(store: Storage) -> None:
    one, other = await said(store, "a"), await said(store, "b")
    assert await store.wrong_answers() == {}
    earlier = WrongAnswer(other.id, "a-1", "en/a.md", "旧", NOON)
    await store.save_wrong_answer(WrongAnswer(one.id, "a-1", None, None, NOON))
    await store.save_wrong_answer(earlier)
    last = WrongAnswer(one.id, "a-2", "It is 5.", None, LATER)
    await store.save_wrong_answer(last)
    assert list((await store.wrong_answers()).values()) == [earlier, last]
    assert await store.wrong_answers([one.id, "unknown"]) == {one.id: last}
    assert await store.wrong_answers([]) == {}


async def test_mark_needs_its_message(store: Storage) -> None:
    with pytest.raises(StoreError):
        await store.save_wrong_answer(WrongAnswer("unknown", "a-1"))


async def test_mark_is_kept_only_where_it_can_be_stored(store: Storage) -> None:
    message = await said(store, "a")
    with pytest.raises(StoreError):
        await store.save_wrong_answer(WrongAnswer(message.id, "a-1", "\ud800"))
