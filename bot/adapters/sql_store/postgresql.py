"""PostgreSQL: a server, for when several processes or machines serve."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.ext.asyncio import create_async_engine

from bot.adapters.sql_store.database import store_errors
from bot.domain.errors import ConfigurationError

P = ParamSpec("P")
T = TypeVar("T")


class PostgresqlDatabase:
    def __init__(self, url: URL) -> None:
        try:
            self._engine = create_async_engine(
                url.set(drivername="postgresql+asyncpg"),
                hide_parameters=True,  # customers' words have no place in an error
                pool_pre_ping=True,  # a restarted server costs nobody an error
            )
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f"the driver {error.name} is missing; run: pip install 'firstline[postgresql]'"
            ) from error
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with store_errors():
            async with self._reading.connect() as connection:
                return await connection.run_sync(work, *args, **kwargs)

    async def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with store_errors():
            async with self._engine.begin() as connection:
                return await connection.run_sync(work, *args, **kwargs)

    async def close(self) -> None:
        await self._engine.dispose()
