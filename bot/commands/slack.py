"""Slack over Socket Mode, and what to set up for it: `firstline slack`."""

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.chats import rooms_of, tell_check
from bot.commands.options import ConfigOption, IndexOption, JsonOption, settings_at
from bot.domain.errors import ConfigurationError
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels.slack.check import SlackAccess
    from bot.domain.desk_news import Finding

# No setting: it lasts for twelve hours, and only the check has a use for it.
CONFIG_TOKEN = "SLACK_CONFIG_TOKEN"  # noqa: S105


slack_app = typer.Typer(help="Answer in Slack over Socket Mode; set it up by these commands.")


@slack_app.callback(invoke_without_command=True)
def slack(context: typer.Context, index: IndexOption = None, config: ConfigOption = None) -> None:
    """Answer in Slack over Socket Mode, until a signal ends it; nothing listens on a port."""
    if context.invoked_subcommand is not None:
        return
    from bot.server import serve_without_port

    settings = settings_at(config, index)
    if not settings.slack.app_token.get_secret_value():
        raise ConfigurationError(
            "setting slack.app_token: Socket Mode needs an app-level token, xapp-..., with the "
            "scope connections:write"
        )
    serve_without_port(settings)


@slack_app.command("check")
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Ask Slack what is missing (scope, event, token, channel), with the way out; posts nothing."""
    tell_check(look(load_settings(config)), as_json=as_json)


@slack_app.command("manifest")
def manifest(
    site: Annotated[
        str,
        typer.Option(
            help="Where this server is reached, such as https://help.example.com, for HTTP instead "
            "of Socket Mode."
        ),
    ] = "",
) -> None:
    """Print the app manifest to paste at https://api.slack.com/apps."""
    from bot.channels.slack.manifest import build_manifest

    if site and not site.startswith("https://"):
        raise typer.BadParameter("Slack posts to https:// only", param_hint="--site")
    print(json.dumps(build_manifest(site), indent=2))


async def look(settings: Settings, url: str | None = None) -> "Sequence[Finding]":
    """`url` in place of Slack's own. Raises ConfigurationError and, where several workspaces
    installed the app, StoreError."""
    from bot.channels.slack.calls import API_URL
    from bot.channels.slack.check import SlackInspector

    access, config_token = slack_access(settings), os.environ.get(CONFIG_TOKEN, "")
    if access.bot_token or not settings.slack.client_id:
        return await SlackInspector(access, config_token, url or API_URL).check()
    from bot.adapters.fernet_seals import FernetSeals
    from bot.bootstrap import build_keys, open_store
    from bot.channels.slack.installation import SealedInstallations

    store = await open_store(settings)
    try:
        workspaces = SealedInstallations(store, FernetSeals(build_keys(settings)))
        return await SlackInspector(access, config_token, url or API_URL, workspaces).check()
    finally:
        await store.close()


def slack_access(settings: Settings) -> "SlackAccess":
    from bot.channels.slack.check import SlackAccess

    slack = settings.slack
    return SlackAccess(
        bot_token=slack.bot_token.get_secret_value(),
        app_token=slack.app_token.get_secret_value(),
        signing_secret=slack.signing_secret.get_secret_value(),
        rooms=rooms_of(slack),
    )
