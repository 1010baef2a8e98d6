"""Snoozed tickets wake in time; a warning and a breach are told once, whoever watches."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.adapters.prompt_files import PromptFiles
from bot.bootstrap import build_service_levels
from bot.domain.customer import Tier
from bot.domain.sla import Clocks
from bot.domain.ticket import Move, Priority, Ticket, TicketEvent, TicketState
from bot.ports import Storage
from bot.services.casework import Casework
from bot.services.sla_watch import SlaWatch
from bot.settings import Settings
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import kinds, moving, opened, started


class CountingLevels:
    """Writes down which tickets' clocks were computed."""

    def __init__(self) -> None:
        self._levels = build_service_levels(Settings(), PromptFiles())
        self.first_response_due = self._levels.first_response_due
        self.computed: list[str] = []
        self.looked = asyncio.Event()

    def clocks(self, ticket: Ticket, events: Sequence[TicketEvent], at: datetime) -> Clocks:
        self.computed.append(ticket.id)
        self.looked.set()
        return self._levels.clocks(ticket, events, at)

    def taken(self) -> list[str]:
        computed, self.computed = self.computed, []
        return computed


class Post:
    def __init__(self, store: Storage, clock: Clock) -> None:
        self.clock = clock
        self.store = store
        self.told: list[Ticket] = []
        self.levels = CountingLevels()
        self.watch = SlaWatch(self.store, self.levels, self.told.append, self.clock)

    async def open(self, **values: object) -> Ticket:
        conversation = await started(self.store)
        return await opened(self.store, conversation, tier=Tier.ENTERPRISE, **values)

    async def settle(self) -> None:
        """Until nothing is due any more."""
        await self.watch.look()
        while self.levels.taken():
            await self.watch.look()

    async def go_to(self, ticket: Ticket, share: float) -> None:
        due = self.levels.first_response_due(ticket.tier, False, ticket.opened_at)
        events = await self.store.events(ticket.id)
        clocks = self.levels.clocks(ticket, events, self.clock())
        warn_at = clocks.first_response.warn_at
        assert warn_at is not None
        self.clock.time = warn_at if share < 1 else due + timedelta(seconds=1)


@pytest.fixture
def post(store: Storage, clock: Clock) -> Post:
    return Post(store, clock)


async def test_a_warning_and_a_breach_are_told_once_each(post: Post) -> None:
    ticket = await post.open()
    await post.watch.look()
    assert await kinds(post.store, ticket) == ["opened"]
    await post.go_to(ticket, 0.75)
    for _ in range(2):
        await post.watch.look()
    assert await kinds(post.store, ticket) == ["opened", "sla_warned"]
    await post.go_to(ticket, 1)
    other = SlaWatch(post.store, post.levels, post.told.append, post.clock)
    await asyncio.gather(post.watch.look(), other.look(), post.watch.look())
    assert await kinds(post.store, ticket) == ["opened", "sla_warned", "sla_breached"]
    leased = await post.store.lease_deliveries("w", post.clock() + timedelta(1), {"inbox"}, (), 10)
    assert leased


async def test_who_was_answered_is_not_late(post: Post) -> None:
    ticket = await post.open()
    casework = Casework(post.store, PromptFiles(), clock=post.clock)
    await casework.reply(ticket.id, "agent-1", "Hello", "key")
    post.clock.advance(timedelta(minutes=1))
    await post.watch.look()
    assert "sla_breached" not in await kinds(post.store, ticket)


async def test_a_snooze_is_no_answer(post: Post) -> None:
    ticket = await post.open()
    until = post.clock() + timedelta(days=30)
    await post.store.apply(moving(ticket, Move.SNOOZE, snoozed_until=until))
    await post.go_to(ticket, 1)
    await post.watch.look()
    assert await kinds(post.store, ticket) == ["opened", "snoozed", "sla_breached"]


async def test_only_what_is_due_or_changed_is_looked_at(post: Post) -> None:
    first, second = await post.open(), await post.open()
    await post.settle()
    assert await post.watch.look() == 0
    assert post.levels.taken() == []
    casework = Casework(post.store, PromptFiles(), clock=post.clock)
    await casework.note(first.id, "agent-1", "Looking into it")
    assert await post.watch.look() == 1
    assert post.levels.taken() == [first.id]
    await post.go_to(second, 0.75)
    await post.settle()
    assert await kinds(post.store, second) == ["opened", "sla_warned"]
    post.clock.advance(timedelta(seconds=1))
    assert await post.watch.look() == 0


async def test_a_ticket_that_waits_for_its_customer_is_left_alone(post: Post) -> None:
    ticket = await post.open()
    casework = Casework(post.store, PromptFiles(), clock=post.clock)
    await casework.reply(ticket.id, "agent-1", "Which one?", "key")
    await post.settle()
    post.clock.advance(timedelta(days=365))
    assert await post.watch.look() == 0
    assert post.levels.taken() == []


async def test_who_raises_the_urgency_brings_the_next_moment_forward(post: Post) -> None:
    conversation = await started(post.store)
    ticket = await opened(post.store, conversation)
    await post.settle()
    casework = Casework(post.store, PromptFiles(), clock=post.clock)
    await casework.prioritise(ticket.id, "agent-1", Priority.URGENT)
    await post.settle()
    raised = (await post.store.ticket(ticket.id)) or ticket
    events = await post.store.events(ticket.id)
    clock = post.levels.clocks(raised, events, post.clock()).first_response
    assert clock.due is not None
    assert ticket.first_response_due is None or clock.due < ticket.first_response_due
    post.clock.time = clock.due
    await post.settle()
    assert (await kinds(post.store, ticket))[-1] == "sla_breached"


async def test_with_other_targets_everything_is_looked_at_again(post: Post) -> None:
    ticket = await post.open()
    await post.settle()
    post.levels.looked.clear()
    running = asyncio.create_task(post.watch.run())
    await post.levels.looked.wait()
    running.cancel()
    assert post.levels.taken() == [ticket.id]


async def test_of_two_watches_one_tells(post: Post) -> None:
    tickets = [await post.open() for _ in range(4)]
    await post.go_to(tickets[0], 0.75)
    other = SlaWatch(post.store, post.levels, post.told.append, post.clock)
    for share, told in ((0.75, ["sla_warned"]), (1, ["sla_warned", "sla_breached"])):
        await post.go_to(tickets[0], share)
        for _ in range(3):
            await asyncio.gather(post.watch.look(), other.look())
        for ticket in tickets:
            assert await kinds(post.store, ticket) == ["opened", *told]


async def test_a_snoozed_ticket_wakes_in_time(post: Post) -> None:
    ticket = await post.open()
    until = post.clock() + timedelta(hours=1)
    await post.store.apply(moving(ticket, Move.SNOOZE, snoozed_until=until))
    post.clock.advance(timedelta(minutes=59))
    await post.watch.look()
    found = await post.store.ticket(ticket.id)
    assert found is not None
    assert found.state is TicketState.SNOOZED
    post.clock.advance(timedelta(minutes=1))
    await post.watch.look()
    found = await post.store.ticket(ticket.id)
    assert found is not None
    assert found.state is TicketState.OPEN
    assert (await kinds(post.store, ticket)).count("woken") == 1
