"""Looks after the tickets that nobody is looking at: wakes snoozed ones, tells of late answers."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.conversation import now
from bot.domain.customer import Tier
from bot.domain.errors import BotError, StoreError
from bot.domain.sla import Alert, Clocks, alerts_due, told_in
from bot.domain.ticket import SYSTEM, Move, Priority, Ticket, TicketEvent, TicketEventKind
from bot.domain.ticket_change import TicketChange
from bot.domain.ticket_queue import QueuedTicket, QueueFilter
from bot.ports import TicketStore

log = logging.getLogger(__name__)

EVERY_S = 15.0
MOST = 10_000  # tickets that are open at once


class Levels(Protocol):
    def clocks(
        self, tier: Tier, urgent: bool, events: Iterable[TicketEvent], at: datetime
    ) -> Clocks: ...


class SlaWatch:
    """Several processes may watch one store: each alert stands once among a ticket's events, from
    where the outbox takes it to the desks."""

    def __init__(
        self,
        store: TicketStore,
        levels: Levels,
        changed: Callable[[Ticket], None] = lambda _: None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._store = store
        self._levels = levels
        self._changed = changed
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except StoreError:
                log.exception("tickets could not be looked after; it is tried again")
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Once over all tickets that are worked on. Raises StoreError."""
        for row in await self._store.queue(QueueFilter(limit=MOST, oldest_first=True)):
            try:
                await self._wake(row.ticket)
                await self._tell(row)
            except StoreError:
                raise
            except BotError as error:  # somebody moved it meanwhile; the next look sees it as it is
                log.info("ticket %s: %s", row.ticket.label, error)

    async def _wake(self, ticket: Ticket) -> None:
        until = ticket.snoozed_until
        if until is None or until > self._clock():
            return
        await self._apply(
            TicketChange(
                ticket=ticket.id,
                events=(TicketEvent(ticket.id, TicketEventKind.WOKEN, SYSTEM, self._clock()),),
                move=Move.WAKE,
                expects={"snoozed_until": until},
            )
        )

    async def _tell(self, row: QueuedTicket) -> None:
        ticket = row.ticket
        urgent = ticket.priority is Priority.URGENT
        clocks = self._levels.clocks(ticket.tier, urgent, row.events, self._clock())
        for alert in alerts_due(clocks, told_in(row.events)):
            await self._apply(self._told(ticket, alert))

    def _told(self, ticket: Ticket, alert: Alert) -> TicketChange:
        event = TicketEvent(
            ticket.id, alert.event, SYSTEM, self._clock(), details=dict(alert.details)
        )
        return TicketChange(ticket=ticket.id, events=(event,), while_active=True, once=True)

    async def _apply(self, change: TicketChange) -> None:
        self._changed(await self._store.apply(change))
