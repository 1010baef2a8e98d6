"""The part of the store that keeps deliveries and the inbox's notices."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from bot.adapters.sql_store import outbox_transactions as transactions
from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.outbox_transactions import Wanted
from bot.domain.outbox import Delivery
from bot.ports import Notice


class SqlOutbox:
    _database: Database
    _clock: Callable[[], datetime]

    async def lease_deliveries(
        self,
        worker: str,
        until: datetime,
        desks: Collection[str],
        channels: Collection[str],
        limit: int,
    ) -> Sequence[Delivery]:
        at = self._clock()
        # Asked again and again: only where there is something is it worth a writer's place.
        wanted = Wanted(sorted(desks), sorted(channels), at)
        if not await self._database.read(transactions.has_due_deliveries, wanted):
            return ()
        return await self._database.write(
            transactions.lease_deliveries, worker, until, wanted, limit
        )

    async def settle_delivery(self, key: str, worker: str, reference: str | None) -> bool:
        return await self._database.write(transactions.settle_delivery, key, worker, reference)

    async def retry_delivery(self, key: str, worker: str, due_at: datetime, error: str) -> bool:
        return await self._database.write(transactions.retry_delivery, key, worker, due_at, error)

    async def bury_delivery(self, key: str, worker: str, error: str) -> bool:
        return await self._database.write(transactions.bury_delivery, key, worker, error)

    async def dead_deliveries(self, limit: int = 200) -> Sequence[Delivery]:
        return await self._database.read(transactions.list_dead_deliveries, limit)

    async def replay_delivery(self, key: str) -> bool:
        return await self._database.write(transactions.replay_delivery, key, self._clock())

    async def add_notice(self, notice: Notice) -> bool:
        return await self._database.write(transactions.add_notice, notice)

    async def notices(self, after: int = 0, limit: int = 100) -> Sequence[Notice]:
        return await self._database.read(transactions.list_notices, after, limit)
