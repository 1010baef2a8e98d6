"""An answer is seen as it comes, and no more often than Feishu takes it."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.chat.live import ChangedPost
from bot.channels.chat.program import PostGone
from bot.channels.chat.sheet import Button, Buttons, Markdown, Sheet
from bot.channels.feishu.screen import CHANGE_PAUSE_S, WRITE_PAUSE_S, WrittenPost
from bot.domain.conversation import Locale
from bot.domain.inbound import Post, PostState
from bot.domain.outbox import DeskUnavailable
from tests.channels.feishu.room import PRIVATE, Room, room
from tests.feishu_server import ANN, RESET_AFTER, refused

ANSWER = Sheet("24", (Markdown("It has **24**."), Buttons("b", (Button("go", "Go", "v"),))))
KEY = "answer.1"


@pytest.fixture
async def hall() -> AsyncIterator[Room]:
    async with room() as opened:
        yield opened


async def begin(hall: Room) -> WrittenPost:
    live = await hall.screen.begin(KEY, PRIVATE, ANN, "Looking…", Locale.EN)
    assert isinstance(live, WrittenPost)
    return live


async def test_a_card_is_written_and_becomes_the_answer(hall: Room) -> None:
    live = await begin(hall)
    assert "Looking…" in hall.feishu.text(live.reference)
    hall.seconds += WRITE_PAUSE_S
    await live.step("Writing…")
    assert "Writing…" in hall.feishu.text(live.reference)
    hall.seconds += WRITE_PAUSE_S
    await live.show("It has [24](https://evil.example)")
    assert hall.feishu.text(live.reference).strip() == "It has 24"
    assert await live.finish(ANSWER, {"key": KEY})
    assert "**24**" in hall.feishu.text(live.reference)
    assert hall.feishu.actions(live.reference)
    [card] = hall.feishu.cards.values()
    assert not card.streaming
    numbers = [call.body["sequence"] for call in hall.feishu.calls if "sequence" in call.body]
    assert numbers == sorted(set(numbers))


async def test_pieces_that_come_too_fast_are_left_out(hall: Room) -> None:
    live = await begin(hall)
    for n in range(200):
        hall.seconds += 0.01
        await live.show("word " * (n + 1))
    writes = len(hall.feishu.called("card_write"))
    assert writes <= 2 / WRITE_PAUSE_S
    assert 1 / WRITE_PAUSE_S < 10 / 2  # half of what Feishu takes


async def test_a_piece_that_is_not_taken_keeps_nothing_back(hall: Room) -> None:
    live = await begin(hall)
    hall.feishu.fail("card_write", refused(230020), RESET_AFTER)
    for text in ("a", "a b", "a b c"):
        hall.seconds += WRITE_PAUSE_S
        await live.show(text)
    assert hall.feishu.text(live.reference).strip() == "a b c"


async def test_writing_that_feishu_ended_goes_on_no_further(hall: Room) -> None:
    live = await begin(hall)
    hall.feishu.cards[live.card].streaming = False
    for text in ("a", "a b"):
        hall.seconds += WRITE_PAUSE_S
        await live.show(text)
    assert len(hall.feishu.called("card_write")) == 1
    assert await live.finish(ANSWER, {"key": KEY})
    assert "**24**" in hall.feishu.text(live.reference)


async def test_without_cards_of_their_own_a_post_is_changed(hall: Room) -> None:
    hall.feishu.scopes.discard("cardkit:card:write")
    live = await hall.screen.begin(KEY, PRIVATE, ANN, "Looking…", Locale.EN)
    assert isinstance(live, ChangedPost)
    await live.show("too early")
    hall.seconds += CHANGE_PAUSE_S
    await live.show("It has")
    assert "It has" in hall.feishu.text(live.reference)
    assert not await live.finish(ANSWER, {})
    await hall.screen.begin("answer.2", PRIVATE, ANN, "Looking…", Locale.EN)
    assert len(hall.feishu.called("card_create")) == 1


async def test_another_process_finishes_what_was_begun(hall: Room) -> None:
    live = await begin(hall)
    hall.seconds += WRITE_PAUSE_S
    await live.show("It")
    hall.open_anew()
    post = Post("feishu", KEY, "c", PRIVATE.address, live.reference, PostState.PROVISIONAL)
    found = await hall.screen.find(post)
    assert found is not None
    assert not await found.finish(ANSWER, {"key": KEY})
    await hall.wall.change(PRIVATE, found.reference, ANSWER, {"key": KEY})
    assert "**24**" in hall.feishu.text(live.reference)
    assert len(hall.feishu.posted()) == 1


async def test_and_also_where_nobody_knows_whether_it_was_put_up(hall: Room) -> None:
    hall.feishu.fail("create", RESET_AFTER)
    with pytest.raises(DeskUnavailable):
        await begin(hall)
    hall.open_anew()
    post = Post("feishu", KEY, "c", PRIVATE.address, "", PostState.PROVISIONAL, hall.at)
    found = await hall.screen.find(post)
    assert found is not None
    await hall.wall.change(PRIVATE, found.reference, ANSWER, {"key": KEY})
    [shown] = hall.feishu.posted()
    assert "**24**" in hall.feishu.text(shown)


async def test_two_processes_at_one_card_have_their_turns(hall: Room) -> None:
    live = await begin(hall)
    hall.feishu.cards[live.card].sequence = 10**9
    hall.cards._last[live.card] = 10**9 - 5
    await hall.wall.change(PRIVATE, live.reference, ANSWER, {"key": KEY})
    assert "**24**" in hall.feishu.text(live.reference)


async def test_what_was_recalled_meanwhile_is_gone(hall: Room) -> None:
    live = await begin(hall)
    hall.feishu.fail("card_update", refused(230011))
    with pytest.raises(PostGone):
        await live.finish(ANSWER, {"key": KEY})


async def test_it_is_withdrawn(hall: Room) -> None:
    live = await begin(hall)
    await live.withdraw()
    assert hall.feishu.posted() == []
