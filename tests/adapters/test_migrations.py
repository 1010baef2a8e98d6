"""How a database comes to the schema of this version, whatever state it is found in."""

import asyncio
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import bot
from bot.adapters.sql_store import SqlStore, upgrade
from bot.adapters.sql_store.database import parse_url
from bot.adapters.sql_store.postgresql import PostgresqlDatabase
from bot.adapters.sql_store.schema import migrations
from bot.adapters.sql_store.sqlite import PATIENTLY, PROMISES, SqliteDatabase
from bot.adapters.sql_store.tables import metadata
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.errors import ConfigurationError, StoreError
from tests.databases import POSTGRESQL_URL

ROOT = Path(bot.__file__).parents[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "firstline.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


def tables_of(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def list_folder(path: Path) -> list[Path]:
    return list(path.iterdir())


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


async def in_transaction(url: str, work: Callable[[Connection], Any]) -> Any:
    database = SqliteDatabase(parse_url(url))
    try:
        return await database.write(work)
    finally:
        await database.close()


async def python(script: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


async def test_upgrade_creates_a_private_file_and_its_folder(path: Path, url: str) -> None:
    await upgrade(url)
    assert tables_of(path) >= {"conversations", "messages", "turns", "write_probe"}
    assert mode_of(path) == 0o600


async def test_upgrade_again_changes_nothing_and_keeps_what_is_there(url: str) -> None:
    await upgrade(url)
    store = await SqlStore.open(url)
    conversation = Conversation("widget")
    message = Message(conversation.id, Author.CUSTOMER, "How?")
    await store.add_conversation(conversation)
    await store.accept(message)
    await upgrade(url)  # beside a store at work
    assert list(await store.messages(conversation.id)) == [message]
    await store.close()


async def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(migrations()).get_heads()) == 1


def differences(connection: Connection) -> list[Any]:
    found: list[Any] = compare_metadata(MigrationContext.configure(connection), metadata)
    return found


def downgrade(connection: Connection) -> None:
    config = migrations()
    config.attributes["connection"] = connection
    command.downgrade(config, "base")


async def test_migrated_schema_is_the_one_the_store_uses(url: str) -> None:
    await upgrade(url)
    assert await in_transaction(url, differences) == []


async def test_postgresql_goes_down_and_up_again() -> None:
    if POSTGRESQL_URL is None:
        pytest.skip("FIRSTLINE_TEST_POSTGRESQL names no server")
    await upgrade(POSTGRESQL_URL)
    database = PostgresqlDatabase(parse_url(POSTGRESQL_URL))
    try:
        assert await database.read(differences) == []
        await database.write(downgrade)
        await upgrade(POSTGRESQL_URL)
        assert await database.read(differences) == []
    finally:
        await database.close()


async def test_every_revision_goes_down_and_up_again(path: Path, url: str) -> None:
    await upgrade(url)
    before = tables_of(path)
    await in_transaction(url, downgrade)
    assert tables_of(path) <= {"alembic_version", "sqlite_autoindex_alembic_version_1"} | {
        "sqlite_sequence"
    }
    await upgrade(url)
    assert tables_of(path) == before


async def test_conversations_of_the_first_revision_are_kept(path: Path, url: str) -> None:
    def upgrade_to_first(connection: Connection) -> None:
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    path.parent.mkdir()
    await in_transaction(url, upgrade_to_first)
    execute(
        path,
        "INSERT INTO conversations (id, channel, status, created_at)"
        " VALUES ('c1', 'widget', 'pending', '2026-03-01 12:00:00')",
    )
    execute(
        path,
        "INSERT INTO messages (id, conversation_id, author, text, created_at)"
        " VALUES ('m1', 'c1', 'customer', 'How?', '2026-03-01 12:00:00')",
    )
    await upgrade(url)
    store = await SqlStore.open(url)
    conversation = await store.conversation("c1")
    assert conversation is not None
    assert conversation.customer is None
    assert [message.text for message in await store.messages("c1")] == ["How?"]
    await store.close()


async def test_database_that_is_missing_is_not_created_by_opening(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'missing.db'}"
    with pytest.raises(ConfigurationError, match="firstline db upgrade"):
        await SqlStore.open(url)
    assert list_folder(tmp_path) == []


async def test_database_without_the_schema_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(ConfigurationError, match="firstline db upgrade"):
        await SqlStore.open(f"sqlite:///{tmp_path / 'empty.db'}")


async def test_database_of_a_newer_version_is_left_alone(path: Path, url: str) -> None:
    await upgrade(url)
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    for attempt in (upgrade(url), SqlStore.open(url)):
        with pytest.raises(ConfigurationError, match=r"9999.*newer"):
            await attempt
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("9999",)]


async def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="choose a folder"):
        await upgrade(f"sqlite:///{tmp_path}/file/firstline.db")


