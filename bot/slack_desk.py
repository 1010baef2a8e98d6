"""The part of bootstrap that builds what Slack has for asking for a person beside what all chat
programs share, and what happens when a workspace leaves."""

from typing import TYPE_CHECKING

from bot.chat_desk import build_requests
from bot.services.turns import TurnRunner
from bot.slack_ground import SlackGround

if TYPE_CHECKING:
    from bot.channels.chat.survey import Home


def connect_support(ground: SlackGround, turns: TurnRunner, home: "Home") -> None:
    """`home`: where a conversation goes on that only its asker sees."""
    from bot.channels.slack.support import COMMAND, SupportCommand

    chat = ground.chat
    support = SupportCommand(
        ground.calls,
        ground.wall,
        chat.poster,
        chat.store,
        ground.people,
        turns,
        build_requests(chat, turns),
        chat.prompts,
        home,
        chat.clock,
    )
    chat.handlers.add(f"command:{COMMAND}", support.handle)


def connect_departures(ground: SlackGround) -> None:
    """Nothing where the app is in one workspace."""
    if ground.installations is None:
        return
    from bot.channels.slack.installation import Departures

    departures = Departures(ground.installations)
    ground.chat.handlers.add("app_uninstalled", departures.handle)
    ground.chat.handlers.add("tokens_revoked", departures.handle)
