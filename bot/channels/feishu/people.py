"""Who writes in Feishu: a customer as the company's contacts know them, as far as the app sees
them."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.channels.chat.program import Member, Person, customer_id
from bot.channels.feishu import CHANNEL
from bot.channels.feishu.calls import Calls, path
from bot.domain.conversation import Locale
from bot.domain.customer import Customer
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.text import replace_unstorable
from bot.ports import Store

log = logging.getLogger(__name__)

LOOK_UP_S = 3.0  # nobody waits longer for an answer only because of a name
KNOWN_S = 3600.0  # how long a name stands before it is asked for again
MOST_KNOWN = 5000

User = Mapping[str, Any]


class FeishuPeople:
    def __init__(
        self,
        store: Store,
        calls: Calls,
        team: str,
        default_locale: Locale,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._calls = calls
        self._team = team
        self._default_locale = default_locale
        self._clock = clock
        self._known: dict[str, tuple[float, User]] = {}

    async def person(self, team: str, user: str) -> Person:
        id = customer_id(CHANNEL, team, user)
        found = await self._find(user)
        if found is None:
            person = Person(await self._store.customer(id) or Customer(id))
        else:
            zone = found.get("time_zone")
            person = Person(
                Customer(id, _text(found, "name"), _email(found) or None),
                str(zone) if zone else None,
            )
        await self._store.save_customer(person.customer)
        return person

    async def member(self, team: str, user: str) -> Member | None:
        """Contacts hold the company's own people alone."""
        found = await self._find(user, fresh=True)
        if found is None or not _works_there(found):
            return None
        return Member(_text(found, "name") or user, _email(found))

    async def own_team(self) -> str:
        return self._team

    async def locale(self, team: str, user: str) -> Locale:
        """Feishu does not tell which language somebody chose."""
        return self._default_locale

    async def _find(self, user: str, *, fresh: bool = False) -> User | None:
        """None where Feishu does not tell now, or not to this app."""
        known = self._known.get(user)
        if known is not None and known[0] > self._clock() and not fresh:
            return known[1]
        try:
            async with asyncio.timeout(LOOK_UP_S):
                answer = await self._calls.call(
                    "GET", path("contact/v3/users", user), user_id_type="open_id"
                )
        except (DeskUnavailable, DeskRefused, TimeoutError) as error:
            log.warning("a customer without a name: user=%s: %s", user, error or "no answer")
            return None
        found: User = answer.get("user") or {}
        while len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[user] = (self._clock() + KNOWN_S, found)
        return found


def _works_there(user: User) -> bool:
    status = user.get("status") or {}
    return not any(status.get(name) for name in ("is_frozen", "is_resigned", "is_exited"))


def _email(user: User) -> str:
    """The company's own mail account first, which only the company can give."""
    return _text(user, "enterprise_email") or _text(user, "email") or ""


def _text(user: User, name: str) -> str | None:
    value = user.get(name)
    return replace_unstorable(str(value)) if value else None
