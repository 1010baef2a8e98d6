"""Which events of desks were taken, in the store that keeps nothing."""

from datetime import datetime

from bot.adapters.storable_text import check_storable
from bot.domain.desk_news import RECEIPTS_KEPT, Seal


class MemoryReceipts:
    def __init__(self) -> None:
        self._receipts: dict[tuple[str, str], tuple[str, datetime]] = {}  # by desk and event

    async def receipt(self, desk: str, event: str) -> str | None:
        found = self._receipts.get((desk, event))
        return found[0] if found else None

    async def add_receipt(self, desk: str, seal: Seal, at: datetime) -> None:
        check_storable(seal.event, seal.proof)
        kept = {key: one for key, one in self._receipts.items() if one[1] >= at - RECEIPTS_KEPT}
        self._receipts = {(desk, seal.event): (seal.proof, at)} | kept
