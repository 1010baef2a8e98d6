"""What commands have in common."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

ConfigOption = Annotated[Path | None, typer.Option("--config", help="Settings in a TOML file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False))
