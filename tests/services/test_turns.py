"""Once accepted, a message is worked on once, in order, whoever listens or leaves."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from bot.domain.conversation import Author, Message, new_id, now
from bot.domain.errors import StoreError
from bot.domain.reply import Delta, Reply, ReplyEvent, Stage, StageStarted
from bot.services.running_turn import RunningTurn, TurnEvent, TurnFailed, TurnReport
from bot.services.turns import TurnLimits, TurnRunner
from tests.fakes import ANSWER, FakeDialogue, FakeStore, reply_to, trace_of


def message(
    text: str = "How do I create a team?", conversation: str = "a", key: str | None = None
) -> Message:
    return Message(conversation, Author.CUSTOMER, text, client_message_id=key or new_id())


async def rest() -> None:
    """Lets every task run until it waits for something."""
    for _ in range(50):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    while True:
        if condition():
            return
        await asyncio.sleep(0.001)


async def read(turn: RunningTurn, after_id: int = 0) -> list[TurnEvent]:
    return [event async for event in turn.events(after_id)]


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def dialogue(store: FakeStore) -> FakeDialogue:
    return FakeDialogue(store)


@pytest.fixture
def turns(store: FakeStore, dialogue: FakeDialogue) -> TurnRunner:
    return TurnRunner(store, dialogue)


async def test_the_store_is_told_who_only_thanks(turns: TurnRunner, store: FakeStore) -> None:
    for text in ("Thanks!", "Thanks, but how?", "谢谢"):
        await (await turns.submit(message(text))).result()
    assert [m.text for m in store.log if m.id in store.closing] == ["Thanks!", "谢谢"]


async def test_a_turn_gives_stages_deltas_and_the_reply_in_order(turns: TurnRunner) -> None:
    turn = await turns.submit(message())
    events = await read(turn)
    assert [e.id for e in events] == [1, 2, 3, 4, 5]
    first, second = ANSWER[: len(ANSWER) // 2], ANSWER[len(ANSWER) // 2 :]
    assert [e.value for e in events] == [
        StageStarted(Stage.RETRIEVE),
        Delta(first),
        Delta(second),
        StageStarted(Stage.RECORD),
        reply_to(turn.message),
    ]


async def test_a_message_is_committed_before_it_is_worked_on(
    turns: TurnRunner, store: FakeStore, dialogue: FakeDialogue
) -> None:
    store.broken = True
    with pytest.raises(StoreError):
        await turns.submit(message())
    await rest()
    assert dialogue.started == []


async def test_a_reader_who_leaves_does_not_stop_the_turn(
    turns: TurnRunner, dialogue: FakeDialogue
) -> None:
    dialogue.gate.clear()
    turn = await turns.submit(message())
    reader = asyncio.create_task(read(turn))
    await rest()
    reader.cancel()
    dialogue.gate.set()
    assert (await turn.result()).text == ANSWER
    assert dialogue.finished == [turn.message.id]


async def test_readers_attach_at_any_time_and_see_the_same(
    turns: TurnRunner, dialogue: FakeDialogue
) -> None:
    dialogue.gate.clear()
    turn = await turns.submit(message())
    early = asyncio.create_task(read(turn))
    await rest()
    late = asyncio.create_task(read(turn))
    resumed = asyncio.create_task(read(turn, after_id=2))
    dialogue.gate.set()
    assert await early == await late
    assert [e.id for e in await resumed] == [3, 4, 5]


async def test_the_same_client_message_id_attaches_to_the_running_turn(
    turns: TurnRunner, dialogue: FakeDialogue
) -> None:
    dialogue.gate.clear()
    turn = await turns.submit(message(key="k"))
    again = await asyncio.gather(*(turns.submit(message("other", key="k")) for _ in range(20)))
    dialogue.gate.set()
    assert all(other is turn for other in again)
    await turn.result()
    assert dialogue.started == [turn.message.id]


async def test_concurrent_deliveries_of_one_message_run_once(
    turns: TurnRunner, dialogue: FakeDialogue
) -> None:
    deliveries = await asyncio.gather(*(turns.submit(message(key="k")) for _ in range(20)))
    replies = [await turn.result() for turn in deliveries]
    assert len(dialogue.started) == 1
    assert len({reply.message for reply in replies}) == 1


async def test_a_finished_turn_replays_its_reply_only(
    turns: TurnRunner, dialogue: FakeDialogue
) -> None:
    turn = await turns.submit(message(key="k"))
    reply = await turn.result()
    await turns.close()
    again = await turns.submit(message(key="k"))
    assert [e.value for e in await read(again.replay())] == [reply]
    assert [e.id for e in await read(again, after_id=3)] == [4, 5]  # still resumable
    assert len(dialogue.started) == 1


async def test_a_turn_finished_long_ago_replays_from_the_store(
    store: FakeStore, dialogue: FakeDialogue
) -> None:
    clock = Clock()
    turns = TurnRunner(store, dialogue, TurnLimits(keep_s=60), clock)
    turn = await turns.submit(message(key="k"))
    await turns.close()
    clock.time += 61
    again = await turns.submit(message(key="k"))
    assert again is not turn
    assert [e.value for e in await read(again)] == [turn.reply]
    assert len(dialogue.started) == 1


async def test_finished_turns_are_kept_up_to_a_number(
    store: FakeStore, dialogue: FakeDialogue
) -> None:
    turns = TurnRunner(store, dialogue, TurnLimits(keep=2))
    first, *_, last = [await turns.submit(message(key=str(n))) for n in range(4)]
    await turns.close()
    assert await turns.submit(message(key="0")) is not first
    assert await turns.submit(message(key="3")) is last


async def test_turns_of_one_conversation_follow_one_another(
    turns: TurnRunner, dialogue: FakeDialogue
) -> None:
    dialogue.gate.clear()
    first = await turns.submit(message())
    second = await turns.submit(message())
    await rest()
    assert dialogue.started == [first.message.id]
    dialogue.gate.set()
    await second.result()
    assert dialogue.finished == [first.message.id, second.message.id]
    assert dialogue.most_at_work == 1


async def test_conversations_run_side_by_side_up_to_the_limit(
    store: FakeStore, dialogue: FakeDialogue
) -> None:
    turns = TurnRunner(store, dialogue, TurnLimits(concurrent=3))
    dialogue.gate.clear()
    running = [await turns.submit(message(conversation=str(n))) for n in range(8)]
    await rest()
    assert len(dialogue.started) == 3
    dialogue.gate.set()
    for turn in running:
        await turn.result()
    assert dialogue.most_at_work == 3
    assert len(dialogue.finished) == 8


async def test_a_failing_dialogue_ends_in_turn_failed_and_the_message_stays(
    turns: TurnRunner, store: FakeStore, dialogue: FakeDialogue, caplog: pytest.LogCaptureFixture
) -> None:
    dialogue.failing = 1
    turn = await turns.submit(message("my secret question", key="k"))
    with pytest.raises(TurnFailed):
        await turn.result()
    with pytest.raises(TurnFailed):
        await read(turn)
    assert [m.id for m in await store.unfinished()] == [turn.message.id]  # lease given back
    assert "turn failed" in caplog.text
    assert "my secret question" not in caplog.text


async def test_sending_a_failed_message_again_tries_again(
    turns: TurnRunner, dialogue: FakeDialogue
) -> None:
    dialogue.failing = 1
    turn = await turns.submit(message(key="k"))
    with pytest.raises(TurnFailed):
        await turn.result()
    again = await turns.submit(message(key="k"))
    assert (await again.result()).text == ANSWER
    assert again.message.id == turn.message.id
    assert again.attempt != turn.attempt


async def test_a_dialogue_that_ends_without_a_reply_is_a_failure(
    store: FakeStore, dialogue: FakeDialogue
) -> None:
    class Mute:
        async def respond(self, message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
            yield StageStarted(Stage.RECORD)

    turn = await TurnRunner(store, Mute()).submit(message())
    with pytest.raises(TurnFailed):
        await turn.result()
    assert await store.unfinished() == [turn.message]  # lease given back


@pytest.mark.parametrize("strict", [True, False])
async def test_a_turn_whose_lease_was_lost_waits_for_the_worker_that_took_over(
    store: FakeStore, dialogue: FakeDialogue, strict: bool
) -> None:
    class Strict(FakeDialogue):
        """Raises where its reply is not stored, as the real one does."""

        async def respond(self, message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
            async for event in super().respond(message, worker):
                yield event
            if store.turns[message.id].reply is None:
                raise StoreError("the turn went to another worker")

    dialogue = Strict(store) if strict else dialogue
    turns = TurnRunner(store, dialogue, TurnLimits(poll_s=0.001))
    dialogue.gate.clear()
    turn = await turns.submit(message())
    await rest()
    store.leases[turn.message.id] = ("other", now() + timedelta(minutes=1))
    dialogue.gate.set()
    await until(lambda: dialogue.at_work == 0)
    await rest()
    assert not turn.ended
    theirs = reply_to(turn.message, "Theirs.")
    assert await store.finish(turn.message.id, "other", theirs, trace_of(turn.message))
    assert await turn.result() == theirs
    assert dialogue.finished == []


async def test_a_store_error_of_a_turn_still_held_is_a_failure(store: FakeStore) -> None:
    class Refused(FakeDialogue):
        async def respond(self, message: Message, worker: str) -> AsyncIterator[ReplyEvent]:
            yield StageStarted(Stage.RECORD)
            raise StoreError("the database refused")

    turn = await TurnRunner(store, Refused(store)).submit(message())
    with pytest.raises(TurnFailed):
        await turn.result()
    assert await store.unfinished() == [turn.message]


async def test_a_reply_of_the_worker_that_took_over_is_the_reply(
    turns: TurnRunner, store: FakeStore, dialogue: FakeDialogue
) -> None:
    dialogue.gate.clear()
    turn = await turns.submit(message())
    await rest()
    theirs = reply_to(turn.message, "theirs")
    store.leases[turn.message.id] = ("someone else", now() + timedelta(minutes=1))
    assert await store.finish(turn.message.id, "someone else", theirs, None)  # type: ignore[arg-type]
    dialogue.gate.set()
    assert await turn.result() == theirs


async def test_what_was_left_unfinished_is_recovered_once(
    turns: TurnRunner, store: FakeStore, dialogue: FakeDialogue
) -> None:
    left = [message(conversation="a"), message(conversation="b"), message(conversation="a")]
    for one in left:
        await store.accept(one)
    assert await turns.recover() == 3
    assert await turns.recover() == 0  # they are at work already
    await turns.close()
    assert sorted(dialogue.finished) == sorted(one.id for one in left)
    assert dialogue.finished.index(left[0].id) < dialogue.finished.index(left[2].id)
    assert await turns.recover() == 0


async def test_start_recovers_and_does_so_again(store: FakeStore, dialogue: FakeDialogue) -> None:
    turns = TurnRunner(store, dialogue, TurnLimits(recovery_s=0.001))
    early, late = message(), message()
    await store.accept(early)
    await turns.start()
    await store.accept(late)
    await until(lambda: len(dialogue.finished) == 2)
    await turns.close()
    assert dialogue.finished == [early.id, late.id]


async def test_start_outlives_a_store_that_is_away(
    store: FakeStore, dialogue: FakeDialogue, caplog: pytest.LogCaptureFixture
) -> None:
    turns = TurnRunner(store, dialogue, TurnLimits(recovery_s=0.001))
    left = message()
    await store.accept(left)
    store.broken = True
    await turns.start()
    store.broken = False
    await until(lambda: bool(dialogue.finished))
    await turns.close()
    assert "recovery could not read the store" in caplog.text


async def test_a_message_that_always_fails_is_not_recovered_for_ever(
    store: FakeStore, dialogue: FakeDialogue
) -> None:
    turns = TurnRunner(store, dialogue, TurnLimits(attempts=3))
    dialogue.failing = 100
    await store.accept(message())
    recovered = []
    for _ in range(5):
        recovered.append(await turns.recover())
        await turns.close()
    assert recovered == [1, 1, 1, 0, 0]


async def test_a_turn_another_worker_has_is_waited_for(
    store: FakeStore, dialogue: FakeDialogue
) -> None:
    turns = TurnRunner(store, dialogue, TurnLimits(poll_s=0.001))
    other = TurnRunner(store, dialogue)
    dialogue.gate.clear()
    running = await other.submit(message(key="k"))
    await rest()
    waiting = await turns.submit(message(key="k"))
    await rest()
    dialogue.gate.set()
    assert await waiting.result() == await running.result()
    assert len(dialogue.started) == 1


async def test_a_turn_whose_worker_died_is_taken_over_when_its_lease_ends(
    store: FakeStore, dialogue: FakeDialogue
) -> None:
    turns = TurnRunner(store, dialogue, TurnLimits(poll_s=0.001))
    lost = message(key="k")
    await store.accept(lost)
    assert await store.claim(lost.id, "dead", now() + timedelta(minutes=1))
    turn = await turns.submit(message(key="k"))
    await rest()
    assert dialogue.started == []
    store.leases[lost.id] = ("dead", now())
    assert isinstance(await turn.result(), Reply)


async def test_a_long_turn_keeps_its_lease(store: FakeStore, dialogue: FakeDialogue) -> None:
    turns = TurnRunner(store, dialogue, TurnLimits(lease_s=0.003))
    dialogue.gate.clear()
    turn = await turns.submit(message())
    await until(lambda: len(store.claims) >= 4)
    dialogue.gate.set()
    await turn.result()
    await turns.close()
    claims = len(store.claims)
    assert set(store.claims) == {(turn.message.id, turns.worker)}
    await asyncio.sleep(0.01)
    assert len(store.claims) == claims  # and lets go of it afterwards


async def test_a_store_that_is_away_for_a_moment_does_not_end_the_renewal(
    store: FakeStore, dialogue: FakeDialogue, caplog: pytest.LogCaptureFixture
) -> None:
    turns = TurnRunner(store, dialogue, TurnLimits(lease_s=0.003))
    dialogue.gate.clear()
    turn = await turns.submit(message())
    await rest()
    store.broken = True
    await until(lambda: "lease not renewed" in caplog.text)
    store.broken = False
    claims = len(store.claims)
    await until(lambda: len(store.claims) > claims)
    dialogue.gate.set()
    assert (await turn.result()).text == ANSWER


async def test_close_waits_for_running_turns(turns: TurnRunner, dialogue: FakeDialogue) -> None:
    dialogue.gate.clear()
    turn = await turns.submit(message())
    closing = asyncio.create_task(turns.close())
    await rest()
    assert not closing.done()
    dialogue.gate.set()
    await closing
    assert turn.reply is not None


async def test_close_leaves_late_turns_to_the_next_start(
    turns: TurnRunner, store: FakeStore, dialogue: FakeDialogue
) -> None:
    dialogue.gate.clear()
    turn = await turns.submit(message())
    await rest()
    await turns.close(timeout_s=0)
    with pytest.raises(TurnFailed):
        await turn.result()
    assert await store.unfinished() == [turn.message]


async def test_observers_get_decisions_and_times_and_the_log_one_line_without_texts(
    store: FakeStore, dialogue: FakeDialogue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    turns = TurnRunner(store, dialogue, clock=clock)
    reports: list[TurnReport] = []
    turns.observe(reports.append)
    dialogue.gate.clear()
    turn = await turns.submit(message("my secret question"))
    await rest()
    clock.time += 2.0
    dialogue.gate.set()
    await turns.close()
    assert [r.decision for r in reports] == ["answer"]
    assert reports[0].seconds == 2.0
    assert reports[0].stage_s == {"retrieve": 2.0, "record": 0.0}
    lines = [r.getMessage() for r in caplog.records if r.name == "bot.services.turns"]
    assert len(lines) == 1
    assert turn.message.id in lines[0]
    assert "answer" in lines[0]
    assert "secret" not in lines[0]
    assert ANSWER[:10] not in lines[0]


async def test_observers_hear_of_failed_turns(turns: TurnRunner, dialogue: FakeDialogue) -> None:
    reports: list[TurnReport] = []
    turns.observe(reports.append)
    dialogue.failing = 1
    await turns.submit(message())
    await turns.close()
    assert [r.decision for r in reports] == [None]
