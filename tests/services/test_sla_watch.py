"""Snoozed tickets wake in time; a warning and a breach are told once, whoever watches."""

import asyncio
from datetime import timedelta

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.bootstrap import build_service_levels
from bot.domain.customer import Tier
from bot.domain.ticket import Move, Ticket, TicketState
from bot.services.casework import Casework
from bot.services.sla_watch import SlaWatch
from bot.settings import Settings
from tests.adapters.stores import Clock
from tests.adapters.test_ticket_store import kinds, moving, opened, started


class Post:
    def __init__(self) -> None:
        self.clock = Clock()
        self.store = MemoryStore(self.clock)
        self.told: list[Ticket] = []
        self.levels = build_service_levels(Settings(), PromptFiles())
        self.watch = SlaWatch(self.store, self.levels, self.told.append, self.clock)

    async def open(self) -> Ticket:
        conversation = await started(self.store)
        return await opened(self.store, conversation, tier=Tier.ENTERPRISE)

    async def go_to(self, ticket: Ticket, share: float) -> None:
        due = self.levels.first_response_due(ticket.tier, False, ticket.opened_at)
        events = await self.store.events(ticket.id)
        clocks = self.levels.clocks(ticket, events, self.clock())
        warn_at = clocks.first_response.warn_at
        assert warn_at is not None
        self.clock.time = warn_at if share < 1 else due + timedelta(seconds=1)


@pytest.fixture
def post() -> Post:
    return Post()


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
    leased = await post.store.lease_deliveries("w", post.clock() + timedelta(1), {"inbox"}, 10)
    assert leased


async def test_who_was_answered_is_not_late(post: Post) -> None:
    ticket = await post.open()
    casework = Casework(post.store, PromptFiles(), clock=post.clock)
    await casework.reply(ticket.id, "agent-1", "Hello", "key")
    post.clock.advance(timedelta(minutes=1))
    await post.watch.look()
    assert "sla_breached" not in await kinds(post.store, ticket)


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
