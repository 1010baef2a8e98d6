"""How far desks were asked, in every store."""

from datetime import timedelta

import pytest

from bot.domain.errors import StoreError
from bot.ports import Storage
from tests.adapters.stores import Clock


async def test_the_last_place_is_kept(store: Storage) -> None:
    assert await store.desk_place("far") is None
    for place in ("first", "second"):
        await store.save_desk_place("far", place)
    assert await store.desk_place("far") == "second"
    assert await store.desk_place("near") is None


async def test_a_place_that_cannot_be_kept_is_refused(store: Storage) -> None:
    with pytest.raises(StoreError):
        await store.save_desk_place("far", "\x00")


async def test_a_desk_is_asked_by_one_process_at_a_time(store: Storage, clock: Clock) -> None:
    until = clock() + timedelta(minutes=1)
    assert await store.lease_desk("far", "w-1", until)
    await store.save_desk_place("far", "place")
    assert not await store.lease_desk("far", "w-2", until)
    assert await store.lease_desk("near", "w-2", until)
    assert await store.lease_desk("far", "w-1", until + timedelta(minutes=1))
    clock.advance(timedelta(minutes=2))
    assert await store.lease_desk("far", "w-2", clock() + timedelta(minutes=1))
    assert await store.desk_place("far") == "place"
