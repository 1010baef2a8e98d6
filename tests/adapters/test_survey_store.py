"""What every store promises of surveys."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.conversation import Conversation
from bot.domain.customer import Customer
from bot.domain.errors import StoreError
from bot.domain.survey import Survey
from bot.ports import Storage
from tests.adapters.stores import NOON


async def begin(store: Storage, name: str, customer: str | None = None) -> Conversation:
    conversation = Conversation("widget", id=name, customer=customer)
    if customer:
        await store.save_customer(Customer(customer))
    await store.add_conversation(conversation)
    return conversation


async def test_the_last_saved_one_stands(store: Storage) -> None:
    await begin(store, "a")
    asked = Survey("a", asked_at=NOON)
    assert await store.survey("a", 0) is None
    await store.save_survey(asked)
    answered = asked.answered(4, 10, "快，谢谢", NOON + timedelta(minutes=5))
    await store.save_survey(answered)
    assert await store.survey("a", 0) == answered
    assert await store.survey("a", 1) is None


async def test_they_come_in_order(store: Storage) -> None:
    await begin(store, "a", "kim")
    await begin(store, "b", "kim")
    await begin(store, "c", "lee")
    second = Survey("a", 2, customer="kim", asked_at=NOON + timedelta(days=2))
    first = Survey("a", 1, customer="kim", asked_at=NOON)
    other = Survey("b", 1, customer="kim", asked_at=NOON + timedelta(days=1))
    foreign = Survey("c", 1, customer="lee", asked_at=NOON)
    for survey in (second, first, other, foreign):
        await store.save_survey(survey)
    assert list(await store.surveys_of("a")) == [first, second]
    assert list(await store.surveys_by("kim")) == [first, other, second]
    assert list(await store.surveys_by("nobody")) == []


async def test_a_survey_needs_its_conversation(store: Storage) -> None:
    with pytest.raises(StoreError):
        await store.save_survey(Survey("nowhere", asked_at=NOON))


async def test_what_cannot_be_stored_is_refused(store: Storage) -> None:
    await begin(store, "a")
    survey = Survey("a", asked_at=NOON)
    with pytest.raises(StoreError):
        await store.save_survey(replace(survey, comment="a\x00b"))
