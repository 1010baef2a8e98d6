"""The part of bootstrap that builds what every part of Slack stands on: calls, their tokens, and
Slack as a chat program."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.conversation import now
from bot.domain.errors import ConfigurationError
from bot.ports import Prompts, Storage
from bot.settings import Settings
from bot.wiring.chat import ChatGround, build_ground

if TYPE_CHECKING:
    from bot.channels.slack.assistant import Assistant
    from bot.channels.slack.calls import SlackCalls
    from bot.channels.slack.installation import SealedInstallations, Seals
    from bot.channels.slack.oauth import Installing
    from bot.channels.slack.people import SlackPeople
    from bot.channels.slack.wall import SlackWall


@dataclass(frozen=True, slots=True)
class SlackGround:
    chat: ChatGround
    calls: "SlackCalls"
    people: "SlackPeople"
    wall: "SlackWall"
    assistant: "Assistant"
    # Where the app is in several workspaces: whose it is, and what seals their tokens.
    installations: "SealedInstallations | None" = None
    seals: "Seals | None" = None


def build_slack_ground(
    settings: Settings,
    store: Storage,
    prompts: Prompts,
    seals: Callable[[], "Seals"],
    clock: Callable[[], datetime] = now,
    url: str | None = None,
) -> SlackGround | None:
    """None without Slack; `url` in place of Slack's own. Raises ConfigurationError."""
    slack = settings.slack
    if not slack.is_set:
        return None
    from bot.channels.slack.calls import API_URL, OneToken, SlackCalls
    from bot.channels.slack.installation import SealedInstallations

    token = slack.bot_token.get_secret_value()
    if token:
        calls = SlackCalls(OneToken(token), url or API_URL)
        return _stand_on(calls, settings, store, prompts, clock)
    if not (slack.client_secret.get_secret_value() and slack.signing_secret.get_secret_value()):
        raise ConfigurationError(
            "setting slack.client_secret: belongs to slack.client_id, and so does "
            "slack.signing_secret; or set slack.bot_token for one workspace"
        )
    sealing = seals()
    installations = SealedInstallations(store, sealing)
    calls = SlackCalls(installations, url or API_URL)
    return _stand_on(calls, settings, store, prompts, clock, installations, sealing)


def _stand_on(
    calls: "SlackCalls",
    settings: Settings,
    store: Storage,
    prompts: Prompts,
    clock: Callable[[], datetime],
    installations: "SealedInstallations | None" = None,
    seals: "Seals | None" = None,
) -> SlackGround:
    from bot.channels.chat.program import Program
    from bot.channels.slack import CHANNEL, TITLE
    from bot.channels.slack.assistant import Assistant
    from bot.channels.slack.events import read_event
    from bot.channels.slack.forms import SlackForms
    from bot.channels.slack.people import SlackPeople
    from bot.channels.slack.reader import SlackReader
    from bot.channels.slack.screen import SlackScreen
    from bot.channels.slack.wall import SlackWall

    people = SlackPeople(store, calls, settings.locale)
    wall = SlackWall(calls)
    assistant = Assistant(calls, store, prompts, people)
    program = Program(
        channel=CHANNEL,
        title=TITLE,
        read_event=read_event,
        reader=SlackReader(calls, people.bot_user),
        people=people,
        wall=wall,
        screen=SlackScreen(calls, wall, store, prompts, settings.locale),
        forms=SlackForms(calls),
        signs=assistant,
    )
    chat = build_ground(settings, settings.slack, store, prompts, program, clock)
    return SlackGround(chat, calls, people, wall, assistant, installations, seals)


def build_slack_installing(ground: SlackGround) -> "Installing | None":
    """None where the app is in one workspace."""
    if ground.installations is None or ground.seals is None:
        return None
    from bot.channels.slack.installation import SealedStates
    from bot.channels.slack.oauth import AppCredentials, build_installing

    settings = ground.chat.settings
    secret = settings.slack.client_secret.get_secret_value()
    return build_installing(
        AppCredentials(settings.slack.client_id, secret, ground.calls.url),
        ground.installations,
        SealedStates(ground.seals, ground.chat.clock),
        ground.chat.prompts,
        settings.locale,
    )
