"""What was said while nobody listened is read back, and answered once whatever comes later."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from bot.channels.slack.backfill import Backfill
from bot.domain.conversation import now
from bot.domain.inbound import Mark
from bot.domain.outbox import DeskUnavailable
from tests.channels.chat.office import QUESTION, beside, eventually
from tests.channels.slack.office import SlackOffice, settings_of, slack_office
from tests.slack_server import BROKEN, CHANNEL, DIRECT, Failure, rate_limited, refused
from tests.web import until

MORE = "And how many rows?"
HISTORY, REPLIES = "conversations.history", "conversations.replies"


@pytest.fixture
async def office() -> AsyncIterator[SlackOffice]:
    """It has heard something, and knows how far it has heard."""
    async with slack_office() as office:
        office.parts.intake.is_caught_up = True
        await office.take(office.slack.say(QUESTION, DIRECT))
        office.parts.intake.is_caught_up = False
        yield office


async def marks(office: SlackOffice) -> Sequence[Mark]:
    return await office.store.marks("slack", now() - timedelta(days=1))


async def read_back(office: SlackOffice) -> int:
    count = await office.edge.backfill.read_back()
    await office.work()
    return count


async def test_what_was_said_meanwhile_is_answered_once(office: SlackOffice) -> None:
    first = office.slack.workspace.channels[DIRECT].messages[0]["ts"]
    missed = [
        office.slack.say(MORE, DIRECT),
        office.slack.say("And how many cards?", DIRECT, thread_ts=first),
        *office.slack.mention("How many boards?"),
    ]
    assert await read_back(office) == 4 - 1
    expected = sorted([QUESTION, MORE, "And how many cards?", "How many boards?"])
    assert sorted(await office.asked()) == expected
    await office.take(*missed)
    assert await read_back(office) == 0
    assert sorted(await office.asked()) == expected
    assert len(await office.answered()) == len(expected)


async def test_replies_below_a_question_that_was_missed_are_read_too(office: SlackOffice) -> None:
    mention, _ = office.slack.mention(QUESTION)
    office.slack.say(MORE, thread_ts=mention["event"]["ts"])
    assert await read_back(office) == 2
    assert (await office.asked())[1:] == [QUESTION, MORE]


async def test_own_words_and_talk_of_others_are_not_answered(office: SlackOffice) -> None:
    office.slack.say("Good morning")
    said = await office.said()
    await read_back(office)
    assert await office.said() == said


async def test_where_nothing_was_ever_heard_nothing_is_read_back() -> None:
    async with slack_office() as office:
        office.slack.say(QUESTION, DIRECT)
        assert await read_back(office) == 0
        assert not office.slack.called(HISTORY)


async def test_what_comes_in_meanwhile_counts_as_read_once_all_is(office: SlackOffice) -> None:
    before = {mark.address: mark.seen for mark in await marks(office)}
    later = office.slack.say(MORE, DIRECT)
    await office.take(later)
    assert {mark.address: mark.seen for mark in await marks(office)} == before
    await office.parts.intake.catch_up()
    assert [mark.seen for mark in await marks(office)] == [later["event"]["ts"]]


async def test_a_long_history_is_read_to_its_end(office: SlackOffice) -> None:
    for n in range(450):
        office.slack.say(f"Talk {n}", CHANNEL)
    office.slack.mention(MORE)
    for n in range(250):
        office.slack.say(f"More talk {n}", CHANNEL)
    await read_back(office)
    assert await office.asked() == [QUESTION, MORE]


@pytest.mark.parametrize("code", ["not_in_channel", "is_archived", "missing_scope"])
async def test_a_channel_that_cannot_be_read_does_not_keep_others_from_it(
    office: SlackOffice, code: str
) -> None:
    office.slack.mention(MORE)
    office.slack.fail(HISTORY, refused(code))
    await read_back(office)
    assert await office.asked() == [QUESTION, MORE]


async def test_without_the_scope_to_list_channels_known_ones_are_read(office: SlackOffice) -> None:
    office.slack.say(MORE, DIRECT)
    office.slack.fail("users.conversations", refused("missing_scope"))
    await read_back(office)
    assert await office.asked() == [QUESTION, MORE]


async def test_slack_may_ask_to_wait(office: SlackOffice) -> None:
    office.slack.say(MORE, DIRECT)
    office.slack.fail("users.conversations", rate_limited(1))
    await read_back(office)
    assert await office.asked() == [QUESTION, MORE]


async def test_what_takes_too_long_is_left_to_the_next_time(office: SlackOffice) -> None:
    office.slack.fail("users.conversations", rate_limited(3600))
    with pytest.raises(DeskUnavailable):
        await office.edge.backfill.read_back()


@pytest.mark.parametrize("failure", [BROKEN, refused("internal_error")])
async def test_it_is_tried_until_it_is_done_and_only_then_places_count_as_read(
    office: SlackOffice, failure: Failure
) -> None:
    office.slack.say(MORE, DIRECT)
    office.slack.fail("users.conversations", failure, failure)
    intake, edge = office.parts.intake, office.edge
    known = edge.backfill
    backfill = Backfill(office.store, edge.calls, known._people, intake, known._teams, pause_s=0)
    assert not intake.is_caught_up
    async with beside(backfill.run()):
        await until(lambda: intake.is_caught_up)
    assert len(office.slack.called("users.conversations")) == 3
    await office.work()
    assert await office.asked() == [QUESTION, MORE]


async def test_over_a_socket_it_is_read_back_at_each_connection() -> None:
    async with slack_office(settings_of(socket=True, http=False), running=True) as office:
        slack = office.slack
        await slack.socket.has_connected()
        await until(lambda: office.parts.intake.is_caught_up)
        await slack.socket.push(slack.say(QUESTION, DIRECT))
        await eventually(lambda: _answers(office, 1))
        slack.say(MORE, DIRECT)
        await slack.socket.ask_to_leave()
        await slack.socket.has_connected(2)
        await eventually(lambda: _answers(office, 2))
        assert await office.asked() == [QUESTION, MORE]


async def _answers(office: SlackOffice, count: int) -> bool:
    return len(office.slack.posted(DIRECT)) == count == len(await office.answered())
