"""DingTalk in Stream mode, and what to set up for it: `firstline dingtalk`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from bot.commands.chats import rooms_of, tell_check
from bot.commands.options import ConfigOption, IndexOption, JsonOption, settings_at
from bot.domain.errors import ConfigurationError
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.channels.dingtalk.check import DingTalkAccess
    from bot.domain.desk_news import Finding

dingtalk_app = typer.Typer(
    help="Answer in DingTalk in Stream mode; set it up by these commands.",
)


@dingtalk_app.callback(invoke_without_command=True)
def dingtalk(
    context: typer.Context, index: IndexOption = None, config: ConfigOption = None
) -> None:
    """Answer in DingTalk in Stream mode, until a signal ends it; nothing listens on a port."""
    if context.invoked_subcommand is not None:
        return
    from bot.server import serve_without_port

    settings = settings_at(config, index)
    if not settings.dingtalk.is_set:
        raise ConfigurationError("setting dingtalk.client_id: the Client ID of the company's app")
    in_stream_mode = settings.dingtalk.model_copy(update={"http": False})
    serve_without_port(settings.model_copy(update={"dingtalk": in_stream_mode}))


@dingtalk_app.command("check")
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Ask DingTalk what is missing (permission, robot, group), with the way out; posts nothing."""
    tell_check(_check(load_settings(config)), as_json=as_json)


async def _check(settings: Settings) -> "Sequence[Finding]":
    from bot.wiring.dingtalk import endpoint

    url = endpoint()
    from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
    from bot.channels.dingtalk.check import DingTalkInspector

    dingtalk = settings.dingtalk
    secret = dingtalk.client_secret.get_secret_value()
    calls = DingTalkCalls(Credentials(dingtalk.client_id, secret, dingtalk.robot_code), url)
    try:
        return await DingTalkInspector(dingtalk_access(settings), calls).check()
    finally:
        await calls.close()


def dingtalk_access(settings: Settings) -> "DingTalkAccess":
    from bot.channels.dingtalk.check import DingTalkAccess

    dingtalk = settings.dingtalk
    return DingTalkAccess(
        client_id=dingtalk.client_id,
        client_secret=dingtalk.client_secret.get_secret_value(),
        corp_id=dingtalk.corp_id,
        http=dingtalk.http,
        site=settings.web.site,
        rooms=rooms_of(dingtalk),
    )
