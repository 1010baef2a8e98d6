"""What every store promises of surveys."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.conversation import Conversation
from bot.domain.customer import Customer
from bot.domain.errors import StoreError
from bot.domain.survey import Survey, SurveyAnswer
from bot.ports import Storage
from tests.adapters.stores import NOON


async def begin(store: Storage, name: str, customer: str | None = None) -> Conversation:
    conversation = Conversation("widget", id=name, customer=customer)
    if customer:
        await store.save_customer(Customer(customer))
    await store.add_conversation(conversation)
    return conversation


async def test_it_is_asked_once_and_answered_until_it_is_closed(store: Storage) -> None:
    await begin(store, "a")
    asked = Survey("a", asked_at=NOON)
    assert await store.survey("a", 0) is None
    assert not await store.answer_survey("a", 0, SurveyAnswer(5))
    await store.add_survey(asked)
    assert await store.answer_survey("a", 0, SurveyAnswer(csat=4))
    assert await store.survey("a", 0) == replace(asked, csat=4)
    await store.add_survey(replace(asked, asked_at=NOON + timedelta(days=1)))
    assert await store.survey("a", 0) == replace(asked, csat=4)
    closed = NOON + timedelta(minutes=5)
    assert await store.answer_survey("a", 0, SurveyAnswer(None, 10, "快，谢谢", closed))
    answered = replace(asked, csat=4, nps=10, comment="快，谢谢", closed_at=closed)
    assert await store.survey("a", 0) == answered
    assert not await store.answer_survey("a", 0, SurveyAnswer(1, closed_at=closed))
    assert await store.survey("a", 0) == answered
    assert await store.survey("a", 1) is None


async def test_of_two_answers_at_once_one_counts(store: Storage) -> None:
    await begin(store, "a")
    await store.add_survey(Survey("a", asked_at=NOON))
    answers = [SurveyAnswer(csat, closed_at=NOON) for csat in (1, 5)]
    taken = await asyncio.gather(*(store.answer_survey("a", 0, answer) for answer in answers))
    assert sorted(taken) == [False, True]
    found = await store.survey("a", 0)
    assert found is not None
    assert found.csat == answers[taken.index(True)].csat


async def test_they_come_in_order(store: Storage) -> None:
    await begin(store, "a", "kim")
    await begin(store, "b", "kim")
    await begin(store, "c", "lee")
    second = Survey("a", 2, customer="kim", asked_at=NOON + timedelta(days=2))
    first = Survey("a", 1, customer="kim", asked_at=NOON)
    other = Survey("b", 1, customer="kim", asked_at=NOON + timedelta(days=1))
    foreign = Survey("c", 1, customer="lee", asked_at=NOON)
    for survey in (second, first, other, foreign):
        await store.add_survey(survey)
    assert list(await store.surveys_of("a")) == [first, second]
    assert list(await store.surveys_by("kim")) == [first, other, second]
    assert list(await store.surveys_by("nobody")) == []


async def test_a_survey_needs_its_conversation(store: Storage) -> None:
    with pytest.raises(StoreError):
        await store.add_survey(Survey("nowhere", asked_at=NOON))


async def test_what_cannot_be_stored_is_refused(store: Storage) -> None:
    await begin(store, "a")
    survey = Survey("a", asked_at=NOON)
    with pytest.raises(StoreError):
        await store.add_survey(replace(survey, comment="a\x00b"))
    with pytest.raises(StoreError):
        await store.answer_survey("a", 0, SurveyAnswer(comment="a\x00b"))
