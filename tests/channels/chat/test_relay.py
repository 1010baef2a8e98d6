"""Of two processes one writes a post, then the other: never both, and never each its own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.channels.chat.presenter import Presenter
from bot.channels.chat.relay import GONE_AFTER, answer_key
from bot.domain.conversation import Conversation, Message
from bot.domain.inbound import Post, PostState
from bot.domain.reply import Reply, Stage, StageStarted
from bot.services.running_turn import RunningTurn
from tests.channels.chat.office import eventually
from tests.channels.chat.program import CHANNEL
from tests.channels.chat.talk import TEXT, Talk, talk


class Stall:
    """A screen that puts a post up late, and tells of it later still."""

    def __init__(self, held: Talk) -> None:
        self.goes_on, self.tells = asyncio.Event(), asyncio.Event()
        self._begin = held.screen.begin
        held.screen.begin = self.begin  # type: ignore[method-assign]

    async def begin(self, *call: object):  # type: ignore[no-untyped-def]
        await self.goes_on.wait()
        post = await self._begin(*call)  # type: ignore[arg-type]
        await self.tells.wait()
        return post


@dataclass
class Race:
    """One process follows a turn and has begun its post; another one takes the answer along."""

    held: Talk
    stall: Stall
    conversation: Conversation
    question: Message
    turn: RunningTurn
    reply: Reply
    first: Presenter

    def deliver(self) -> asyncio.Task[None]:
        return asyncio.create_task(self.held.deliver(self.conversation, self.reply))

    def end_turn(self) -> None:
        self.turn.publish(self.reply)
        self.turn.end()

    async def is_up(self) -> bool:
        return bool((await self.post()).reference)

    async def post(self) -> Post:
        post = await self.held.store.post(CHANNEL, answer_key(self.question.id))
        assert post is not None
        return post

    async def assert_answered_once(self) -> None:
        assert self.held.answers == [TEXT]
        [standing] = self.held.wall.posts[1:]
        post = await self.post()
        assert (post.state, post.reference) == (PostState.FINAL, standing.reference)


@pytest.fixture
async def race() -> AsyncIterator[Race]:
    async with talk() as held:
        stall, first = Stall(held), held.presenter
        conversation = await held.begin()
        question = await held.ask(conversation)
        turn = held.follow(question)
        turn.publish(StageStarted(Stage.RETRIEVE))
        await eventually(lambda: held.store.post(CHANNEL, answer_key(question.id)))
        held.presenter = held.new_presenter()
        held.courier = held.new_courier()
        yield Race(held, stall, conversation, question, turn, await held.answer(question), first)
        await first.close()


async def test_an_answer_waits_for_the_post_that_another_process_puts_up(race: Race) -> None:
    delivery = race.deliver()
    race.stall.goes_on.set()
    await race.held.screen.until("begin")
    assert not delivery.done()
    race.stall.tells.set()
    race.end_turn()
    await delivery
    await race.assert_answered_once()


async def test_nothing_is_written_over_an_answer(race: Race) -> None:
    """While pieces of it are still on their way."""
    race.stall.goes_on.set()
    race.stall.tells.set()
    await race.held.screen.until("begin")
    delivery = race.deliver()
    race.turn.publish(race.reply)
    await race.held.screen.until("show")
    assert not delivery.done()
    race.turn.end()
    await delivery
    await race.assert_answered_once()


async def test_what_a_process_that_ended_put_up_is_found(race: Race) -> None:
    race.stall.goes_on.set()
    await race.held.screen.until("begin")
    race.held.clock.advance(GONE_AFTER)
    await race.deliver()
    await race.assert_answered_once()
    race.stall.tells.set()  # it was only slow
    race.end_turn()
    await race.first.take(race.question, race.held.clock())  # once it has ended as well
    await race.assert_answered_once()


async def test_what_a_process_puts_up_too_late_it_takes_back(race: Race) -> None:
    race.held.clock.advance(GONE_AFTER)
    await race.deliver()
    await race.assert_answered_once()
    race.stall.goes_on.set()
    race.stall.tells.set()
    race.end_turn()
    await race.held.screen.until("withdraw")
    await race.assert_answered_once()


async def test_a_process_that_is_closed_hands_on_at_once(race: Race) -> None:
    race.stall.goes_on.set()
    race.stall.tells.set()
    await eventually(race.is_up)
    await race.first.close()
    assert (await race.post()).state is PostState.PROVISIONAL
    await race.deliver()
    await race.assert_answered_once()


async def test_a_process_closed_too_late_takes_its_post_back(race: Race) -> None:
    race.held.clock.advance(GONE_AFTER)
    await race.deliver()
    race.stall.goes_on.set()
    race.stall.tells.set()
    await race.held.screen.until("begin")
    await race.first.close()
    await race.assert_answered_once()


async def test_what_may_still_be_put_up_is_not_handed_on(race: Race) -> None:
    await race.first.close()
    assert (await race.post()).state is PostState.LIVE
    race.held.clock.advance(GONE_AFTER)
    await race.deliver()
    await race.assert_answered_once()
