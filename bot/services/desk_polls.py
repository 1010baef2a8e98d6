"""Asks desks that do not tell by themselves what became of tickets, every now and then.

How far a desk was asked is written down once everything up to there is done, and each part of it
knows whether it was done: so a crash in between repeats nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.conversation import new_id, now
from bot.domain.desk_news import DeskPage
from bot.domain.errors import StoreError
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.ports import AskedDesk, Storage
from bot.services.desk_events import Applied, DeskEvents

log = logging.getLogger(__name__)

ASK_S = 30.0  # one question to a desk with its answer, which may be several requests
LEASE = timedelta(minutes=3)  # longer than a round, so that nobody else asks too
MOST_PAGES = 5  # a round; the others wait for the next
MOST_TRIES = 5  # at a ticket whose news cannot be read; then the others no longer wait for it

Told = TypeVar("Told")


class DeskPolls:
    def __init__(
        self,
        desks: Sequence[AskedDesk],
        store: Storage,
        events: DeskEvents,
        every_s: float,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`every_s`: between two rounds; 0: nobody is asked."""
        self.desks = tuple(desk for desk in desks if every_s and not desk.tells)
        self._store = store
        self._events = events
        self._every_s = every_s
        self._clock = clock
        self._worker = new_id()
        self._failures: dict[tuple[str, str, str], int] = {}  # by desk and both ids of a ticket
        self._observers: list[Callable[[], None]] = []

    def observe(self, observer: Callable[[], None]) -> None:
        """Called after a round that brought something."""
        self._observers.append(observer)

    async def run(self) -> None:
        """Until cancelled; at once where there is nobody to ask."""
        await asyncio.gather(*map(self._follow, self.desks))

    async def _follow(self, desk: AskedDesk) -> None:
        """Each for itself: what one does not answer keeps no other waiting."""
        while True:
            pause_s = await self._round(desk)
            await asyncio.sleep(pause_s)

    async def _round(self, desk: AskedDesk) -> float:
        """How long to wait, in seconds."""
        try:
            until = self._clock() + timedelta(seconds=self._every_s) + LEASE
            if await self._store.lease_desk(desk.name, self._worker, until):
                await self.ask(desk)
        except (DeskUnavailable, DeskRefused) as error:
            log.warning("%s: not asked for news: %s", desk.name, error)
            return max(self._every_s, getattr(error, "retry_after_s", None) or 0.0)
        except StoreError:
            log.exception("%s: not asked for news", desk.name)
        except Exception:
            # The edge of the task: whatever it was, the news is still there.
            log.exception("%s: not asked for news", desk.name)
        return self._every_s

    async def ask(self, desk: AskedDesk) -> int:
        """One round; how many tickets of ours changed. Raises DeskUnavailable, DeskRefused,
        StoreError."""
        count = 0
        for _ in range(MOST_PAGES):
            place = await self._store.desk_place(desk.name)
            page = await _in_time(desk.changed(place))
            count += await self._take(desk, page)
            if page.place is not None and page.place != place:
                await self._store.save_desk_place(desk.name, page.place)
            if page.is_last:
                break
        if count:
            for observer in self._observers:
                observer()
        return count

    async def _take(self, desk: AskedDesk, page: DeskPage) -> int:
        """Raises what failed last once all others are done, so that the page is asked for again."""
        count, failed = 0, None
        for ticket_id, reference in dict.fromkeys((*page.changed, *self._left_behind(desk))):
            key = (desk.name, ticket_id, reference)
            ticket = await self._store.ticket(ticket_id)
            if ticket is None or desk.name not in ticket.desks:
                continue
            try:
                count += await self._read(desk, reference)
                self._failures.pop(key, None)
            except DeskRefused as error:
                log.error("%s: news of %s passed over: %s", desk.name, ticket.label, error)
            except DeskUnavailable as error:
                if error.retry_after_s:
                    raise  # it wants to be left alone
                self._failures[key] = self._failures.get(key, 0) + 1
                if self._failures[key] < MOST_TRIES:
                    failed = error
                else:
                    log.warning("%s: news of %s not read: %s", desk.name, ticket.label, error)
        if failed is not None:
            raise failed
        return count

    async def _read(self, desk: AskedDesk, reference: str) -> bool:
        """Whether there was any."""
        news = await _in_time(desk.news(reference))
        if news is None:
            return False
        applied = await self._events.apply(desk.name, news)
        if applied is Applied.PARTLY:
            raise DeskUnavailable("it has not heard everything yet")
        return applied is Applied.WHOLLY

    def _left_behind(self, desk: AskedDesk) -> Sequence[tuple[str, str]]:
        """Tickets that could not be read and are tried once more in every round."""
        return [
            (ticket_id, reference)
            for (name, ticket_id, reference), tries in self._failures.items()
            if name == desk.name and tries >= MOST_TRIES
        ]


async def _in_time(asked: Awaitable[Told]) -> Told:
    """Raises DeskUnavailable."""
    try:
        async with asyncio.timeout(ASK_S):
            return await asked
    except TimeoutError as error:
        raise DeskUnavailable(f"no answer in {ASK_S:.0f} s") from error
