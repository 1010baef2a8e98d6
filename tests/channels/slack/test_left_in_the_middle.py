"""A process is asked to leave in the middle of a burst: the next one answers what it left, and does
not have to wait until anything has run out."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.domain.conversation import now
from tests.channels.slack.test_exactly_once import SlackTrial
from tests.channels.slack.test_killed_while_posting import TRIAGE, assert_nothing_is_dead
from tests.slack_process import slack_process
from tests.slack_server import HANG, HANG_AFTER, Failure, SlackServer, slack_server
from tests.web import until

HANGING = 3


def soon() -> datetime:
    """Before any lease would have run out."""
    return now() + timedelta(seconds=10)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server() as server:
        server.epoch = int(time.time())
        server.workspace.add_channel(TRIAGE, "support")
        yield server


@pytest.mark.parametrize(
    ("method", "failure"),
    [("chat.startStream", HANG_AFTER), ("chat.stopStream", HANG), ("users.info", HANG)],
)
async def test_what_was_under_way(
    slack: SlackServer, database: str, method: str, failure: Failure
) -> None:
    trial = SlackTrial(database, slack)
    events = trial.many(3 * HANGING)
    for _ in range(HANGING):
        slack.fail(method, failure)
    async with slack_process(database, slack.url, TRIAGE) as process:
        await asyncio.gather(*map(process.post, events))
        await until(lambda: slack.hanging == HANGING)
        await process.leave()
    async with trial.opened(clock=soon) as office:
        await office.bot.turns.recover()
        await office.work()
    await trial.assert_each_once(events)
    await assert_nothing_is_dead(database)
