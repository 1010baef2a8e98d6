"""Which events of desks were taken, and what a desk has not heard yet, in every store."""

from datetime import timedelta

import pytest

from bot.domain.desk_news import RECEIPTS_KEPT, Seal
from bot.domain.errors import StoreError
from bot.ports import Storage
from tests.adapters.stores import NOON, Clock
from tests.adapters.test_ticket_store import opened, started


async def test_a_receipt_is_kept_as_it_was_given_first(store: Storage) -> None:
    assert await store.receipt("far", "e-1") is None
    await store.add_receipt("far", Seal("e-1", "first"), NOON)
    await store.add_receipt("far", Seal("e-1", "second"), NOON)
    assert await store.receipt("far", "e-1") == "first"
    assert await store.receipt("near", "e-1") is None


async def test_receipts_are_forgotten_once_nobody_sends_the_event_again(store: Storage) -> None:
    await store.add_receipt("far", Seal("e-1", "p"), NOON)
    await store.add_receipt("far", Seal("e-2", "p"), NOON + RECEIPTS_KEPT)
    assert await store.receipt("far", "e-1") == "p"
    await store.add_receipt("far", Seal("e-3", "p"), NOON + RECEIPTS_KEPT + timedelta(seconds=1))
    assert await store.receipt("far", "e-1") is None
    assert await store.receipt("far", "e-2") == "p"


async def test_what_cannot_be_kept_is_refused(store: Storage) -> None:
    with pytest.raises(StoreError):
        await store.add_receipt("far", Seal("e\x00", "p"), NOON)


async def test_a_desk_is_told_once_everything_has_arrived(store: Storage, clock: Clock) -> None:
    ticket = await opened(store, await started(store), desks=("far", "near"))
    other = await opened(store, await started(store), desks=("far",))
    assert not await store.is_told(ticket.id, "far")
    until = clock() + timedelta(minutes=1)
    for delivery in await store.lease_deliveries("w", until, ["far"], (), 10):
        if delivery.ticket == ticket.id:
            await store.settle_delivery(delivery.key, "w", "F-1")
        else:
            await store.bury_delivery(delivery.key, "w", "refused")
    assert await store.is_told(ticket.id, "far")
    assert not await store.is_told(ticket.id, "near")
    assert not await store.is_told(other.id, "far")
