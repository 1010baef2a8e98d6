"""Whether mail is set up: `firstline mail check`."""

import asyncio

import typer

from bot.commands.findings import tell_findings
from bot.commands.options import ConfigOption, JsonOption
from bot.settings import load_settings

mail_app = typer.Typer(no_args_is_help=True, help="Mail as a channel and as a desk.")


@mail_app.callback()
def mail() -> None:
    """Keeps `check` a command of its own."""


@mail_app.command("check")
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Sign in at both servers and say what is missing, with the way out; sends nothing."""
    from bot.wiring.mail import check_mail

    settings = load_settings(config)
    findings = asyncio.run(check_mail(settings))
    if tell_findings(findings, as_json=as_json):
        raise typer.Exit(1)
