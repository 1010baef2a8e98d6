"""Posts of the bot in Feishu: put up once, found again, changed in place."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.channels.chat.place import Place
from bot.channels.chat.program import NotHeard, OutcomeUnknown, PostGone
from bot.channels.chat.sheet import Button, Buttons, Markdown, Paragraph, Sheet
from bot.channels.feishu.refusals import FeishuRefused
from bot.domain.inbound import Post, PostState
from bot.domain.outbox import DeskUnavailable
from tests.channels.feishu.room import HELP, PRIVATE, Room, room
from tests.feishu_server import ANN, GROUP, RESET_AFTER, TEAM, refused

SHEET = Sheet("Hello", (Markdown("Hello"), Buttons("b", (Button("go", "Go", "v"),))))
NEXT = Sheet("Next", (Markdown("Next"),))


@pytest.fixture
async def hall() -> AsyncIterator[Room]:
    async with room() as opened:
        yield opened


def begun(hall: Room, key: str, place: Place = PRIVATE) -> Post:
    return Post("feishu", key, "c", place.address, "", PostState.PROVISIONAL, hall.at)


async def test_a_post_is_put_up_once_under_its_key(hall: Room) -> None:
    hall.feishu.fail("create", RESET_AFTER)
    with pytest.raises(OutcomeUnknown):
        await hall.wall.put("k", PRIVATE, SHEET)
    assert await hall.wall.find(begun(hall, "k")) is None
    reference = await hall.wall.put("k", PRIVATE, SHEET)
    assert await hall.wall.put("other", PRIVATE, SHEET) != reference
    assert hall.feishu.posted()[0]["message_id"] == reference
    assert len(hall.feishu.posted()) == 2


@pytest.mark.parametrize("is_thread", [True, False])
async def test_after_an_hour_it_is_looked_for(hall: Room, is_thread: bool) -> None:
    asked = hall.feishu.mention("Hello")["event"]["message"]["message_id"]
    place = Place(TEAM, GROUP, asked) if is_thread else HELP
    post = begun(hall, "k", place)
    for n in range(60):  # more than a page
        await hall.wall.put(f"other.{n}", place, SHEET)
    reference = await hall.wall.put("k", place, SHEET)
    hall.feishu.forget_keys()
    hall.open_anew()
    hall.wait(hours=2)
    assert await hall.wall.find(post) == reference
    assert await hall.wall.find(replace(post, key="none")) is None


async def test_without_the_permission_it_is_not_looked_for(hall: Room) -> None:
    post = begun(hall, "k")
    hall.wait(hours=2)
    hall.feishu.scopes.discard("im:message.group_msg")
    assert await hall.wall.find(post) is None


async def test_buttons_tell_where_they_stand(hall: Room) -> None:
    private = await hall.wall.put("1", PRIVATE, SHEET)
    card = await hall.wall.put("2", HELP, SHEET)
    below = hall.wall.below(HELP, card)
    answer = await hall.wall.put("3", below, SHEET)
    threads = [hall.feishu.actions(one)[0].get("thread") for one in (private, card, answer)]
    assert threads == [None, ".", card]
    assert hall.wall.below(below, answer) == below
    assert hall.feishu.messages[answer]["root_id"] == card


async def test_a_post_is_changed_and_removed(hall: Room) -> None:
    reference = await hall.wall.put("k", PRIVATE, SHEET)
    await hall.wall.change(PRIVATE, reference, NEXT)
    assert "Next" in hall.feishu.text(reference)
    await hall.wall.remove(PRIVATE, reference)
    await hall.wall.remove(PRIVATE, reference)
    assert hall.feishu.posted() == []


async def test_what_is_gone_is_put_up_anew_under_the_same_key(hall: Room) -> None:
    reference = await hall.wall.put("k", PRIVATE, SHEET)
    hall.feishu.recall(reference)
    with pytest.raises(PostGone):
        await hall.wall.change(PRIVATE, reference, NEXT)
    again = await hall.wall.put("k", PRIVATE, NEXT)
    assert again != reference
    hall.open_anew()
    assert await hall.wall.put("k", PRIVATE, NEXT) == again
    assert len(hall.feishu.posted()) == 1
    hall.feishu.recall(again)
    assert await hall.wall.put("k", PRIVATE, NEXT) not in (reference, again)


async def test_what_is_loud_is_seen_in_the_group_as_well(hall: Room) -> None:
    card = await hall.wall.put("card", HELP, SHEET)
    late = Sheet("T-1: late", (Paragraph((("T-1: late",),)),), is_loud=True)
    for _ in range(2):  # it may be put up once more after a crash
        reference = await hall.wall.put("late", hall.wall.below(HELP, card), late)
    below, around = [one for one in hall.feishu.posted(GROUP) if one["message_id"] != card]
    assert below["message_id"] == reference
    assert below["root_id"] == card
    assert not around.get("root_id")
    assert "T-1: late" in hall.feishu.text(around)


async def test_without_replies_it_is_said_beside_the_thread(hall: Room) -> None:
    asked = hall.feishu.mention("Hello")["event"]["message"]["message_id"]
    hall.feishu.unknown = lambda kind: kind == "reply"
    await hall.wall.put("k", Place(TEAM, GROUP, asked), SHEET)
    assert len(hall.feishu.posted(GROUP)) == 1


async def test_a_thread_whose_beginning_was_recalled_is_gone(hall: Room) -> None:
    asked = hall.feishu.mention("Hello")["event"]["message"]["message_id"]
    hall.feishu.recall(asked)
    with pytest.raises(PostGone):
        await hall.wall.put("k", Place(TEAM, GROUP, asked), SHEET)


async def test_a_card_too_old_to_be_changed_is_gone(hall: Room) -> None:
    reference = await hall.wall.put("k", PRIVATE, SHEET)
    hall.feishu.fail("patch", refused(230031))
    with pytest.raises(PostGone):
        await hall.wall.change(PRIVATE, reference, NEXT)


async def test_where_nothing_can_be_changed_the_old_one_makes_room(hall: Room) -> None:
    reference = await hall.wall.put("k", PRIVATE, SHEET)
    hall.feishu.unknown = lambda kind: kind in ("patch", "card_convert")
    with pytest.raises(PostGone):
        await hall.wall.change(PRIVATE, reference, NEXT)
    await hall.wall.put("k", PRIVATE, NEXT)
    [post] = hall.feishu.posted()
    assert "Next" in hall.feishu.text(post)


async def test_a_card_that_takes_no_change_makes_room_for_the_words_alone(hall: Room) -> None:
    reference = await hall.wall.put("k", PRIVATE, SHEET)
    hall.feishu.fail("patch", refused(230099), refused(230099))
    hall.feishu.fail("create", refused(230099), refused(230099))
    with pytest.raises(PostGone):
        await hall.wall.change(PRIVATE, reference, NEXT)
    await hall.wall.put("k", PRIVATE, NEXT)
    [post] = hall.feishu.posted()
    assert "Next" in hall.feishu.messages[post["message_id"]]["content"]


async def test_a_card_that_is_refused_is_posted_without_its_buttons(hall: Room) -> None:
    hall.feishu.fail("create", refused(230099))
    reference = await hall.wall.put("k", PRIVATE, SHEET)
    assert hall.feishu.actions(reference) == []
    assert "Hello" in hall.feishu.text(reference)


async def test_and_as_a_text_where_no_card_is_taken(hall: Room) -> None:
    hall.feishu.fail("create", refused(230099), refused(230099))
    reference = await hall.wall.put("k", PRIVATE, SHEET)
    assert hall.feishu.messages[reference]["msg_type"] == "text"
    assert "Hello" in hall.feishu.messages[reference]["content"]


async def test_what_is_too_often_is_tried_later(hall: Room) -> None:
    hall.feishu.fail("create", refused(230020))
    with pytest.raises(DeskUnavailable) as met:
        await hall.wall.put("k", PRIVATE, SHEET)
    assert met.value.retry_after_s


async def test_what_is_for_one_person_alone(hall: Room) -> None:
    await hall.wall.whisper(HELP, ANN, SHEET)
    assert [one["open_id"] for one in hall.feishu.ephemeral] == [ANN]
    await hall.wall.whisper(PRIVATE, ANN, NEXT)
    hall.feishu.add_chat("oc_topics", "topics", "topic")
    await hall.wall.whisper(Place(TEAM, "oc_topics"), ANN, NEXT)
    assert len(hall.feishu.ephemeral) == 1
    assert ["Next" in hall.feishu.text(one) for one in hall.feishu.posted()] == [True, True]
    hall.feishu.fail("ephemeral", refused(18080))
    with pytest.raises(NotHeard):
        await hall.wall.whisper(HELP, "ou_nobody", SHEET)


async def test_where_a_group_is_opened(hall: Room) -> None:
    assert hall.wall.link(PRIVATE) == ""
    opened = hall.wall.link(Place(TEAM, GROUP, "om_1"))
    assert opened == f"https://applink.feishu.cn/client/chat/open?openChatId={GROUP}"
    assert await hall.wall.facts(HELP) == {}


async def test_a_message_is_marked_as_sent(hall: Room) -> None:
    said = hall.feishu.say("Hello")["event"]["message"]["message_id"]
    assert await hall.wall.mark_sent(f"{TEAM}/{said}")
    assert hall.feishu.reactions == [(said, "DONE")]
    assert await hall.wall.mark_sent(f"{TEAM}/om_recalled")
    hall.feishu.scopes.discard("im:message.reactions:write_only")
    assert not await hall.wall.mark_sent(f"{TEAM}/{said}")


async def test_other_refusals_are_told(hall: Room) -> None:
    hall.feishu.fail("create", refused(230013))
    with pytest.raises(FeishuRefused, match="availability"):
        await hall.wall.put("k", PRIVATE, SHEET)
