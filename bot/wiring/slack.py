"""The part of bootstrap that builds Slack: what comes in, who works on it, and what goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from bot.domain.errors import ConfigurationError
from bot.ports import AgentStore
from bot.wiring.chat import Answering, ChatParts, build_intake, connect_talk
from bot.wiring.chat import HandOver as HandOverToAskers
from bot.wiring.chat_desk import HandOver as HandOverToPeople
from bot.wiring.chat_desk import connect_desk
from bot.wiring.slack_desk import connect_departures, connect_support
from bot.wiring.slack_ground import SlackGround, build_slack_installing
from bot.wiring.slack_talk import HandOver as HandOverToPanes
from bot.wiring.slack_talk import connect_panes, connect_private

if TYPE_CHECKING:
    from bot.channels.chat.mounting import Mount
    from bot.channels.slack.backfill import Backfill
    from bot.channels.slack.calls import SlackCalls
    from bot.channels.slack.routes import SlackInbound
    from bot.channels.slack.socket import SocketRunner


class HandOver(HandOverToPeople, HandOverToAskers, HandOverToPanes, Protocol):
    """What all of Slack needs of it."""


@dataclass(frozen=True, kw_only=True)
class SlackParts(ChatParts):
    calls: "SlackCalls"
    backfill: "Backfill"
    socket: "SocketRunner | None"


def build_slack(
    ground: SlackGround | None, answering: Answering, hand_over: HandOver, agents: AgentStore
) -> SlackParts | None:
    """None without Slack; raises ConfigurationError where nothing could come in."""
    if ground is None:
        return None
    from bot.channels.slack.backfill import Backfill
    from bot.channels.slack.events import read_event
    from bot.channels.slack.intake import build_bolt
    from bot.channels.slack.routes import Signatures, SlackInbound
    from bot.channels.slack.socket import SocketRunner

    chat, calls, people = ground.chat, ground.calls, ground.people
    slack = chat.settings.slack
    secret = slack.signing_secret.get_secret_value()
    app_token = slack.app_token.get_secret_value()
    if not secret and not app_token:
        raise ConfigurationError(
            "setting slack.app_token: Socket Mode needs one; or set slack.signing_secret, and let "
            "Slack post to /slack/events"
        )
    private = connect_private(ground, answering)
    desk = connect_desk(chat, hand_over, answering.turns, agents, private.home)
    talk = connect_talk(chat, answering, hand_over, desk.diversions, private)
    connect_support(ground, answering.turns, private.home)
    connect_departures(ground)
    connect_panes(ground, answering, hand_over, agents)
    intake, worker = build_intake(chat, read_event)
    bolt = build_bolt(intake)
    teams = people if ground.installations is None else ground.installations
    backfill = Backfill(chat.store, calls, people, intake, teams, chat.clock)
    inbound = SlackInbound(Signatures(secret), bolt) if secret else None
    socket = SocketRunner(bolt, app_token, backfill.ask, calls.url) if app_token else None
    return SlackParts(
        courier=desk.asking(talk.courier),
        handlers=chat.handlers,
        intake=intake,
        worker=worker,
        presenter=talk.presenter,
        edge_runs=[backfill.run, *([socket.run] if socket is not None else ())],
        close_edge=calls.close,
        mounts=_mounts(ground, inbound),
        calls=calls,
        backfill=backfill,
        socket=socket,
    )


def _mounts(ground: SlackGround, inbound: "SlackInbound | None") -> "Sequence[Mount]":
    from bot.channels.slack.oauth import mount_installation
    from bot.channels.slack.routes import mount_slack

    mounts: list[Mount] = []
    if inbound is not None:
        mounts.append(partial(mount_slack, inbound=inbound))
    installing = build_slack_installing(ground)
    if installing is not None:
        mounts.append(partial(mount_installation, installing=installing))
    return mounts
