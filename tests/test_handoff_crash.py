"""A process dies at each single step of a hand-over and of the outbox; the next one finishes it."""

import asyncio
import sys
from pathlib import Path

import pytest

from bot.adapters.sql_store import upgrade
from tests.adapters.stores import POSTGRESQL_URL

FEWEST_STEPS = 60  # statements, commits and what the courier does; fewer were not all counted


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql" and POSTGRESQL_URL is None:
        pytest.skip("FIRSTLINE_TEST_POSTGRESQL names no server")
    found = f"sqlite:///{tmp_path / 'firstline.db'}"
    if request.param == "postgresql":
        found = POSTGRESQL_URL or ""
    await upgrade(found)
    return found


async def test_whenever_it_dies_nothing_is_lost_and_nothing_doubled(
    url: str, tmp_path: Path
) -> None:
    sweep = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.handoff_sweep", url, str(tmp_path)),
        cwd=Path(__file__).parents[1],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    steps, errors = await sweep.communicate()
    assert sweep.returncode == 0, errors.decode()
    assert int(steps) > FEWEST_STEPS
