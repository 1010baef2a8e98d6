"""A post is there while the turn runs, and the courier makes that one final."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from slack_sdk.models.messages.chunk import Chunk

from bot.channels.chat.relay import answer_key
from bot.channels.slack.refusals import SlackUnavailable
from bot.channels.slack.screen import SlackStream
from bot.domain.inbound import PostState
from bot.domain.reply import Delta, Reply, Silence, Stage, StageStarted
from tests.adapters.stores import NOON
from tests.channels.slack.goldens import check_blocks
from tests.channels.slack.talk import TEXT, Talk, talk
from tests.fakes import reply_to
from tests.slack_server import DIRECT, RESET_AFTER, Failure, refused

CALLS = ("chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update")


@pytest.fixture
async def thread() -> AsyncIterator[Talk]:
    async with talk() as held:
        yield held


def written(held: Talk) -> list[str]:
    """How posts were made, in order."""
    return [call.method for call in held.server.calls if call.method.startswith("chat.")]


async def shown(held: Talk) -> Reply:
    """A turn from its beginning to the post that is final."""
    conversation, question, turn = await held.at_work()
    reply = await held.answer(question)
    for piece in (TEXT[:10], TEXT[10:]):
        turn.publish(Delta(piece))
    turn.publish(reply)
    turn.end()
    await held.deliver(conversation, reply)
    return reply


async def test_a_stream_becomes_the_answer(thread: Talk) -> None:
    reply = await shown(thread)
    assert written(thread) == ["chat.startStream", "chat.appendStream", "chat.stopStream"]
    [post] = thread.server.posted()
    assert "streaming" not in post
    assert post["tasks"] == {"answer": "complete"}
    check_blocks(post["blocks"])
    texts = [one["text"]["text"] for one in post["blocks"] if one["type"] == "section"]
    assert texts == ["Open *Settings* [1].", "Then choose _Teams_ [1]."]
    assert post["blocks"][-1]["type"] == "context_actions"
    assert post["metadata"]["event_payload"]["message"] == reply.message


async def test_a_stream_names_who_it_is_for(thread: Talk) -> None:
    await shown(thread)
    [begun] = thread.server.called("chat.startStream")
    assert (begun["recipient_team_id"], begun["recipient_user_id"]) == ("T1", "UANN")
    assert begun["chunks"][0]["title"] == "Looking in the help articles…"
    for call in thread.server.calls:
        for chunk in call.arguments.get("chunks") or ():
            parsed = Chunk.parse(chunk)
            assert parsed is not None
            assert parsed.to_dict() == chunk


async def test_text_is_shown_as_it_comes(thread: Talk) -> None:
    _, question, turn = await thread.at_work()
    await thread.calls.until("chat.startStream")
    turn.publish(Delta("First.\n\nSec"))
    await thread.calls.until("chat.appendStream")
    [post] = thread.server.posted()
    assert [one["text"]["text"] for one in post["blocks"]] == ["First."]
    turn.publish(reply_to(question, "First.\n\nSecond."))
    turn.end()
    _, live = await thread.presenter.take(question, NOON)
    assert isinstance(live, SlackStream)
    assert [one["text"]["text"] for one in live.shown] == ["First.", "Second."]


async def test_without_streams_a_post_changes_at_most_once_a_second(thread: Talk) -> None:
    thread.server.workspace.streams = False
    conversation, question, turn = await thread.at_work()
    await thread.calls.until("chat.postMessage")
    thread.seconds = 1.0
    turn.publish(Delta("Open **Settings** [1].\n\nTh"))
    turn.publish(Delta("en choose *Teams* [1].\n\n"))  # in the same second
    await thread.calls.until("chat.update")
    reply = await thread.answer(question)
    turn.publish(reply)
    turn.end()
    await thread.deliver(conversation, reply)
    [post] = thread.server.posted()
    check_blocks(post["blocks"])
    assert post["blocks"][-1]["type"] == "context_actions"
    assert len(thread.server.called("chat.postMessage")) == 1
    assert len(thread.server.called("chat.update")) == 2  # one while it came, one at the end


async def test_an_answer_that_reads_otherwise_is_written_anew(thread: Talk) -> None:
    """Such as one that a chat model began and the grounding did not let pass."""
    conversation, question, turn = await thread.at_work()
    await thread.calls.until("chat.startStream")
    turn.publish(Delta("Invented.\n\n"))
    await thread.calls.until("chat.appendStream")
    reply = await thread.answer(question)
    turn.publish(reply)
    turn.end()
    await thread.deliver(conversation, reply)
    [post] = thread.server.posted()
    assert "Invented" not in str(post["blocks"])
    assert written(thread)[-2:] == ["chat.stopStream", "chat.update"]


async def test_a_silent_bot_takes_its_post_back(thread: Talk) -> None:
    _, question, turn = await thread.at_work()
    await thread.calls.until("chat.startStream")
    turn.publish(reply_to(question).silenced())
    turn.end()
    await thread.calls.until("chat.delete")
    assert thread.server.posted() == []


async def test_a_silent_bot_takes_back_what_slack_ended_itself(thread: Talk) -> None:
    _, question, turn = await thread.at_work()
    await thread.calls.until("chat.startStream")
    thread.server.fail("chat.stopStream", refused("message_not_in_streaming_state"))
    turn.publish(reply_to(question).silenced())
    turn.end()
    await thread.presenter.take(question, NOON)
    assert thread.server.posted() == []


async def test_a_turn_that_is_made_again_says_that_it_takes_longer(thread: Talk) -> None:
    conversation, question, turn = await thread.at_work()
    await thread.calls.until("chat.startStream")
    turn.end()
    await thread.calls.until("chat.appendStream")
    [told] = thread.server.called("chat.appendStream")
    assert told["chunks"][0]["title"].startswith("This takes longer")
    await thread.deliver(conversation, await thread.answer(question))
    [post] = thread.server.posted()
    assert post["blocks"][-1]["type"] == "context_actions"


async def test_nothing_is_begun_for_what_needs_no_search(thread: Talk) -> None:
    place = thread.place()
    question = await thread.ask(await thread.begin(place))
    turn = thread.follow(question, place)
    turn.publish(StageStarted(Stage.UNDERSTAND))
    turn.publish(StageStarted(Stage.ACT))
    turn.publish(Reply(Silence(), reply_to(question).locale))
    turn.end()
    assert (await thread.presenter.take(question, NOON))[1] is None
    assert written(thread) == []


async def test_another_process_makes_final_what_this_one_began(thread: Talk) -> None:
    conversation, question, _turn = await thread.at_work()
    await thread.calls.until("chat.startStream")
    await thread.presenter.close()  # it is ended here
    reply = await thread.answer(question)
    thread.presenter = thread.new_presenter()
    thread.courier = thread.new_courier()
    await thread.deliver(conversation, reply)
    [post] = thread.server.posted()
    assert "streaming" not in post
    check_blocks(post["blocks"])
    kept = await thread.store.post("slack", answer_key(question.id))
    assert kept is not None
    assert kept.state is PostState.FINAL


@pytest.mark.parametrize("method", CALLS[:3])
@pytest.mark.parametrize(
    "failure",
    [refused("internal_error"), RESET_AFTER, refused("invalid_arguments"), Failure("", 503)],
)
async def test_whatever_fails_there_is_one_answer(
    thread: Talk, method: str, failure: Failure
) -> None:
    thread.server.fail(method, failure)
    conversation, question, turn = await thread.at_work()
    reply = await thread.answer(question)
    turn.publish(reply)
    turn.end()
    with suppress(SlackUnavailable):  # and is tried again
        await thread.deliver(conversation, reply)
    await thread.deliver(conversation, reply)
    answers = [post for post in thread.server.posted() if "metadata" in post]
    assert len(answers) == 1
    check_blocks(answers[0]["blocks"])


async def test_the_assistant_pane_shows_that_the_bot_is_at_it(thread: Talk) -> None:
    place = thread.place(DIRECT)
    question = await thread.ask(await thread.begin(place))
    turn = thread.follow(question, place)
    turn.publish(StageStarted(Stage.UNDERSTAND))
    await thread.calls.until("assistant.threads.setTitle")
    [status] = thread.server.called("assistant.threads.setStatus")
    [title] = thread.server.called("assistant.threads.setTitle")
    assert status["status"] == "is looking in the help articles…"
    assert title["title"] == "How do I create a team?"
    turn.publish(reply_to(question).silenced())
    turn.end()
    await thread.calls.until("assistant.threads.setStatus")
    assert thread.server.called("assistant.threads.setStatus")[-1]["status"] == ""


async def test_where_there_is_no_pane_nothing_is_told_twice(thread: Talk) -> None:
    thread.server.fail("assistant.threads.setStatus", refused("missing_scope"))
    for key in ("1", "2"):
        place = thread.place(DIRECT)
        question = await thread.ask(await thread.begin(place), key=key)
        turn = thread.follow(question, place)
        turn.publish(StageStarted(Stage.UNDERSTAND))
        turn.publish(reply_to(question))
        turn.end()
        await thread.presenter.take(question, NOON)
    assert len(thread.server.called("assistant.threads.setStatus")) == 1