async def test_processes_that_start_together_all_succeed(path: Path, url: str) -> None:
    script = """
import asyncio, sys
from bot.adapters.sql_store import SqlStore, upgrade

async def main():
    await upgrade(sys.argv[1])
    store = await SqlStore.open(sys.argv[1])
    await store.check_writable()
    await store.close()

print("ready", flush=True)
sys.stdin.readline()
asyncio.run(main())
"""
    processes = [await python(script, url) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    errors = [e for _, e in await asyncio.gather(*(p.communicate(b"\n") for p in processes))]
    assert errors == [b""] * 4
    assert [process.returncode for process in processes] == [0] * 4
    assert "turns" in tables_of(path)


async def test_killed_migration_leaves_nothing_half_done(path: Path, url: str) -> None:
    script = """
import asyncio, sys, time
from bot.adapters.sql_store import schema, upgrade

real = schema.command.upgrade

def upgrade_and_hang(*arguments):
    real(*arguments)
    print("migrated, not committed", flush=True)
    time.sleep(3600)

schema.command.upgrade = upgrade_and_hang
asyncio.run(upgrade(sys.argv[1]))
"""
    process = await python(script, url)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"migrated, not committed\n"
    process.kill()
    await process.communicate()
    assert tables_of(path) == set()
    await upgrade(url)
    await (await SqlStore.open(url)).close()


async def test_sqlite_keeps_what_the_store_relies_on(url: str) -> None:
    await upgrade(url)

    def settings(connection: Connection) -> dict[str, object]:
        return {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in PROMISES
        }

    assert await in_transaction(url, settings) == {
        "busy_timeout": 10_000,
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }


async def test_setting_that_sqlite_does_not_take_is_an_error(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # SQLite ignores what it cannot do, as it does with WAL on a network drive.
    monkeypatch.setitem(PROMISES, "journal_mode", "wax")
    with pytest.raises(StoreError, match=r"journal_mode.*local disk"):
        await upgrade(url)


async def test_missing_postgresql_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'firstline\[postgresql\]'"):
        await upgrade("postgresql://localhost/firstline")


def test_template_makes_the_next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "bot" / "migrations", tmp_path / "migrations")
    config = migrations()
    config.set_main_option("script_location", str(tmp_path / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    command.revision(config, "Add tickets", rev_id="next")
    script = ScriptDirectory.from_config(config).get_revision("next")
    assert (script.down_revision, script.doc) == (head, "Add tickets")


@pytest.mark.parametrize(("failure", "calls"), [("database is locked", 3), ("disk I/O error", 1)])
def test_only_a_lock_of_another_process_is_waited_for(failure: str, calls: int) -> None:
    """SQLite refuses the switch to WAL at once while another process makes it."""
    made: list[str] = []

    def execute(statement: str) -> None:
        made.append(statement)
        if len(made) < 3:
            raise sqlite3.OperationalError(failure)

    with suppress(sqlite3.OperationalError):
        PATIENTLY(execute, "PRAGMA journal_mode = wal")
    assert len(made) == calls
