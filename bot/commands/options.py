"""What commands have in common."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.settings import Settings, load_settings

ConfigOption = Annotated[Path | None, typer.Option("--config", help="Settings in a TOML file.")]
IndexOption = Annotated[
    Path | None, typer.Option("--index", help="Folder of the index.", file_okay=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False))


def settings_at(config: Path | None, index: Path | None) -> Settings:
    settings = load_settings(config)
    return settings.model_copy(update={"index_folder": index}) if index else settings
