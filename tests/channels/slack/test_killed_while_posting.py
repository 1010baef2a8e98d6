"""A process is killed between Slack's doing a thing and its being written down here: the next one
says nothing twice, and nothing stays unsaid."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.adapters.sql_store import SqlStore
from bot.domain.ticket import Ticket
from tests.channels.chat.desk import HUMAN
from tests.channels.chat.exactly_once import late
from tests.channels.chat.office import QUESTION
from tests.channels.slack.office import SlackOffice, settings_of
from tests.channels.slack.test_exactly_once import SlackTrial
from tests.services.test_dialogue import COLUMNS
from tests.slack_process import slack_process
from tests.slack_server import CHANNEL, DIRECT, HANG_AFTER, Json, SlackServer, slack_server
from tests.web import until

TRIAGE = "CTRIAGE"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as server:
        server.epoch = int(time.time())
        server.workspace.add_channel(TRIAGE, "support")
        yield server


async def kill_at(
    method: str, slack: SlackServer, database: str, *events: Json, of: str = ""
) -> None:
    """Slack has done that call by then, and nobody heard it say so."""
    slack.fail(method, replace(HANG_AFTER, of=of))
    async with slack_process(database, slack.url, TRIAGE) as process:
        for event in events:
            await process.post(event)
        await until(lambda: slack.hanging == 1)
        await process.kill()


async def finish(slack: SlackServer, database: str) -> None:
    """What the next process finds to do; and the one after it, which finds nothing."""
    for _ in range(2):
        settings = settings_of(triage_channel=TRIAGE)
        async with SlackTrial(database, slack).opened(settings=settings, clock=late) as office:
            await office.bot.turns.recover()
            await office.work()


def thread(slack: SlackServer, channel: str, root: str) -> list[Json]:
    return [one for one in slack.posted(channel) if one.get("thread_ts") == root]


async def ticket_of(office: SlackOffice) -> Ticket:
    (conversation,) = await office.conversations()
    (ticket,) = await office.store.tickets_of(conversation.id)
    return ticket


async def assert_nothing_is_dead(database: str) -> None:
    store = await SqlStore.open(database)
    assert not await store.dead_events()
    assert not await store.dead_deliveries()
    await store.close()


@pytest.mark.parametrize(
    ("channel", "streams", "method"),
    [
        (DIRECT, True, "chat.startStream"),
        (CHANNEL, True, "chat.stopStream"),
        (CHANNEL, False, "chat.postMessage"),
        (DIRECT, False, "chat.update"),
    ],
)
async def test_an_answer(
    slack: SlackServer, database: str, channel: str, streams: bool, method: str
) -> None:
    slack.workspace.streams = streams
    asked = slack.mention(QUESTION)[0] if channel == CHANNEL else slack.say(QUESTION, DIRECT)
    await kill_at(method, slack, database, asked)
    await finish(slack, database)
    (answer,) = slack.posted(channel)
    assert answer["thread_ts"] == asked["event"]["ts"]
    assert COLUMNS in str(answer["blocks"])
    assert not answer.get("streaming")
    await assert_nothing_is_dead(database)


async def test_a_card(slack: SlackServer, database: str) -> None:
    asked = slack.say(HUMAN, DIRECT)
    await kill_at("chat.postMessage", slack, database, asked, of="'ticket':")
    (begun,) = slack.posted(TRIAGE)
    await finish(slack, database)
    card, packet = slack.posted(TRIAGE)
    assert card["ts"] == begun["ts"] == packet["thread_ts"]
    (told,) = thread(slack, DIRECT, asked["event"]["ts"])
    assert "T-1" in str(told)
    await assert_nothing_is_dead(database)


async def test_what_stands_below_a_card(slack: SlackServer, database: str) -> None:
    asked = slack.say(HUMAN, DIRECT)
    await kill_at("chat.postMessage", slack, database, asked, of=".packet.")
    await finish(slack, database)
    assert [one.get("thread_ts") for one in slack.posted(TRIAGE)] == [
        None,
        slack.posted(TRIAGE)[0]["ts"],
    ]
    await assert_nothing_is_dead(database)


@pytest.mark.parametrize("of", ["'survey.", "message."])
async def test_a_survey_and_the_word_before_it(slack: SlackServer, database: str, of: str) -> None:
    asked = slack.say(HUMAN, DIRECT)
    settings = settings_of(triage_channel=TRIAGE)
    async with SlackTrial(database, slack).opened(settings=settings) as office:
        await office.take(asked)
        ticket = await ticket_of(office)
        await office.bot.hand_over.casework.resolve(ticket.id, "agent-1")
    before = len(thread(slack, DIRECT, asked["event"]["ts"]))
    await kill_at("chat.postMessage", slack, database, of=of)
    await finish(slack, database)
    word, survey = thread(slack, DIRECT, asked["event"]["ts"])[before:]
    assert ticket.label in str(word)
    assert "survey.rate.5" in str(survey["blocks"])
    assert "Resolved by" in slack.posted(TRIAGE)[-1]["text"]
    assert len(slack.posted(TRIAGE)) == 3
    await assert_nothing_is_dead(database)
