"""What the tests of several channels stand on."""

from pathlib import Path

import pytest

from bot.adapters.sql_store import upgrade


@pytest.fixture
async def database(tmp_path: Path) -> str:
    """The address of one with the schema of this version, for processes over it one after
    another."""
    url = f"sqlite:///{tmp_path / 'firstline.db'}"
    await upgrade(url)
    return url
