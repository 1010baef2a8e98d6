"""Socket Mode as `firstline slack` runs it: all but the web pages, until it is told to leave."""

import asyncio

from bot.app import create_app
from bot.server import run_app
from bot.wiring.slack import SlackEdge
from tests.channels.chat.office import QUESTION, beside
from tests.channels.slack.office import open_bot, settings_of
from tests.services.test_dialogue import COLUMNS
from tests.slack_server import DIRECT, Failure, refused, slack_server
from tests.web import until


async def test_a_question_is_answered_without_a_port_and_it_leaves_when_told() -> None:
    async with slack_server() as slack:
        bot = open_bot(settings_of(socket=True, http=False), slack)
        is_left = asyncio.Event()
        running = asyncio.create_task(run_app(create_app(bot), is_left))
        await slack.socket.has_connected()
        await slack.socket.push(slack.say(QUESTION, DIRECT))
        await slack.socket.all_acknowledged()
        await until(lambda: COLUMNS in str([one.get("blocks") for one in slack.posted(DIRECT)]))
        is_left.set()
        await running
        assert not slack.posted(DIRECT)[0].get("streaming")


async def test_a_connection_that_is_refused_is_tried_again() -> None:
    failures: list[Failure] = [Failure(status=503), refused("internal_error")]
    async with slack_server() as slack:
        slack.fail("apps.connections.open", *failures)
        bot = open_bot(settings_of(socket=True, http=False), slack)
        parts = bot.chats["slack"]
        assert isinstance(parts.edge, SlackEdge)
        assert parts.edge.socket is not None
        parts.edge.socket._ping_s = 0.01
        async with beside(parts.run()):
            await slack.socket.has_connected()
        await parts.close()
        assert len(slack.called("apps.connections.open")) == 3
