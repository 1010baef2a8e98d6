"""Feishu over the long connection, and what to set up for it: `firstline feishu`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from bot.commands.chats import rooms_of, tell_check
from bot.commands.options import ConfigOption, IndexOption, JsonOption, settings_at
from bot.domain.errors import ConfigurationError
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.channels.feishu.check import FeishuAccess
    from bot.domain.desk_news import Finding

feishu_app = typer.Typer(
    help="Answer in Feishu (or Lark) over its long connection; set it up by these commands."
)


@feishu_app.callback(invoke_without_command=True)
def feishu(context: typer.Context, index: IndexOption = None, config: ConfigOption = None) -> None:
    """Answer in Feishu over the long connection, until a signal ends it; nothing listens on a
    port."""
    if context.invoked_subcommand is not None:
        return
    from bot.server import serve_without_port

    settings = settings_at(config, index)
    if not settings.feishu.is_set:
        raise ConfigurationError("setting feishu.app_id: the id of a self-built app, cli_...")
    serve_without_port(settings.model_copy(update={"feishu": settings.feishu.connected}))


@feishu_app.command("check")
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Ask Feishu what is missing (permission, event, group), with the way out; posts nothing."""
    tell_check(_check(load_settings(config)), as_json=as_json)


async def _check(settings: Settings) -> "Sequence[Finding]":
    from bot.channels.feishu.calls import App, FeishuCalls
    from bot.channels.feishu.check import FeishuInspector
    from bot.wiring.feishu import check_installed

    check_installed()
    feishu = settings.feishu
    app = App(feishu.app_id, feishu.app_secret.get_secret_value(), feishu.domain)
    calls = FeishuCalls(app)
    try:
        return await FeishuInspector(feishu_access(settings), calls).check()
    finally:
        await calls.close()


def feishu_access(settings: Settings) -> "FeishuAccess":
    from bot.channels.feishu.check import FeishuAccess

    feishu = settings.feishu
    return FeishuAccess(
        app_id=feishu.app_id,
        app_secret=feishu.app_secret.get_secret_value(),
        verification_token=feishu.verification_token.get_secret_value(),
        encrypt_key=feishu.encrypt_key.get_secret_value(),
        rooms=rooms_of(feishu),
    )
