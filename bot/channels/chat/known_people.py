"""Customers by what a chat program tells of them, asked for again after a while."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.channels.chat.program import Person, customer_id
from bot.domain.customer import Customer
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.ports import Store

log = logging.getLogger(__name__)

LOOK_UP_S = 3.0  # nobody waits longer for an answer only because of a name
KNOWN_S = 3600.0  # how long a name stands before it is asked for again
REFUSED_S = 600.0  # likewise, where the program refused to tell it: each call may be counted
MOST_KNOWN = 5000

# By team and user; None where the program is not to be asked. Raises DeskUnavailable, DeskRefused.
LookUp = Callable[[str, str], Awaitable[Person | None]]
# How somebody calls themselves, as far as that is known without asking.
Nick = Callable[[str, str], str | None]


class KnownPeople:
    def __init__(
        self,
        channel: str,
        store: Store,
        look_up: LookUp,
        nick: Nick = lambda team, user: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channel = channel
        self._store = store
        self._look_up = look_up
        self._nick = nick
        self._clock = clock
        # None of whom the program does not tell.
        self._known: dict[tuple[str, str], tuple[float, Person | None]] = {}

    async def person(self, team: str, user: str) -> Person:
        """Saved as a customer. Raises StoreError alone."""
        known = self._known.get((team, user))
        is_known = known is not None and known[0] > self._clock()
        if known is not None and is_known and known[1] is not None:
            return known[1]
        person = None if is_known else await self._found(team, user)
        if person is None:
            id = customer_id(self._channel, team, user)
            saved = await self._store.customer(id) or Customer(id)
            person = Person(replace(saved, name=saved.name or self._nick(team, user)))
        else:
            self._remember(team, user, person, KNOWN_S)
        await self._store.save_customer(person.customer)
        return person

    async def _found(self, team: str, user: str) -> Person | None:
        try:
            async with asyncio.timeout(LOOK_UP_S):
                return await self._look_up(team, user)
        except (DeskUnavailable, DeskRefused, TimeoutError) as error:
            log.warning("a customer without a name: user=%s: %s", user, error or "no answer")
            if isinstance(error, DeskRefused):
                self._remember(team, user, None, REFUSED_S)
            return None

    def _remember(self, team: str, user: str, person: Person | None, for_s: float) -> None:
        while len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[team, user] = (self._clock() + for_s, person)
