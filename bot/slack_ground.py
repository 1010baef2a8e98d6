"""The part of bootstrap that builds what every part of Slack stands on: calls, and their tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.conversation import now
from bot.domain.errors import ConfigurationError
from bot.ports import Prompts, Storage
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.slack.calls import SlackCalls
    from bot.channels.slack.installation import SealedInstallations, Seals
    from bot.channels.slack.oauth import Installing


@dataclass(frozen=True, slots=True)
class SlackGround:
    settings: Settings
    store: Storage
    prompts: Prompts
    calls: "SlackCalls"
    clock: Callable[[], datetime] = now
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
        return SlackGround(settings, store, prompts, calls, clock)
    if not (slack.client_secret.get_secret_value() and slack.signing_secret.get_secret_value()):
        raise ConfigurationError(
            "setting slack.client_secret: belongs to slack.client_id, and so does "
            "slack.signing_secret; or set slack.bot_token for one workspace"
        )
    sealing = seals()
    installations = SealedInstallations(store, sealing)
    calls = SlackCalls(installations, url or API_URL)
    return SlackGround(settings, store, prompts, calls, clock, installations, sealing)


def build_slack_installing(ground: SlackGround) -> "Installing | None":
    """None where the app is in one workspace."""
    if ground.installations is None or ground.seals is None:
        return None
    from bot.channels.slack.installation import SealedStates
    from bot.channels.slack.oauth import AppCredentials, build_installing

    slack = ground.settings.slack
    secret = slack.client_secret.get_secret_value()
    return build_installing(
        AppCredentials(slack.client_id, secret, ground.calls.url),
        ground.installations,
        SealedStates(ground.seals, ground.clock),
        ground.prompts,
        ground.settings.locale,
    )
