"""What every store promises about deliveries: in order, one worker at a time, none forgotten."""

import asyncio
from datetime import timedelta

from bot.domain.outbox import Delivery, DeliveryState
from bot.domain.ticket import Move, Ticket, TicketEvent, TicketEventKind
from bot.domain.ticket_change import TicketChange
from bot.ports import Storage
from tests.adapters.stores import NOON, Clock
from tests.adapters.test_ticket_store import moving, opened, started

LEASE = timedelta(seconds=60)


async def leased(
    store: Storage, clock: Clock, worker: str = "w", names: tuple[str, ...] = ("inbox",)
) -> list[Delivery]:
    return list(await store.lease_deliveries(worker, clock() + LEASE, set(names), set(names), 100))


async def noted(store: Storage, ticket: Ticket) -> None:
    event = TicketEvent(ticket.id, TicketEventKind.PRIORITISED, "agent-1", NOON)
    await store.apply(TicketChange(ticket=ticket.id, events=(event,)))


async def test_only_those_that_can_be_reached_are_given_out(store: Storage, clock: Clock) -> None:
    ticket = await opened(store, await started(store))
    assert await leased(store, clock, names=("elsewhere",)) == []
    (event,) = await leased(store, clock)
    assert (event.name, event.ticket, event.kind) == ("inbox", ticket.id, TicketEventKind.OPENED)
    (message,) = await leased(store, clock, names=("widget",))
    assert (message.conversation, message.kind) == (ticket.conversation, None)


async def test_one_worker_has_a_delivery_until_its_lease_runs_out(
    store: Storage, clock: Clock
) -> None:
    await opened(store, await started(store))
    found = await asyncio.gather(*(leased(store, clock, f"w{n}") for n in range(4)))
    (first,) = [delivery for each in found for delivery in each]
    clock.advance(LEASE)
    (again,) = await leased(store, clock, "heir")
    assert again.key == first.key
    assert not await store.settle_delivery(first.key, "w0", None)
    assert await store.settle_delivery(first.key, "heir", None)
    assert not await store.settle_delivery(first.key, "heir", None)
    assert await leased(store, clock) == []


async def test_later_ones_wait_and_know_the_reference(store: Storage, clock: Clock) -> None:
    ticket = await opened(store, await started(store))
    other = await opened(store, await started(store))
    await noted(store, ticket)
    await noted(store, ticket)
    first, beside = await leased(store, clock)
    assert [first.ticket, beside.ticket] == [ticket.id, other.id]
    assert await leased(store, clock) == []
    await store.settle_delivery(first.key, "w", "ZD-7")
    (second,) = await leased(store, clock)
    assert (second.kind, second.reference) == (TicketEventKind.PRIORITISED, "ZD-7")
    await store.settle_delivery(second.key, "w", None)
    (third,) = await leased(store, clock)
    assert third.reference == "ZD-7"
    assert (third.sequence or 0) > (second.sequence or 0)


async def test_a_failed_one_is_due_later_and_keeps_its_key(store: Storage, clock: Clock) -> None:
    await opened(store, await started(store))
    (first,) = await leased(store, clock)
    due = clock() + timedelta(minutes=5)
    assert await store.retry_delivery(first.key, "w", due, "out of reach")
    assert await leased(store, clock) == []
    clock.advance(timedelta(minutes=5))
    (again,) = await leased(store, clock)
    assert (again.key, again.attempts, again.error) == (first.key, 1, "out of reach")


async def test_one_that_is_only_put_off_was_not_attempted(store: Storage, clock: Clock) -> None:
    await opened(store, await started(store))
    (first,) = await leased(store, clock)
    assert await store.retry_delivery(first.key, "w", clock(), "")
    assert not await store.retry_delivery(first.key, "another", clock(), "")
    (again,) = await leased(store, clock)
    assert (again.key, again.attempts, again.error) == (first.key, 0, None)


async def test_a_dead_opening_holds_the_ticket_back_until_it_is_replayed(
    store: Storage, clock: Clock
) -> None:
    ticket = await opened(store, await started(store))
    (opening,) = await leased(store, clock)
    assert await store.bury_delivery(opening.key, "w", "refused")
    await noted(store, ticket)
    assert await leased(store, clock) == []
    (dead,) = await store.dead_deliveries()
    assert (dead.key, dead.state, dead.error) == (opening.key, DeliveryState.DEAD, "refused")
    assert await store.replay_delivery(opening.key)
    assert not await store.replay_delivery(opening.key)
    assert not await store.replay_delivery("nothing")
    (again,) = await leased(store, clock)
    assert (again.key, again.attempts) == (opening.key, 0)
    await store.settle_delivery(again.key, "w", None)
    assert [one.kind for one in await leased(store, clock)] == [TicketEventKind.PRIORITISED]
    assert list(await store.dead_deliveries()) == []


async def test_any_other_dead_one_holds_nobody_back(store: Storage, clock: Clock) -> None:
    ticket = await opened(store, await started(store))
    await noted(store, ticket)
    await store.apply(moving(ticket, Move.RESOLVE))
    (opening,) = await leased(store, clock)
    await store.settle_delivery(opening.key, "w", None)
    (second,) = await leased(store, clock)
    await store.bury_delivery(second.key, "w", "refused")
    assert [one.kind for one in await leased(store, clock)] == [TicketEventKind.RESOLVED]
