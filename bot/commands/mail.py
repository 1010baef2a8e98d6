"""Whether mail is set up: `firstline mail check`."""

import asyncio
from typing import TYPE_CHECKING, Any

import typer

from bot.commands.options import ConfigOption, JsonOption, print_json
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.domain.desk_news import Finding

mail_app = typer.Typer(no_args_is_help=True, help="Mail as a channel and as a desk.")


@mail_app.callback()
def mail() -> None:
    """Keeps `check` a command of its own."""


@mail_app.command("check")
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Sign in at both servers and say what is missing, with the way out; sends nothing."""
    from bot.mail import check_mail

    settings = load_settings(config)
    findings = asyncio.run(check_mail(settings))
    if as_json:
        print_json([_finding_json(one) for one in findings])
    else:
        for one in findings:
            print(f"ok       {one.what}" if one.is_good else f"MISSING  {one.what}: {one.way_out}")
    if not all(one.is_good for one in findings):
        raise typer.Exit(1)


def _finding_json(finding: "Finding") -> dict[str, Any]:
    return {"what": finding.what, "ok": finding.is_good, "way_out": finding.way_out or None}
