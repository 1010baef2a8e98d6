"""How far desks were asked for news, in the store that keeps nothing."""

from collections.abc import Callable
from datetime import datetime

from bot.adapters.memory_leases import MemoryLeases
from bot.adapters.storable_text import check_storable


class MemoryDeskPlaces:
    _clock: Callable[[], datetime]

    def __init__(self) -> None:
        self._desk_places: dict[str, str] = {}
        self._desk_leases = MemoryLeases()

    async def desk_place(self, desk: str) -> str | None:
        return self._desk_places.get(desk)

    async def save_desk_place(self, desk: str, place: str) -> None:
        check_storable(place)
        self._desk_places[desk] = place

    async def lease_desk(self, desk: str, worker: str, until: datetime) -> bool:
        return self._desk_leases.lease(desk, worker, until, self._clock())
