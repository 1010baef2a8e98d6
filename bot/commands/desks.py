"""Whether desks elsewhere are set up: `firstline desks`."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.options import ConfigOption, JsonOption, print_json
from bot.domain.errors import BotError, ConfigurationError
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.domain.desk_news import Finding
    from bot.ports import DeskInspector

desks_app = typer.Typer(no_args_is_help=True, help="Desks elsewhere that tickets go to.")

Found = tuple[str, "Finding"]


@desks_app.callback()
def desks() -> None:
    """Desks elsewhere that tickets go to."""


@desks_app.command("check")
def check_desks(
    name: Annotated[str | None, typer.Argument(metavar="[DESK]", help="Only this one.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask each desk whether token, permissions and fields are there; makes no ticket."""
    found = asyncio.run(_check(_chosen(load_settings(config), name)))
    if as_json:
        print_json([_finding_json(desk, finding) for desk, finding in found])
    else:
        for desk, finding in found:
            mark, rest = ("ok", "") if finding.is_good else ("MISSING", f": {finding.way_out}")
            print(f"{desk}  {mark}  {finding.what}{rest}")
    wrong = sum(not finding.is_good for _, finding in found)
    if wrong:
        raise BotError(f"{wrong} of {len(found)} checks failed")


def _chosen(settings: Settings, name: str | None) -> "Sequence[DeskInspector]":
    """Raises ConfigurationError where none is set up, and for what cannot be right."""
    from bot.adapters.memory_store import MemoryStore
    from bot.adapters.prompt_files import PromptFiles
    from bot.wiring.desks import build_outer_desks
    from bot.wiring.mail import build_mail_desks

    prompts = PromptFiles(settings.prompts)
    desks: list[DeskInspector] = [
        *build_outer_desks(settings, prompts),
        *build_mail_desks(settings, MemoryStore(), prompts),
    ]
    chosen = [desk for desk in desks if name in (None, desk.name)]
    if not chosen and name:
        raise ConfigurationError(f"desk {name} is not set up; set desks.{name}.address")
    if not chosen:
        raise ConfigurationError("no desk is set up; set desks.zendesk.address, for example")
    return chosen


async def _check(desks: "Sequence[DeskInspector]") -> Sequence[Found]:
    return [(desk.name, finding) for desk in desks for finding in await desk.check()]


def _finding_json(desk: str, finding: "Finding") -> dict[str, Any]:
    return {
        "desk": desk,
        "what": finding.what,
        "ok": finding.is_good,
        "way_out": finding.way_out or None,
    }
