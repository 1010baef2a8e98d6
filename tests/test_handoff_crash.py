"""A process dies at each single step of a hand-over and of the outbox; the next one finishes it."""

import asyncio
import sys
from pathlib import Path

FEWEST_STEPS = 60  # statements, commits and what the courier does; fewer were not all counted


async def test_whenever_it_dies_nothing_is_lost_and_nothing_doubled(
    database: str, tmp_path: Path
) -> None:
    sweep = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.handoff_sweep", database, str(tmp_path)),
        cwd=Path(__file__).parents[1],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    steps, errors = await sweep.communicate()
    assert sweep.returncode == 0, errors.decode()
    assert int(steps) > FEWEST_STEPS
