"""The part of the store that keeps how far desks were asked for news."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, bindparam, select

from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.leases import LeasedTable
from bot.adapters.sql_store.tables import UtcDateTime, metadata
from bot.adapters.storable_text import check_storable

desk_places = Table(
    "desk_places",
    metadata,
    Column("name", String, primary_key=True),
    Column("place", String),
    Column("worker", String),
    Column("lease_until", UtcDateTime),
)

LEASED = LeasedTable(desk_places)
FIND = select(desk_places.c.place).where(desk_places.c.name == bindparam("desk"))


class SqlDeskPlaces:
    _database: Database
    _clock: Callable[[], datetime]

    async def desk_place(self, desk: str) -> str | None:
        return await self._database.read(_find, desk)

    async def save_desk_place(self, desk: str, place: str) -> None:
        check_storable(place)
        await self._database.write(LEASED.save, desk, {"place": place})

    async def lease_desk(self, desk: str, worker: str, until: datetime) -> bool:
        return await self._database.write(LEASED.lease, desk, worker, until, self._clock())


def _find(connection: Connection, desk: str) -> str | None:
    place: str | None = connection.execute(FIND, {"desk": desk}).scalar()
    return place
