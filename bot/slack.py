"""The part of bootstrap that builds Slack: what comes in, who works on it, and what goes out."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.domain.conversation import now
from bot.domain.errors import ConfigurationError
from bot.ports import Courier, Prompts, Storage
from bot.services.casework import Casework
from bot.services.inbound import InboundWorker
from bot.services.turns import TurnRunner
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.slack.backfill import Backfill
    from bot.channels.slack.calls import SlackCalls
    from bot.channels.slack.intake import SlackIntake
    from bot.channels.slack.routes import SlackInbound
    from bot.channels.slack.socket import SocketRunner
    from bot.channels.slack.work import Handlers


@dataclass(frozen=True, slots=True)
class SlackParts:
    calls: "SlackCalls"
    handlers: "Handlers"
    intake: "SlackIntake"
    worker: InboundWorker
    backfill: "Backfill"
    courier: Courier | None
    inbound: "SlackInbound | None"
    socket: "SocketRunner | None"

    async def run(self) -> None:
        """Until cancelled."""
        runs = [self.worker.run(), self.backfill.run()]
        if self.socket is not None:
            runs.append(self.socket.run())
        try:
            async with asyncio.TaskGroup() as group:
                for one in runs:
                    group.create_task(one)
        finally:
            await self.calls.close()


class HandOver(Protocol):
    @property
    def casework(self) -> Casework: ...
    @property
    def agent_name(self) -> Callable[[str], Awaitable[str | None]]: ...


def build_slack_calls(settings: Settings, url: str | None = None) -> "SlackCalls | None":
    """None without Slack; `url` in place of Slack's own. Raises ConfigurationError."""
    if not settings.slack.is_set:
        return None
    from bot.channels.slack.calls import API_URL, OneToken, SlackCalls

    token = settings.slack.bot_token.get_secret_value()
    if not token:
        raise ConfigurationError("setting slack.bot_token: is the app's Bot User OAuth Token")
    return SlackCalls(OneToken(token), url or API_URL)


def build_slack(
    settings: Settings,
    store: Storage,
    turns: TurnRunner,
    prompts: Prompts,
    hand_over: HandOver,
    calls: "SlackCalls | None",
    clock: Callable[[], datetime] = now,
) -> SlackParts | None:
    """None without Slack; raises ConfigurationError where nothing could come in."""
    if calls is None:
        return None
    from bot.channels.slack import CHANNEL
    from bot.channels.slack.backfill import Backfill
    from bot.channels.slack.intake import SlackIntake, build_bolt
    from bot.channels.slack.listening import SlackListening
    from bot.channels.slack.people import SlackPeople
    from bot.channels.slack.routes import Signatures, SlackInbound
    from bot.channels.slack.socket import SocketRunner
    from bot.channels.slack.work import Handlers

    secret = settings.slack.signing_secret.get_secret_value()
    app_token = settings.slack.app_token.get_secret_value()
    if not secret and not app_token:
        raise ConfigurationError(
            "setting slack.app_token: Socket Mode needs one; or set slack.signing_secret, and let "
            "Slack post to /slack/events"
        )
    handlers = Handlers()
    people = SlackPeople(store, calls)
    listening = SlackListening(
        store,
        turns,
        hand_over.casework,
        people,
        calls,
        prompts,
        settings.locale,
        settings.slack.internal_channels,
        clock=clock,
    )
    handlers.add("message", listening.hear)
    handlers.add("app_mention", listening.hear)
    handlers.add("message_changed", listening.hear_edit)
    handlers.add("message_deleted", listening.hear_deletion)
    worker = InboundWorker(CHANNEL, store, handlers.handle, clock)
    intake = SlackIntake(store, handlers, worker.nudge, clock)
    bolt = build_bolt(intake)
    backfill = Backfill(store, calls, people, intake, people, clock)
    return SlackParts(
        calls=calls,
        handlers=handlers,
        intake=intake,
        worker=worker,
        backfill=backfill,
        courier=None,
        inbound=SlackInbound(Signatures(secret), bolt) if secret else None,
        socket=SocketRunner(bolt, app_token, backfill.ask, calls.url) if app_token else None,
    )
