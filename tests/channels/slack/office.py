"""A bot at work in Slack: the whole application, and a Slack of our own on the other side."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from bot.bootstrap import Bot
from bot.ports import Storage
from bot.sections.slack import Slack
from bot.settings import Settings
from bot.wiring.slack import SlackEdge
from tests.channels.chat.office import ChatOffice, at_work, build_bot
from tests.slack_server import (
    ANN,
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    TEAM,
    Json,
    SlackServer,
    request_of,
    slack_server,
)


@dataclass
class SlackOffice(ChatOffice):
    channel = "slack"
    team = TEAM
    ann = ANN

    slack: SlackServer

    @property
    def edge(self) -> SlackEdge:
        edge = self.parts.edge
        assert isinstance(edge, SlackEdge)
        return edge

    async def post(self, body: Json, **headers: str) -> httpx.Response:
        content, own = request_of(body)
        return await self.http.post("/slack/events", content=content, headers={**own, **headers})


def settings_of(socket: bool = False, http: bool = True, **slack: Any) -> Settings:
    return Settings(
        slack=Slack(
            bot_token=SecretStr(BOT_TOKEN),
            signing_secret=SecretStr(SIGNING_SECRET if http else ""),
            app_token=SecretStr(APP_TOKEN if socket else ""),
            **slack,
        )
    )


def open_bot(
    settings: Settings,
    slack: SlackServer | str,
    store: Storage | None = None,
    **parts: Any,
) -> Bot:
    url = slack if isinstance(slack, str) else slack.url
    return build_bot(settings, store, slack_url=url, **parts)


@asynccontextmanager
async def slack_office(
    settings: Settings | None = None,
    store: Storage | None = None,
    slack: SlackServer | None = None,
    running: bool = False,
    **parts: Any,
) -> AsyncIterator[SlackOffice]:
    """`running`: with everything that runs beside requests; otherwise `work` does it."""
    async with AsyncExitStack() as stack:
        slack = slack or await stack.enter_async_context(slack_server())
        bot = open_bot(settings or settings_of(), slack, store, **parts)
        http = await stack.enter_async_context(at_work(bot, SlackOffice.channel, running))
        yield SlackOffice(bot, http, slack)
