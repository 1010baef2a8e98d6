"""Databases of tests: PostgreSQL's own for each that runs beside others, and copies to die over."""

import asyncio
import os
import shutil
from pathlib import Path

from sqlalchemy import URL, make_url


def postgresql_url() -> str | None:
    """Of the database that this process may empty: tests that run side by side have one each."""
    given, worker = (
        os.environ.get("FIRSTLINE_TEST_POSTGRESQL"),
        os.environ.get("PYTEST_XDIST_WORKER"),
    )
    if not given or not worker:
        return given or None
    url = make_url(given)
    return url.set(database=f"{url.database}_{worker}").render_as_string(hide_password=False)


POSTGRESQL_URL = postgresql_url()


async def make(url: str) -> None:
    """An empty one in PostgreSQL, in place of the one of this name."""
    made = make_url(url)
    name = f'"{made.database}"'
    await _execute(made, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")


def named(template: str, step: int) -> str:
    """The address of the one for a step."""
    url = make_url(template)
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        return f"sqlite:///{path.with_name(f'step-{step}.db')}"
    return url.set(database=f"{url.database}_step_{step}").render_as_string(hide_password=False)


def copy(template: str, step: int) -> str:
    """Nobody may be connected to the template."""
    source, target = make_url(template), make_url(named(template, step))
    if source.get_backend_name() == "sqlite":
        shutil.copy(source.database or "", target.database or "")
    else:
        made = f'CREATE DATABASE "{target.database}" TEMPLATE "{source.database}"'
        asyncio.run(_execute(source, f'DROP DATABASE IF EXISTS "{target.database}"', made))
    return named(template, step)


async def drop(template: str, step: int) -> None:
    target = make_url(named(template, step))
    if target.get_backend_name() != "sqlite":
        await _execute(make_url(template), f'DROP DATABASE "{target.database}"')


async def _execute(url: URL, *statements: str) -> None:
    """Not in the template itself, which has to be left alone."""
    import asyncpg  # only there where PostgreSQL is used

    address = url.set(drivername="postgresql", database="postgres")
    connection = await asyncpg.connect(address.render_as_string(hide_password=False))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
