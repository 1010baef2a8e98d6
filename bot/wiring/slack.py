"""The part of bootstrap that builds Slack: what comes in, who works on it, and what goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import ConfigurationError
from bot.wiring.chat import ChatServices
from bot.wiring.chat_parts import ChatEdge, ChatParts, build_parts
from bot.wiring.slack_desk import connect_departures, connect_support
from bot.wiring.slack_ground import SlackGround, build_slack_installing
from bot.wiring.slack_talk import connect_panes, connect_private

if TYPE_CHECKING:
    from bot.channels.chat.mounting import Mount
    from bot.channels.slack.backfill import Backfill
    from bot.channels.slack.calls import SlackCalls
    from bot.channels.slack.routes import SlackInbound
    from bot.channels.slack.socket import SocketRunner


@dataclass(frozen=True, kw_only=True)
class SlackEdge(ChatEdge):
    calls: "SlackCalls"
    backfill: "Backfill"
    socket: "SocketRunner | None"


def build_slack(ground: SlackGround | None, services: ChatServices) -> ChatParts | None:
    """None without Slack; raises ConfigurationError where nothing could come in."""
    if ground is None:
        return None
    edge = _edge(ground)
    private = connect_private(ground, services)
    connect_support(ground, services.turns, private.home)
    connect_departures(ground)
    connect_panes(ground, services)
    return build_parts(ground.chat, services, edge, unseen=private)


def _edge(ground: SlackGround) -> SlackEdge:
    """Events that are posted here, Socket Mode, or both."""
    from bot.channels.slack.backfill import Backfill
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
    bolt = build_bolt(chat.intake)
    teams = people if ground.installations is None else ground.installations
    backfill = Backfill(chat.store, calls, people, chat.intake, teams, chat.clock)
    inbound = SlackInbound(Signatures(secret), bolt) if secret else None
    socket = SocketRunner(bolt, app_token, backfill.ask, calls.url) if app_token else None
    return SlackEdge(
        runs=[backfill.run, *([socket.run] if socket is not None else ())],
        mounts=_mounts(ground, inbound),
        close=calls.close,
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
