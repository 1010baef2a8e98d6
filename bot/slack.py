"""The part of bootstrap that builds Slack: what comes in, who works on it, and what goes out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.domain.errors import ConfigurationError
from bot.ports import AgentStore, Courier
from bot.services.casework import Casework
from bot.services.inbound import InboundWorker
from bot.slack_desk import HandOver as HandOverToPeople
from bot.slack_desk import connect_agents, connect_people
from bot.slack_ground import SlackGround, build_slack_installing
from bot.slack_talk import Answering, SlackTalk, connect_askers
from bot.slack_talk import HandOver as HandOverToAskers

if TYPE_CHECKING:
    from bot.channels.slack.backfill import Backfill
    from bot.channels.slack.calls import SlackCalls
    from bot.channels.slack.intake import SlackIntake
    from bot.channels.slack.listening import Diversion
    from bot.channels.slack.oauth import Installing
    from bot.channels.slack.people import SlackPeople
    from bot.channels.slack.routes import SlackInbound
    from bot.channels.slack.socket import SocketRunner
    from bot.channels.slack.streaming import Presenter
    from bot.channels.slack.survey import SlackSurveys
    from bot.channels.slack.work import Handlers


@dataclass(frozen=True, slots=True)
class SlackParts:
    calls: "SlackCalls"
    handlers: "Handlers"
    intake: "SlackIntake"
    worker: InboundWorker
    backfill: "Backfill"
    courier: Courier
    presenter: "Presenter"
    surveys: "SlackSurveys"
    inbound: "SlackInbound | None"
    socket: "SocketRunner | None"
    installing: "Installing | None"

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
            await self.close()

    async def close(self) -> None:
        await self.presenter.close()
        await self.calls.close()


class HandOver(HandOverToPeople, HandOverToAskers, Protocol):
    """What both sides of Slack need of it."""


def build_slack(
    ground: SlackGround | None, answering: Answering, hand_over: HandOver, agents: AgentStore
) -> SlackParts | None:
    """None without Slack; raises ConfigurationError where nothing could come in."""
    if ground is None:
        return None
    from bot.channels.slack import CHANNEL
    from bot.channels.slack.backfill import Backfill, StoredTeams
    from bot.channels.slack.intake import SlackIntake, build_bolt
    from bot.channels.slack.people import SlackPeople
    from bot.channels.slack.routes import Signatures, SlackInbound
    from bot.channels.slack.socket import SocketRunner
    from bot.channels.slack.survey import AskingCourier
    from bot.channels.slack.work import Handlers

    settings, store, calls, clock = ground.settings, ground.store, ground.calls, ground.clock
    secret = settings.slack.signing_secret.get_secret_value()
    app_token = settings.slack.app_token.get_secret_value()
    if not secret and not app_token:
        raise ConfigurationError(
            "setting slack.app_token: Socket Mode needs one; or set slack.signing_secret, and let "
            "Slack post to /slack/events"
        )
    handlers = Handlers()
    people = SlackPeople(store, calls)
    talk = connect_askers(ground, handlers, hand_over, answering, people, agents)
    surveys = connect_people(
        ground, handlers, hand_over, answering.turns, people, talk.private.home
    )
    diversions = connect_agents(ground, handlers, hand_over, agents)
    _connect_listening(ground, handlers, hand_over.casework, answering, people, talk, diversions)
    worker = InboundWorker(CHANNEL, store, handlers.handle, clock)
    intake = SlackIntake(store, handlers, worker.nudge, clock)
    bolt = build_bolt(intake)
    teams = people if ground.installations is None else StoredTeams(store)
    backfill = Backfill(store, calls, people, intake, teams, clock)
    return SlackParts(
        calls=calls,
        handlers=handlers,
        intake=intake,
        worker=worker,
        backfill=backfill,
        courier=AskingCourier(talk.courier, surveys.offer),
        presenter=talk.presenter,
        surveys=surveys,
        inbound=SlackInbound(Signatures(secret), bolt) if secret else None,
        socket=SocketRunner(bolt, app_token, backfill.ask, calls.url) if app_token else None,
        installing=build_slack_installing(ground),
    )


def _connect_listening(
    ground: SlackGround,
    handlers: "Handlers",
    casework: Casework,
    answering: Answering,
    people: "SlackPeople",
    talk: SlackTalk,
    diversions: "Sequence[Diversion]",
) -> None:
    from bot.channels.slack.listening import SlackListening

    listening = SlackListening(
        ground.store,
        answering.turns,
        casework,
        people,
        ground.calls,
        ground.prompts,
        ground.settings.locale,
        ground.settings.slack.internal_channels,
        talk.presenter,
        talk.auto,
        diversions,
        ground.clock,
    )
    handlers.add("message", listening.hear)
    handlers.add("app_mention", listening.hear)
    handlers.add("message_changed", listening.hear_edit)
    handlers.add("message_deleted", listening.hear_deletion)
