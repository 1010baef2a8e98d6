"""A post is there while the turn runs, and nothing that goes wrong with it keeps an answer back."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.chat.relay import GONE_AFTER, answer_key
from bot.domain.inbound import Post, PostState
from bot.domain.outbox import DeskUnavailable
from bot.domain.reply import Delta, Reply, Silence, Stage, StageStarted
from tests.adapters.stores import NOON
from tests.channels.chat.office import eventually
from tests.channels.chat.program import CHANNEL
from tests.channels.chat.talk import GROUP, TEXT, Talk, talk
from tests.fakes import reply_to


@pytest.fixture
async def held() -> AsyncIterator[Talk]:
    async with talk() as held:
        yield held


async def test_text_is_shown_in_whole_paragraphs_as_it_comes(held: Talk) -> None:
    _, question, turn = await held.at_work()
    for piece in ("First.\n\nSec", "ond.\n\n```\na\n\n", "b\n```\n\nLast"):
        turn.publish(Delta(piece))
    code = "First.\n\nSecond.\n\n```\na\n\nb\n```"
    assert await held.screen.until(f"show {code}") == ["show First.", f"show {code}"]
    turn.publish(reply_to(question, "All."))
    turn.end()
    assert await held.screen.until("show All.") == ["show All."]


async def test_it_is_written_down_before_and_after_it_is_put_up(held: Talk) -> None:
    _, question, _turn = await held.at_work()
    await held.presenter.close()
    post = await held.store.post(CHANNEL, answer_key(question.id))
    assert post is not None
    assert (post.place, post.state) == (GROUP.address, PostState.PROVISIONAL)
    assert held.wall.posts[-1].key == answer_key(question.id)


async def test_what_another_process_began_is_left_to_it(held: Talk) -> None:
    conversation = await held.begin()
    question = await held.ask(conversation)
    key, state = answer_key(question.id), PostState.LIVE
    begun = Post(CHANNEL, key, conversation.id, GROUP.address, "", state)
    await held.store.save_post(begun)
    turn = held.follow(question)
    turn.publish(StageStarted(Stage.RETRIEVE))
    turn.publish(StageStarted(Stage.UNDERSTAND))
    await eventually(lambda: held.signs.shown)
    turn.publish(reply_to(question))
    turn.end()
    _, live = await held.presenter.take(question, NOON - GONE_AFTER)
    assert live is None
    assert held.screen.posts == []


async def test_a_silent_bot_takes_its_post_back(held: Talk) -> None:
    _, question, turn = await held.at_work()
    turn.publish(reply_to(question).silenced())
    turn.end()
    await held.screen.until("withdraw")
    await held.presenter.close()
    assert held.signs.shown[-1] == ("end", "")
    post = await held.store.post(CHANNEL, answer_key(question.id))
    assert post is not None
    assert post.state is PostState.FINAL


async def test_a_turn_that_is_made_again_says_that_it_takes_longer(held: Talk) -> None:
    _, _, turn = await held.at_work()
    turn.end()
    await held.screen.until("step This takes longer")


async def test_a_post_that_cannot_change_keeps_nothing_back(held: Talk) -> None:
    _, question, turn = await held.at_work()
    held.screen.posts[0].failure = DeskUnavailable("down")
    turn.publish(StageStarted(Stage.ACT))
    turn.publish(reply_to(question, TEXT))
    turn.end()
    assert (await held.presenter.take(question, NOON))[1] is held.screen.posts[0]


async def test_that_the_bot_is_at_it_is_shown_beside_the_posts(held: Talk) -> None:
    question = await held.ask(await held.begin(), "How?")
    turn = held.follow(question)
    turn.publish(StageStarted(Stage.UNDERSTAND))
    turn.publish(StageStarted(Stage.ACT))
    turn.publish(Reply(Silence(), reply_to(question).locale))
    turn.end()
    assert (await held.presenter.take(question, NOON))[1] is None
    assert held.signs.shown == [("begin", "How?"), ("end", "")]
    assert held.screen.posts == []
