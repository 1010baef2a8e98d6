"""Readers come, leave and come back; each sees the events in order."""

import asyncio

import pytest

from bot.domain.conversation import Author, Message
from bot.domain.reply import Delta, Stage, StageStarted
from bot.services.running_turn import RunningTurn, Stopwatch, TurnFailed
from tests.fakes import reply_to

MESSAGE = Message("a", Author.CUSTOMER, "How do I create a team?")


@pytest.fixture
def turn() -> RunningTurn:
    turn = RunningTurn(MESSAGE)
    turn.publish(StageStarted(Stage.RETRIEVE))
    turn.publish(Delta("Open"))
    return turn


async def ids(turn: RunningTurn, after_id: int = 0) -> list[int]:
    return [event.id async for event in turn.events(after_id)]


async def test_events_follow_the_given_id(turn: RunningTurn) -> None:
    turn.publish(reply_to(MESSAGE))
    turn.end()
    assert await ids(turn) == [1, 2, 3]
    assert await ids(turn, after_id=2) == [3]
    assert await ids(turn, after_id=3) == []


@pytest.mark.parametrize("after_id", [-1, 4, 10**30])
async def test_an_id_never_given_out_starts_from_the_beginning(
    turn: RunningTurn, after_id: int
) -> None:
    turn.publish(reply_to(MESSAGE))
    turn.end()
    assert await ids(turn, after_id) == [1, 2, 3]


async def test_a_waiting_reader_misses_nothing_published_in_one_go(turn: RunningTurn) -> None:
    reader = asyncio.create_task(ids(turn, after_id=2))
    await asyncio.sleep(0)
    turn.publish(Delta(" Settings"))
    turn.publish(reply_to(MESSAGE))
    turn.end()
    assert await reader == [3, 4]


async def test_a_turn_that_ends_without_a_reply_fails_after_its_events(turn: RunningTurn) -> None:
    turn.end()
    events = turn.events()
    assert [(await anext(events)).id, (await anext(events)).id] == [1, 2]
    with pytest.raises(TurnFailed):
        await anext(events)


async def test_replay_of_a_finished_turn_is_the_reply_alone(turn: RunningTurn) -> None:
    assert turn.replay() is turn  # not finished: there is still something to see
    turn.publish(reply_to(MESSAGE))
    turn.end()
    replayed = [event.value async for event in turn.replay().events()]
    assert replayed == [reply_to(MESSAGE)]


def test_the_times_of_a_stage_entered_twice_add_up(turn: RunningTurn) -> None:
    moments = iter([0.0, 1.0, 3.0, 6.0, 10.0])
    watch = Stopwatch(lambda: next(moments))
    for stage in ("act", "retrieve", "act"):
        watch.mark(stage)
    report = watch.report(turn)
    assert report.stage_s == {"act": 6.0, "retrieve": 3.0}
    assert report.seconds == 10.0
    assert report.decision is None
