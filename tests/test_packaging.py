"""An installation that is no checkout has every file that the bot reads."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from bot.adapters.prompt_files import PROMPTS_FOLDER

ROOT = Path(__file__).parents[1]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
PACKAGES = ("bot", "ingest", "evals", PROMPTS_FOLDER.relative_to(ROOT).as_posix())


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_shipped(package: str) -> None:
    assert any(fnmatch(package, pattern) for pattern in SETUPTOOLS["packages"]["find"]["include"])
    folder = ROOT / package
    patterns = SETUPTOOLS["package-data"].get(package, [])
    shipped = {path for pattern in patterns for path in folder.glob(pattern)}
    data = {
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".py" and path.parent.name != "__pycache__"
    }
    assert data - shipped == set()
