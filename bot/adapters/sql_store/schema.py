"""Brings a database to the schema of this version, and tells when it is not there."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.adapters.sql_store.database import Database
from bot.domain.errors import ConfigurationError

ADVISORY_LOCK = 0x66_6C_64_62  # PostgreSQL: any number, the same in every version of Firstline


def check_current(connection: Connection) -> None:
    """Raises ConfigurationError unless the schema is the one of this version."""
    scripts = ScriptDirectory.from_config(migrations())
    if _known_heads(connection, scripts) != set(scripts.get_heads()):
        raise ConfigurationError("the database is not up to date; run: firstline db upgrade")


async def upgrade_schema(database: Database) -> None:
    """Safe to run from several processes at once: one migrates, in one transaction, and the
    others then find nothing left to do. Raises ConfigurationError for a newer database."""
    await database.write(_migrate)


def migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    return config


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # SQLite took its lock with BEGIN IMMEDIATE
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    config = migrations()
    _known_heads(connection, ScriptDirectory.from_config(config))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _known_heads(connection: Connection, scripts: ScriptDirectory) -> set[str]:
    """The database's revisions; raises ConfigurationError for one this version does not know."""
    found = set(MigrationContext.configure(connection).get_current_heads())
    newer = found - {script.revision for script in scripts.walk_revisions()}
    if newer:
        raise ConfigurationError(
            f"the database is at revision {', '.join(sorted(newer))}, which is newer than this "
            "version of Firstline; install the version that made it, or restore a backup"
        )
    return found
