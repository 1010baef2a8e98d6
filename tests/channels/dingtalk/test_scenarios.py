"""A customer in DingTalk, from the first word on: over real HTTP, against a server of our own."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.conversation import Author
from bot.domain.feedback import Rating
from tests.channels.dingtalk.office import QUESTION, DingTalkOffice, dingtalk_office
from tests.dingtalk_server import ANN, BEN, GROUP
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
    card = await office.ask("一个看板最多可以有多少列？")
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
