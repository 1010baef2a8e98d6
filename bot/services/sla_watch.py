"""Looks after the tickets that nobody is looking at: wakes snoozed ones, tells of late answers."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.conversation import now
from bot.domain.errors import BotError, StoreError
from bot.domain.sla import Alert, Clocks, alerts_due, told_in
from bot.domain.ticket import SYSTEM, Move, Ticket, TicketEvent, TicketEventKind
from bot.domain.ticket_change import TicketChange
from bot.domain.ticket_queue import QueuedTicket, QueueFilter
from bot.ports import TicketStore

log = logging.getLogger(__name__)

EVERY_S = 15.0
BATCH = 500  # tickets of one look


class Levels(Protocol):
    def clocks(self, ticket: Ticket, events: Sequence[TicketEvent], at: datetime) -> Clocks: ...


class SlaWatch:
    """Looks at tickets to which something happened or whose next moment has come, at no others.

    Several processes may watch one store: each alert stands once among a ticket's events, from
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
        begun = False
        while True:
            try:
                if not begun:  # targets and holidays may be others than before
                    await self._store.check_again()
                    begun = True
                while await self.look() == BATCH:
                    continue
            except StoreError:
                log.exception("tickets could not be looked after; it is tried again")
            await asyncio.sleep(EVERY_S)

    async def look(self) -> int:
        """Once at those that are due; how many need no second look now. Raises StoreError."""
        done = 0
        asked = QueueFilter(limit=BATCH, oldest_first=True, check_by=self._clock())
        for row in await self._store.queue(asked):
            try:
                done += await self._check(row)
            except StoreError:
                raise
            except BotError as error:  # somebody moved it meanwhile; the next look sees it as it is
                log.info("ticket %s: %s", row.ticket.label, error)
        return done

    async def _check(self, row: QueuedTicket) -> bool:
        """False where that made something happen to it, which is looked at next time."""
        at = self._clock()
        ticket, until = row.ticket, row.ticket.snoozed_until
        if until is not None and until <= at:
            await self._apply(_waking(ticket, until, at))
            return False
        clocks = self._levels.clocks(ticket, row.events, at)
        alerts = alerts_due(clocks, told_in(row.events))
        for alert in alerts:
            await self._apply(_telling(ticket, alert, at))
        if alerts:
            return False
        moments = [*(alert.moment for alert in clocks.upcoming), *filter(None, [until])]
        last = row.events[-1].sequence
        if last is not None:
            await self._store.checked(ticket.id, last, min(moments, default=None))
        return True

    async def _apply(self, change: TicketChange) -> None:
        self._changed(await self._store.apply(change))


def _waking(ticket: Ticket, until: datetime, at: datetime) -> TicketChange:
    return TicketChange(
        ticket=ticket.id,
        events=(TicketEvent(ticket.id, TicketEventKind.WOKEN, SYSTEM, at),),
        move=Move.WAKE,
        expects={"snoozed_until": until},
    )


def _telling(ticket: Ticket, alert: Alert, at: datetime) -> TicketChange:
    event = TicketEvent(ticket.id, alert.event, SYSTEM, at, details=dict(alert.details))
    return TicketChange(ticket=ticket.id, events=(event,), while_active=True, once=True)
