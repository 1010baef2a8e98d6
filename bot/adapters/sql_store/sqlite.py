"""SQLite: a file of this machine, which one process at a time can write to."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from tenacity import Retrying, retry_if_exception_message, stop_after_delay, wait_random

from bot.adapters.sql_store.database import URL_ADVICE, store_errors
from bot.domain.errors import ConfigurationError, StoreError

P = ParamSpec("P")
T = TypeVar("T")

READERS = 4

# The busy timeout comes first: whoever opens a new file at the same time waits for its switch to
# WAL. `synchronous` 2 is FULL: a commit survives the loss of power, not only of the process. What
# is deleted or replaced is overwritten, so that no secret of before stays in the file.
PROMISES: Mapping[str, str | int] = {
    "busy_timeout": 10_000,  # ms
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "secure_delete": 1,
}


# While another process makes the switch to WAL, SQLite refuses it at once instead of waiting.
PATIENTLY = Retrying(
    retry=retry_if_exception_message(match=".*locked"),
    wait=wait_random(0.01, 0.1),
    stop=stop_after_delay(10),
    reraise=True,
)


class SqliteDatabase:
    """A transaction runs as a whole in a thread, which is one hand-over; an async driver hands over
    every statement three or four times, and these cost more than the statements themselves.

    The one writing thread is also the queue of this process's writers: first come, first served,
    where connections of their own would poll for the file's lock. Cancelling the caller never
    leaves a transaction half-way; it commits or rolls back in its thread.
    """

    def __init__(self, url: URL) -> None:
        path = path_of(url)
        self._reading = _reading_engine(path)
        self._writing = _writing_engine(path)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def run() -> T:
            with store_errors(), self._reading.connect() as connection:
                return work(connection, *args, **kwargs)

        return await _run(self._readers, run)

    async def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def run() -> T:
            with store_errors(), self._writing.begin() as connection:
                return work(connection, *args, **kwargs)

        return await _run(self._writer, run)

    async def close(self) -> None:
        """Waits for the transactions that are under way."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        for executor, engine in ((self._readers, self._reading), (self._writer, self._writing)):
            executor.shutdown()
            engine.dispose()


def path_of(url: URL) -> Path:
    """The database file; raises ConfigurationError when the URL names none."""
    name = url.database or ":memory:"
    if name.startswith((":memory:", "file:")):
        raise ConfigurationError(f"the database URL names no file; {URL_ADVICE}")
    return Path(name)


async def _run(executor: Executor, work: Callable[[], T]) -> T:
    try:
        future = asyncio.get_running_loop().run_in_executor(executor, work)
    except RuntimeError as error:  # the executor was shut down
        raise StoreError("the store is closed; open it again") from error
    return await future


def _reading_engine(path: Path) -> Engine:
    # No method reads with more than one statement: transactions would add nothing.
    return _engine(
        path,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_size=READERS,
    )


def _writing_engine(path: Path) -> Engine:
    # `isolation_level` None keeps the driver from a BEGIN of its own; with ours, a transaction
    # holds the write lock from the start and never fails half-way for it.
    engine = _engine(path, connect_args={"isolation_level": None}, pool_size=1)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _engine(path: Path, **options: Any) -> Engine:
    # Parameters are customers' words, which have no place in an error.
    url = URL.create("sqlite+pysqlite", database=str(path))
    engine = create_engine(url, hide_parameters=True, max_overflow=0, **options)
    event.listen(engine, "connect", _keep_promises)
    return engine


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _keep_promises(connection: DBAPIConnection, _record: object) -> None:
    """Raises StoreError where SQLite does not take a setting that the store relies on."""
    cursor = connection.cursor()
    try:
        for name, wanted in PROMISES.items():
            PATIENTLY(cursor.execute, f"PRAGMA {name} = {wanted}")
            cursor.execute(f"PRAGMA {name}")
            (found,) = cursor.fetchone() or (None,)
            if found != wanted:
                raise StoreError(
                    f"SQLite keeps {name} at {found}, not {wanted}; "
                    "put the database on a local disk that can be written to"
                )
    finally:
        cursor.close()
