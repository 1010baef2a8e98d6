"""Cards are changed in the order of their numbers, whichever process is at it."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.chat.program import PostGone
from bot.channels.chat.sheet import Sheet
from bot.channels.feishu.cards import EPOCH, Cards
from bot.channels.feishu.drawing import draw_live, mark, note
from bot.channels.feishu.elements import Card
from bot.channels.feishu.refusals import FeishuPostGone, FeishuRefused
from bot.domain.conversation import Locale
from bot.domain.outbox import DeskUnavailable
from tests.channels.feishu.room import PRIVATE, Room, room
from tests.feishu_server import ANN, refused

KEY = "answer.1"


def live(words: str = "Looking…") -> Card:
    return draw_live(words, words, KEY)


@pytest.fixture
async def hall() -> AsyncIterator[Room]:
    async with room() as opened:
        yield opened


async def shown(hall: Room, cards: Cards) -> tuple[str, str]:
    """A card that stands in a message."""
    card = await cards.make(live())
    content = {"type": "card", "data": {"card_id": card}}
    message = await hall.wall.send(KEY, PRIVATE, content)
    cards.shown(message, card)
    return message, card


async def test_numbers_grow_with_the_time_and_with_each_change(hall: Room) -> None:
    now = [EPOCH + 1000.0]
    cards = Cards(hall.calls, lambda: now[0])
    _, card = await shown(hall, cards)
    await cards.write(card, mark(KEY), "a")
    await cards.write(card, mark(KEY), "a b")
    now[0] += 60
    await cards.replace(card, note("over"))
    await cards.end_stream(card)
    numbers = [call.body["sequence"] for call in hall.feishu.calls if "sequence" in call.body]
    assert numbers == [1000, 1001, 1060, 1061]


async def test_another_process_knows_a_card_by_its_message(hall: Room) -> None:
    now = EPOCH + 1000.0
    message, card = await shown(hall, Cards(hall.calls, lambda: now))
    hall.feishu.cards[card].sequence = 1005  # it was quicker than the clock
    other = Cards(hall.calls, lambda: now)
    await other.change(message, note("done"))
    assert "done" in hall.feishu.text(message)
    await other.change(message, note("done again"))
    assert "again" in hall.feishu.text(message)
    assert len(hall.feishu.called("card_convert")) == 1


async def test_a_number_that_stays_too_low_is_refused(hall: Room) -> None:
    cards = Cards(hall.calls, lambda: EPOCH + 1000.0)
    message, card = await shown(hall, cards)
    hall.feishu.cards[card].sequence = 2**31 - 1
    with pytest.raises(FeishuRefused):
        await cards.change(message, note("done"))


async def test_what_is_refused_of_a_post_without_a_card_is_refused(hall: Room) -> None:
    message = await hall.wall.send("k", PRIVATE, note("x"))
    cards = Cards(hall.calls)
    await cards.change(message, note("y"))
    with pytest.raises(FeishuRefused, match="230099"):
        await cards.change(message, {"schema": "1.0"})
    hall.feishu.wrong.clear()
    hall.feishu.recall(message)
    with pytest.raises(FeishuPostGone):
        await cards.change(message, note("z"))


async def test_a_card_that_may_be_changed_no_more_is_put_up_anew(hall: Room) -> None:
    live = await hall.screen.begin(KEY, PRIVATE, ANN, "Looking…", Locale.EN)
    hall.feishu.fail("card_update", refused(99991672))
    with pytest.raises(PostGone):
        await hall.wall.change(PRIVATE, live.reference, Sheet("Done"), {"key": KEY})
    await hall.wall.put(KEY, PRIVATE, Sheet("Done"))
    assert ["Done" in hall.feishu.text(one) for one in hall.feishu.posted()] == [True]


async def test_feishu_takes_ten_changes_a_second(hall: Room) -> None:
    """As the stand-in has it, so that what is too often is seen."""
    hall.feishu.clock = lambda: 100.0
    cards = Cards(hall.calls)
    _, card = await shown(hall, cards)
    for n in range(10):
        await cards.write(card, mark(KEY), f"word {n}")
    with pytest.raises(DeskUnavailable, match="230020"):
        await cards.write(card, mark(KEY), "one more")
