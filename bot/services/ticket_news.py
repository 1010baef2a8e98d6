"""Tells at once of what happens to tickets, whoever does it and in whichever process."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from bot.domain.errors import StoreError
from bot.domain.ticket import Ticket
from bot.ports import TicketStore

log = logging.getLogger(__name__)

POLL_S = 1.0  # how late a change may be that another process made


class TicketNews:
    def __init__(self, tickets: TicketStore) -> None:
        self._tickets = tickets
        self._observers: list[Callable[[str], None]] = []
        self._changed = asyncio.Event()

    def observe(self, observer: Callable[[str], None]) -> None:
        """Called with each conversation whose ticket has changed."""
        self._observers.append(observer)

    def tell(self, ticket: Ticket) -> None:
        """This process has changed it: its own conversation hears at once, those whose ticket
        goes on in it as soon as `run` has looked."""
        self._say(ticket.conversation)
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        after: int | None = None
        while True:
            self._changed.clear()
            try:
                after = await self.look(after)
            except StoreError:
                log.warning("changes of tickets not read", exc_info=True)
            with suppress(TimeoutError):
                # Not `wait_for`, which loses a cancellation that comes with the news.
                async with asyncio.timeout(POLL_S):
                    await self._changed.wait()

    async def look(self, after: int | None) -> int:
        """Tells of every event with a higher sequence; gives the one to go on from, which is the
        present for None. Raises StoreError."""
        if after is None:
            return await self._tickets.last_event()
        events = await self._tickets.events_after(after)
        for ticket_id in dict.fromkeys(event.ticket for event in events):
            ticket = await self._tickets.ticket(ticket_id)
            absorbed = await self._tickets.absorbed(ticket_id)
            for one in (*([ticket] if ticket else []), *absorbed):
                self._say(one.conversation)
        return (events[-1].sequence or after) if events else after

    def _say(self, conversation: str) -> None:
        for observer in self._observers:
            observer(conversation)
