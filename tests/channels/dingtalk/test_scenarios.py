"""A customer in DingTalk, from the first word on: over real HTTP, against a server of our own."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.conversation import Author
from bot.domain.feedback import Rating
from tests.channels.chat.office import CHINESE_QUESTION, QUESTION
from tests.channels.dingtalk.office import DingTalkOffice, dingtalk_office, settings_of
from tests.dingtalk_server import (
    ANN,
    BEN,
    CHANGE,
    CREATE,
    DELIVER,
    GROUP,
    STREAM,
    TO_ONE,
    UNKNOWN,
    USER,
    refused,
)
from tests.services.test_dialogue import COLUMNS


@pytest.fixture
async def office() -> AsyncIterator[DingTalkOffice]:
    async with dingtalk_office() as office:
        yield office


async def test_a_question_in_private_is_answered_by_a_card_with_its_source(
    office: DingTalkOffice,
) -> None:
    card = await office.ask(QUESTION)
    assert card.is_finished
    assert COLUMNS in card.text
    assert "Sources" in card.text
    assert [label for label in card.buttons if "👍" in label]
    assert [label for label in card.buttons if "👎" in label]
    assert card.named == {}
    assert await office.asked() == [QUESTION]


async def test_a_question_in_chinese_is_answered_in_chinese(office: DingTalkOffice) -> None:
    card = await office.ask(CHINESE_QUESTION)
    assert "来源" in card.text
    assert "转人工客服" in card.buttons


async def test_in_a_group_the_asker_is_told_that_there_is_an_answer(
    office: DingTalkOffice,
) -> None:
    card = await office.ask(QUESTION, GROUP)
    assert card.named == {ANN: "Ann Lee"}
    assert COLUMNS in card.text


async def test_what_two_people_ask_in_a_group_are_two_conversations(
    office: DingTalkOffice,
) -> None:
    await office.take(
        office.dingtalk.say(QUESTION, ANN, GROUP), office.dingtalk.say(QUESTION, BEN, GROUP)
    )
    (anns,), (bens,) = await office.conversations(ANN), await office.conversations(BEN)
    assert anns.id != bens.id
    assert {frozenset(card.named) for card in office.dingtalk.posted(GROUP)} == {
        frozenset({ANN}),
        frozenset({BEN}),
    }


async def test_a_second_question_goes_on_with_the_first(office: DingTalkOffice) -> None:
    await office.take(office.dingtalk.say(QUESTION), office.dingtalk.say("And rows?"))
    (conversation,) = await office.conversations()
    said = await office.store.messages(conversation.id)
    assert [one.author for one in said].count(Author.CUSTOMER) == 2


async def test_a_thumb_down_is_kept_and_its_comment_is_written_by_quoting(
    office: DingTalkOffice,
) -> None:
    card = await office.ask(QUESTION)
    await office.take(office.dingtalk.press(card, "👎"))
    (answer,) = [one for one in await office.said() if one.author is Author.BOT]
    kept = (await office.store.feedback([answer.id]))[answer.id]
    assert kept.rating is Rating.DOWN
    forms = [one for one in office.dingtalk.posted(ANN) if "Quote" in one.text]
    (form,) = forms or office.dingtalk.whispered(ANN)
    await office.take(office.dingtalk.quote(form, "The number is wrong"))
    kept = (await office.store.feedback([answer.id]))[answer.id]
    assert (kept.rating, kept.comment) == (Rating.DOWN, "The number is wrong")
    assert await office.asked() == [QUESTION]  # a comment is no question


async def test_a_voice_message_is_heard_and_a_picture_is_mentioned(office: DingTalkOffice) -> None:
    heard = {"recognition": QUESTION, "downloadCode": "D", "duration": 1200}
    card = await office.ask("")
    assert card
    await office.take(office.dingtalk.say("", msgtype="audio", content=heard))
    seen = [{"text": "Look: "}, {"type": "picture", "downloadCode": "D"}]
    await office.take(office.dingtalk.say("", msgtype="richText", content={"richText": seen}))
    asked = await office.asked()
    assert asked[1] == QUESTION
    assert asked[2].startswith("Look:")
    assert "picture" in asked[2]


async def test_who_only_quotes_a_question_means_that_one(office: DingTalkOffice) -> None:
    said = office.dingtalk.say("", BEN, GROUP)
    told = {"msgType": "text", "msgId": "msgX", "content": {"content": QUESTION}}
    said["text"] |= {"isReplyMsg": True, "repliedMsg": told}
    await office.take(said)
    assert await office.asked(BEN) == [QUESTION]


async def test_internal_articles_are_for_internal_groups() -> None:
    async with dingtalk_office(settings_of(internal_channels=(GROUP,))) as office:
        await office.ask(QUESTION, GROUP)
        await office.ask(QUESTION, None, BEN)
        assert [one.internal for one in await office.conversations(ANN)] == [True]
        assert [one.internal for one in await office.conversations(BEN)] == [False]


@pytest.mark.parametrize(("confidence", "answers"), [(0.0, 1), (1.0, 0)])
async def test_where_it_answers_unasked_it_does_when_it_is_sure(
    confidence: float, answers: int
) -> None:
    settings = settings_of(auto_channels=(GROUP,), auto_confidence=confidence)
    async with dingtalk_office(settings) as office:
        unaddressed = {"isInAtList": False, "atUsers": []}
        await office.take(office.dingtalk.say(QUESTION, ANN, GROUP, **unaddressed))
        assert len(office.dingtalk.posted(GROUP)) == answers


async def test_elsewhere_what_does_not_name_it_is_not_answered(office: DingTalkOffice) -> None:
    said = office.dingtalk.say(QUESTION, ANN, GROUP, isInAtList=False, atUsers=[])
    await office.take(said)
    assert office.dingtalk.posted(GROUP) == []


async def test_a_person_without_an_entry_in_the_directory_is_answered(
    office: DingTalkOffice,
) -> None:
    office.dingtalk.people.pop(BEN)
    office.dingtalk.fail(CREATE, refused("param.userIdNotExist"))
    await office.take(office.dingtalk.say(QUESTION, BEN, GROUP))
    assert COLUMNS in office.dingtalk.messages[-1]["text"]


async def test_under_an_api_that_knows_nothing_it_answers_by_the_session(
    office: DingTalkOffice,
) -> None:
    """Never silence: each call that is not there has something in its place."""
    for path in (CREATE, CHANGE, STREAM, DELIVER, TO_ONE, USER):
        office.dingtalk.fail(path, *[UNKNOWN] * 20)
    await office.take(office.dingtalk.say(QUESTION))
    (message,) = office.dingtalk.messages
    assert COLUMNS in message["text"]
    assert message["chat"] == "session"
