"""What every store keeps of channels elsewhere: each event once, in order; and threads."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.conversation import Author, Conversation, Message
from bot.domain.errors import StoreError
from bot.domain.inbound import InboundEvent, InboundState, Mark
from bot.ports import Storage
from tests.adapters.stores import NOON, Clock

CHANNEL = "slack"
SOON = NOON + timedelta(minutes=1)


def event(n: int, group: str = "g", twin: str | None = None, **values: object) -> InboundEvent:
    named = {"channel": CHANNEL, "key": f"key-{n}", "kind": "message", "group": group}
    return InboundEvent(
        **{**named, "body": {"n": n}, "twin": twin, "received_at": NOON, **values}  # type: ignore[arg-type]
    )


async def keys(store: Storage, worker: str = "one", limit: int = 10) -> list[str]:
    return [one.key for one in await store.lease_events(CHANNEL, worker, SOON, limit)]


async def test_an_event_is_kept_as_it_came(store: Storage) -> None:
    assert await store.take_event(event(1, twin="t", body={"text": "中文"}))
    [kept] = await store.lease_events(CHANNEL, "one", SOON, 10)
    assert (kept.key, kept.twin, kept.kind, kept.group) == ("key-1", "t", "message", "g")
    assert (kept.body, kept.received_at, kept.attempts) == ({"text": "中文"}, NOON, 0)
    assert not await store.lease_events("other", "one", SOON, 10)


async def test_neither_a_known_key_nor_a_known_twin_is_taken(store: Storage) -> None:
    assert await store.take_event(event(1, twin="t"))
    assert not await store.take_event(event(1, twin="u"))
    assert not await store.take_event(event(2, twin="t"))
    assert await store.take_event(event(1, channel="other", twin="t"))
    assert await store.take_event(event(3))
    assert await store.take_event(event(4))
    assert await store.take_event(event(5, twin="u"))


async def test_of_many_at_once_one_is_taken(store: Storage) -> None:
    same = [store.take_event(event(n % 3, twin="t")) for n in range(12)]
    assert sum(await asyncio.gather(*same)) == 1


async def test_a_group_is_worked_on_in_order_and_others_beside_it(store: Storage) -> None:
    for n, group in enumerate(["a", "a", "b"]):
        await store.take_event(event(n, group))
    assert await keys(store) == ["key-0", "key-2"]
    assert await keys(store, "two") == []
    assert await store.settle_event(CHANNEL, "key-0", "one")
    assert await keys(store, "two") == ["key-1"]


async def test_a_lease_that_ran_out_goes_to_another(store: Storage, clock: Clock) -> None:
    await store.take_event(event(1))
    assert await keys(store) == ["key-1"]
    clock.advance(timedelta(minutes=2))
    [found] = await store.lease_events(CHANNEL, "two", clock() + timedelta(minutes=1), 10)
    assert found.key == "key-1"
    assert not await store.settle_event(CHANNEL, "key-1", "one")
    assert await store.settle_event(CHANNEL, "key-1", "two")
    assert not await store.settle_event(CHANNEL, "key-1", "two")


async def test_what_failed_comes_again_when_it_is_due(store: Storage, clock: Clock) -> None:
    await store.take_event(event(1))
    await store.take_event(event(2))
    await keys(store)
    later = NOON + timedelta(seconds=5)
    assert await store.retry_event(CHANNEL, "key-1", "one", later, "down")
    assert await keys(store) == []
    clock.advance(timedelta(seconds=5))
    [found] = await store.lease_events(CHANNEL, "one", SOON, 10)
    assert (found.key, found.attempts, found.error) == ("key-1", 1, "down")
    assert await store.retry_event(CHANNEL, "key-1", "one", clock(), "")
    [found] = await store.lease_events(CHANNEL, "one", SOON, 10)
    assert (found.attempts, found.error) == (1, None)


async def test_what_is_given_up_is_seen_and_holds_back_nobody(store: Storage) -> None:
    await store.take_event(event(1))
    await store.take_event(event(2))
    await keys(store)
    assert await store.bury_event(CHANNEL, "key-1", "one", "no")
    assert await keys(store) == ["key-2"]
    [dead] = await store.dead_events()
    assert (dead.key, dead.state, dead.error, dead.attempts) == (
        "key-1",
        InboundState.DEAD,
        "no",
        1,
    )
    assert not await store.take_event(event(1))


async def test_what_was_given_up_is_tried_again_once_asked(store: Storage) -> None:
    await store.take_event(event(1, body={"text": "kept"}))
    await store.take_event(event(2))
    assert not await store.replay_event(CHANNEL, "key-1")
    await keys(store)
    await store.bury_event(CHANNEL, "key-1", "one", "no")
    assert not await store.replay_event("elsewhere", "key-1")
    assert await store.replay_event(CHANNEL, "key-1")
    assert not await store.replay_event(CHANNEL, "key-1")
    assert not await store.dead_events()
    [again] = await store.lease_events(CHANNEL, "one", SOON, 10)
    assert (again.key, again.body, again.attempts, again.error) == (
        "key-1",
        {"text": "kept"},
        0,
        None,
    )


async def test_what_is_over_keeps_no_words_and_is_forgotten_in_time(store: Storage) -> None:
    for n in (1, 2, 3):
        await store.take_event(event(n, f"g{n}", twin=f"t{n}", body={"text": "secret"}))
    await keys(store, limit=2)
    await store.settle_event(CHANNEL, "key-1", "one")
    await store.bury_event(CHANNEL, "key-2", "one", "no")
    await store.forget_events(NOON)
    assert not await store.take_event(event(1))
    await store.forget_events(SOON)
    assert await store.take_event(event(1, "new", twin="t1"))
    assert not await store.take_event(event(3))
    assert not await store.dead_events()


async def test_how_far_a_place_was_read_never_goes_back(store: Storage) -> None:
    await store.take_event(event(1, mark=Mark("p", "20.1", NOON)))
    await store.take_event(event(1, mark=Mark("p", "30.1", NOON)))
    await store.mark_read(CHANNEL, Mark("p", "10.1", SOON))
    assert list(await store.marks(CHANNEL, NOON)) == [Mark("p", "20.1", NOON)]
    await store.mark_read(CHANNEL, Mark("p", "21.1", SOON))
    assert list(await store.marks(CHANNEL, SOON)) == [Mark("p", "21.1", SOON)]
    assert not await store.marks("other", NOON)
    assert not await store.marks(CHANNEL, SOON + timedelta(seconds=1))


async def test_a_thread_holds_one_conversation(store: Storage) -> None:
    assert await store.thread(CHANNEL, "p") is None
    begun = [Conversation(CHANNEL, address="p", internal=True) for _ in range(6)]
    held = await asyncio.gather(*(store.begin_thread(CHANNEL, "p", one) for one in begun))
    assert len(set(held)) == 1
    assert await store.thread(CHANNEL, "p") == held[0]
    kept = [await store.conversation(one.id) for one in begun]
    [found] = [one for one in kept if one is not None]
    assert (found.id, found.internal, found.address) == (held[0], True, "p")


async def test_threads_are_found_by_what_was_said_there(store: Storage) -> None:
    old, new, silent = (Conversation(CHANNEL, created_at=NOON) for _ in range(3))
    for name, one in (("old", old), ("new", new), ("silent", silent)):
        await store.begin_thread(CHANNEL, name, one)
    await store.accept(Message(old.id, Author.CUSTOMER, "?", created_at=NOON))
    await store.accept(Message(new.id, Author.CUSTOMER, "?", created_at=SOON))
    assert [one.address for one in await store.threads_since(CHANNEL, NOON)] == ["new", "old"]
    assert [one.conversation for one in await store.threads_since(CHANNEL, SOON)] == [new.id]


async def test_installations_are_kept_and_forgotten(store: Storage) -> None:
    await store.save_installation(CHANNEL, "T2", "sealed-2")
    await store.save_installation(CHANNEL, "T1", "sealed-0")
    await store.save_installation(CHANNEL, "T1", "sealed-1")
    assert await store.installation(CHANNEL, "T1") == "sealed-1"
    assert list(await store.installations(CHANNEL)) == ["T1", "T2"]
    await store.forget_installation(CHANNEL, "T1")
    assert await store.installation(CHANNEL, "T1") is None


async def test_what_no_database_can_hold_is_refused(store: Storage) -> None:
    with pytest.raises(StoreError):
        await store.take_event(event(1, group="\x00"))
    with pytest.raises(StoreError):
        await store.begin_thread(CHANNEL, "\ud800", Conversation(CHANNEL))
