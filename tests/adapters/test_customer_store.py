"""What every store promises of a customer's conversations and labels."""

from datetime import timedelta

import pytest

from bot.domain.conversation import Conversation
from bot.domain.customer import Customer
from bot.domain.errors import StoreError
from bot.domain.survey import Survey, SurveyAnswer
from bot.ports import Storage
from bot.services.profile import Profiles
from tests.adapters.stores import NOON
from tests.adapters.test_ticket_store import opened


async def begin(store: Storage, name: str, customer: str | None, days: int = 0) -> Conversation:
    if customer:
        await store.save_customer(Customer(customer))
    at = NOON + timedelta(days=days)
    conversation = Conversation("widget", id=name, customer=customer, created_at=at)
    await store.add_conversation(conversation)
    return conversation


async def test_conversations_of_a_customer_come_latest_first(store: Storage) -> None:
    old = await begin(store, "old", "kim", days=-2)
    new = await begin(store, "new", "kim")
    await begin(store, "other", "lee")
    await begin(store, "visitor", None)
    assert list(await store.conversations_of("kim", 10)) == [new, old]
    assert list(await store.conversations_of("kim", 1)) == [new]
    assert list(await store.conversations_of("nobody", 10)) == []


async def test_labels_are_those_that_were_saved_last(store: Storage) -> None:
    await store.save_customer(Customer("kim"))
    assert list(await store.labels("kim")) == []
    await store.save_labels("kim", ["试用", "b"])
    await store.save_labels("kim", ["重要客户", "a"])
    assert list(await store.labels("kim")) == ["重要客户", "a"]
    await store.save_customer(Customer("kim", name="Kim"))  # tells nothing of labels
    assert list(await store.labels("kim")) == ["重要客户", "a"]
    await store.save_labels("kim", [])
    assert list(await store.labels("kim")) == []


async def test_labels_need_their_customer_and_storable_text(store: Storage) -> None:
    with pytest.raises(StoreError):
        await store.save_labels("nobody-at-all", ["a"])
    await store.save_customer(Customer("kim"))
    with pytest.raises(StoreError):
        await store.save_labels("kim", ["a\x00b"])


async def test_a_profile_over_a_store(store: Storage) -> None:
    conversation = await begin(store, "a", "kim")
    ticket = await opened(store, conversation)
    survey = Survey(conversation.id, 1, ticket=ticket.id, customer="kim", asked_at=NOON)
    await store.add_survey(survey.answered(SurveyAnswer(4, 9, "Fast", NOON)))
    profiles = Profiles(store)
    assert await profiles.label("kim", [" key  account "]) == ("key account",)
    profile = await profiles.profile("kim")
    assert profile is not None
    assert (profile.labels, profile.csat, profile.nps) == (("key account",), 4.0, 9)
    assert [past.tickets for past in profile.conversations] == [1]
