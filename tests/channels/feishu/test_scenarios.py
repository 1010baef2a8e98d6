"""What somebody meets in Feishu, from their first word on: the whole application, and a Feishu of
our own on the other side."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.chat.answers import PERSON
from bot.channels.chat.ticket_sheet import CLAIM
from bot.domain.conversation import Locale
from bot.domain.feedback import Rating
from tests.channels.chat.office import CHINESE_ANSWER, CHINESE_QUESTION, QUESTION, eventually
from tests.channels.feishu.office import FeishuOffice, feishu_office, settings_of
from tests.feishu_server import (
    ANN,
    ANNS_CHAT,
    BOT,
    GROUP,
    FeishuServer,
    feishu_server,
)
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage

BOB = "ou_bob"
INTERNAL, AUTO = "oc_internal", "oc_auto"


@pytest.fixture
async def feishu() -> AsyncIterator[FeishuServer]:
    async with feishu_server() as server:
        server.add_user(BOB, "Bob Day")
        server.add_chat("oc_bob", "bob", "p2p", user=BOB)
        server.add_chat(INTERNAL, "team")
        server.add_chat(AUTO, "ask-anything")
        yield server


@pytest.fixture
async def office(feishu: FeishuServer) -> AsyncIterator[FeishuOffice]:
    settings = settings_of(feishu, internal_channels=(INTERNAL,), auto_channels=(AUTO,))
    async with feishu_office(feishu, settings) as office:
        yield office


@pytest.mark.parametrize("cards", [True, False])
async def test_a_private_message_is_answered(office: FeishuOffice, cards: bool) -> None:
    if not cards:
        office.feishu.scopes.discard("cardkit:card:write")
    await office.take(office.feishu.say(QUESTION))
    [post] = office.feishu.posted()
    assert "thread_id" not in post
    assert COLUMNS in office.feishu.text(post)
    actions = [one["action"] for one in office.feishu.actions(post)]
    assert len(actions) == 3, actions
    assert len(office.feishu.called("card_update")) == cards
    assert len(office.feishu.called("patch")) == (not cards)
    assert not any(entity.streaming for entity in office.feishu.cards.values())
    assert (await office.conversations())[0].address == f"cli_test/{ANNS_CHAT}"


async def test_a_mention_and_what_follows_stay_in_one_thread(office: FeishuOffice) -> None:
    mention = office.feishu.mention(QUESTION)
    root = mention["event"]["message"]["message_id"]
    await office.take(mention)
    await office.take(office.feishu.say("And how many rows?", GROUP, root=root))
    assert len(office.feishu.below(root)) == len(office.feishu.posted(GROUP)) == 2
    assert await office.asked() == [QUESTION, "And how many rows?"]
    assert len(await office.conversations()) == 1


async def test_who_asks_in_chinese_is_answered_with_chinese_around_it(
    feishu: FeishuServer,
) -> None:
    retriever = ScriptedRetriever(passage(CHINESE_ANSWER, Locale.ZH, "zh/boards.md"))
    async with feishu_office(feishu, retriever=retriever) as office:
        await office.take(feishu.say(CHINESE_QUESTION), feishu.mention(CHINESE_QUESTION))
        for post in (*feishu.posted(), *feishu.posted(GROUP)):
            assert CHINESE_ANSWER in feishu.text(post)
            assert "转人工客服" in feishu.text(post)
        first = feishu.called("card_create")[0]["data"]
        assert "正在" in first


async def test_thumbs_are_noted_and_what_was_missing_is_asked_for(office: FeishuOffice) -> None:
    await office.take(office.feishu.say(QUESTION))
    [post] = office.feishu.posted()
    id = post["message_id"]
    thumbs = [one for one in office.feishu.actions(post) if "feedback" in one["action"]]
    assert len(thumbs) == 2
    answer = await office.press(
        office.feishu.click(id, thumbs[1]["action"], value=thumbs[1]["value"])
    )
    assert answer["toast"]["i18n"] == {"zh_cn": "收到", "en_us": "Got it"}
    form = office.feishu.posted()[-1]["message_id"]
    sent = office.feishu.submit(form, {_field(office, form): "The price"})
    answer = await office.press(sent)
    office.feishu.replace(form, answer)
    assert office.feishu.actions(form) == []
    answered = (await office.said())[-1]
    rated = (await office.store.feedback([answered.id]))[answered.id]
    assert (rated.rating, rated.comment) == (Rating.DOWN, "The price")


def _field(office: FeishuOffice, form: str) -> str:
    [form_element] = [
        one for one in office.feishu.card(form)["body"]["elements"] if one["tag"] == "form"
    ]
    [field] = [one for one in form_element["elements"] if one["tag"] == "input"]
    return str(field["name"])


async def test_a_question_in_an_internal_group_is_answered_for_members(
    office: FeishuOffice,
) -> None:
    await office.take(office.feishu.mention(QUESTION, INTERNAL))
    [conversation] = await office.conversations()
    assert conversation.internal
    await office.take(office.feishu.mention(QUESTION))
    assert [one.internal for one in await office.conversations()] == [True, False]


async def test_an_open_question_in_an_auto_group_is_answered(office: FeishuOffice) -> None:
    said = office.feishu.say(QUESTION, AUTO)
    await office.take(said, office.feishu.say(QUESTION, GROUP))
    assert len(office.feishu.below(said["event"]["message"]["message_id"])) == 1
    assert office.feishu.posted(GROUP) == []


async def test_other_bots_and_colleagues_are_left_alone(office: FeishuOffice) -> None:
    await office.take(
        office.feishu.mention(QUESTION, sender_type="app"),
        office.feishu.say("@_user_1 look", GROUP, mentions=((BOB, "Bob Day"),)),
        office.feishu.say("just talk", GROUP),
    )
    assert office.feishu.posted(GROUP) == []
    assert not await office.conversations()


async def test_who_names_only_the_bot_means_the_message_that_is_quoted(
    office: FeishuOffice,
) -> None:
    first = office.feishu.say(QUESTION, GROUP, BOB)
    quoted = first["event"]["message"]["message_id"]
    asked = office.feishu.say("@_user_1", GROUP, quote=quoted, mentions=((BOT, "Firstline"),))
    await office.take(first, asked)
    assert await office.asked() == [QUESTION]
    assert len(office.feishu.below(asked["event"]["message"]["message_id"])) == 1


async def test_a_picture_and_a_post_are_heard(office: FeishuOffice) -> None:
    post = {
        "title": "Boards",
        "content": [
            [{"tag": "text", "text": "How many columns "}, {"tag": "text", "text": "are there?"}],
            [{"tag": "img", "image_key": "img_1"}],
        ],
    }
    await office.take(office.feishu.say("", kind="post", content=post))
    [asked] = await office.asked()
    assert asked.startswith("Boards\nHow many columns are there?")
    assert "image" in asked


async def test_who_is_outside_the_contacts_is_known_by_an_id(office: FeishuOffice) -> None:
    office.feishu.scopes.discard("contact:contact.base:readonly")
    await office.take(office.feishu.say(QUESTION))
    customer = await office.store.customer(f"feishu/cli_test/{ANN}")
    assert customer is not None
    assert customer.name is None
    assert COLUMNS in office.feishu.text(office.feishu.posted()[0])


async def test_of_a_server_that_knows_few_calls_comes_an_answer(office: FeishuOffice) -> None:
    """Neither cards of their own nor changes, names or chats."""
    known = {"token", "create", "reply"}
    office.feishu.unknown = lambda kind: kind not in known
    mention = office.feishu.mention(QUESTION)
    await office.take(office.feishu.say(QUESTION), mention)
    below = office.feishu.below(mention["event"]["message"]["message_id"])
    for posts in (office.feishu.posted(), below):
        assert COLUMNS in office.feishu.text(posts[-1])
        assert sum(COLUMNS in office.feishu.text(one) for one in posts) == 1


async def test_after_a_long_silence_a_private_chat_begins_anew(office: FeishuOffice) -> None:
    said = [office.feishu.say(QUESTION) for _ in range(3)]
    for event, hours in zip(said, (0, 1, 14), strict=True):
        at = datetime.now(UTC) + timedelta(hours=hours)
        event["event"]["message"]["create_time"] = str(int(at.timestamp() * 1000))
        await office.take(event)
    held = await office.conversations()
    asked = [len(await office.store.messages(one.id)) // 2 for one in held]
    assert sorted(asked) == [1, 2]
    assert {one.address for one in held} == {f"cli_test/{ANNS_CHAT}"}
    assert len(office.feishu.posted()) == 3


async def test_over_the_long_connection_from_the_question_to_the_answer(
    feishu: FeishuServer,
) -> None:
    settings = settings_of(feishu, posted=False)
    async with feishu_office(feishu, settings, running=True) as office:
        await feishu.connections.has_connected()
        await feishu.connections.push(feishu.say(QUESTION))
        await eventually(lambda: any(COLUMNS in feishu.text(one) for one in feishu.posted()))
        [post] = feishu.posted()
        await eventually(lambda: len(feishu.actions(post)) == 3)
        up = next(one for one in feishu.actions(post) if "feedback" in one["action"])
        click = feishu.click(post["message_id"], up["action"], value=up["value"])
        frame = await feishu.connections.push(click)
        answer = await feishu.connections.answered(frame)
        assert answer["data"]["toast"]["content"]
        answered = (await office.said())[-1]

        async def rated() -> bool:
            return bool(await office.store.feedback([answered.id]))

        await eventually(rated)


async def test_a_person_by_a_server_that_knows_few_calls(feishu: FeishuServer) -> None:
    feishu.unknown = lambda kind: kind not in {"token", "create", "reply"}
    feishu.add_chat("oc_triage", "support")
    settings, store = settings_of(feishu, triage_channel="oc_triage"), MemoryStore()
    async with feishu_office(feishu, settings, store) as office:
        await office.take(feishu.say(QUESTION))
    async with feishu_office(feishu, settings, store) as office:  # that knows nothing of the chat
        await office.take(feishu.click(feishu.posted()[-1]["message_id"], PERSON))
        [ticket] = await store.tickets_of((await office.conversations())[0].id)
        assert ticket.label in "\n".join(map(feishu.text, feishu.posted()))
        [card] = [one for one in feishu.posted("oc_triage") if CLAIM in str(feishu.actions(one))]
        await office.take(feishu.click(card["message_id"], CLAIM, BOB))
        assert (await store.ticket(ticket.id) or ticket).assignee
        assert not await store.dead_deliveries()
