"""Deliveries and notices of the store that keeps nothing."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from bot.domain.outbox import Delivery, DeliveryState, Recipient
from bot.domain.ticket import TicketEventKind
from bot.ports import Notice


@dataclass(slots=True)
class _Parcel:
    """A delivery and who is at it."""

    delivery: Delivery
    worker: str | None = None
    lease_until: datetime | None = None

    @property
    def is_in_the_way(self) -> bool:
        state = self.delivery.state
        if state is DeliveryState.DEAD:
            return self.delivery.kind is TicketEventKind.OPENED
        return state is DeliveryState.PENDING

    def is_due(self, at: datetime) -> bool:
        is_leased = self.lease_until is not None and self.lease_until > at
        is_pending = self.delivery.state is DeliveryState.PENDING
        return is_pending and self.delivery.due_at <= at and not is_leased


class MemoryOutbox:
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._parcels: dict[str, _Parcel] = {}  # by key, in the order of arrival
        self._notices: dict[str, Notice] = {}  # by key

    async def lease_deliveries(
        self,
        worker: str,
        until: datetime,
        desks: Collection[str],
        channels: Collection[str],
        limit: int,
    ) -> Sequence[Delivery]:
        names = {Recipient.DESK: desks, Recipient.CHANNEL: channels}
        wanted = (
            parcel
            for parcel in self._due(self._clock())
            if parcel.delivery.name in names[parcel.delivery.recipient]
        )
        due = list(islice(wanted, limit))
        for parcel in due:
            parcel.worker, parcel.lease_until = worker, until
        return tuple(self._with_reference(parcel.delivery) for parcel in due)

    async def settle_delivery(self, key: str, worker: str, reference: str | None) -> bool:
        return self._end_attempt(
            key, worker, state=DeliveryState.DELIVERED, reference=reference, error=None
        )

    async def retry_delivery(self, key: str, worker: str, due_at: datetime, error: str) -> bool:
        attempts = int(bool(error))
        return self._end_attempt(key, worker, attempts, due_at=due_at, error=error or None)

    async def bury_delivery(self, key: str, worker: str, error: str) -> bool:
        return self._end_attempt(key, worker, state=DeliveryState.DEAD, error=error)

    async def dead_deliveries(self, limit: int = 200) -> Sequence[Delivery]:
        everything = [parcel.delivery for parcel in reversed(self._parcels.values())]
        return tuple(one for one in everything if one.state is DeliveryState.DEAD)[:limit]

    async def replay_delivery(self, key: str) -> bool:
        parcel = self._parcels.get(key)
        if parcel is None or parcel.delivery.state is not DeliveryState.DEAD:
            return False
        parcel.delivery = replace(
            parcel.delivery, state=DeliveryState.PENDING, attempts=0, due_at=self._clock()
        )
        return True

    async def is_told(self, ticket_id: str, desk: str) -> bool:
        lane = (ticket_id, Recipient.DESK, desk)
        everything = [parcel.delivery for parcel in self._parcels.values()]
        mine = [one for one in everything if _lane(one) == lane]
        return all(one.state is DeliveryState.DELIVERED for one in mine)

    async def add_notice(self, notice: Notice) -> bool:
        if notice.key in self._notices:
            return False
        self._notices[notice.key] = replace(notice, sequence=len(self._notices) + 1)
        return True

    async def notices(self, after: int = 0, limit: int = 100) -> Sequence[Notice]:
        return tuple(self._notices.values())[after : after + limit]

    def _send(self, delivery: Delivery) -> None:
        sent = replace(delivery, sequence=len(self._parcels) + 1)
        self._parcels[delivery.key] = _Parcel(sent)

    def _due(self, at: datetime) -> Iterator[_Parcel]:
        """At most one a lane, as each waits for those before it."""
        held_up = set[tuple[str | None, ...]]()
        for parcel in self._parcels.values():
            lane = _lane(parcel.delivery)
            if parcel.is_due(at) and lane not in held_up:
                yield parcel
            if parcel.is_in_the_way:
                held_up.add(lane)

    def _with_reference(self, delivery: Delivery) -> Delivery:
        told = (
            parcel.delivery.reference
            for parcel in self._parcels.values()
            if _lane(parcel.delivery) == _lane(delivery) and parcel.delivery.reference
        )
        return replace(delivery, reference=next(told, None))

    def _end_attempt(self, key: str, worker: str, attempts: int = 1, **values: object) -> bool:
        parcel = self._parcels.get(key)
        if parcel is None or parcel.worker != worker:
            return False
        if parcel.delivery.state is not DeliveryState.PENDING:
            return False
        tried = parcel.delivery.attempts + attempts
        parcel.delivery = replace(parcel.delivery, attempts=tried, **values)  # type: ignore[arg-type]
        parcel.lease_until = None
        return True


def _lane(delivery: Delivery) -> tuple[str | None, ...]:
    of = delivery.conversation if delivery.recipient is Recipient.CHANNEL else delivery.ticket
    return of, delivery.recipient, delivery.name
