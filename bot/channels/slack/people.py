"""Who writes in Slack: a customer as the workspace knows them, and the bot itself."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from bot.channels.chat.program import Member, Person, customer_id
from bot.channels.slack import CHANNEL
from bot.domain.conversation import Locale
from bot.domain.customer import Customer
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.text import replace_unstorable
from bot.ports import Store

log = logging.getLogger(__name__)

LOOK_UP_S = 3.0  # nobody waits longer for an answer only because of a name
KNOWN_S = 3600.0  # how long a name stands before it is asked for again
MOST_KNOWN = 5000


class Calls(Protocol):
    async def call(self, team: str, method: str, /, **arguments: Any) -> Mapping[str, Any]: ...


class SlackPeople:
    def __init__(
        self,
        store: Store,
        calls: Calls,
        default_locale: Locale = Locale.EN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._calls = calls
        self._default_locale = default_locale
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, Person]] = {}
        self._bots: dict[str, str] = {}  # the bot's user, by team

    async def person(self, team: str, user: str) -> Person:
        known = self._known.get((team, user))
        if known is not None and known[0] > self._clock():
            return known[1]
        person = await self._look_up(team, user)
        if person is None:
            saved = await self._store.customer(customer_id(CHANNEL, team, user))
            person = Person(saved or Customer(customer_id(CHANNEL, team, user)))
        else:
            self._remember(team, user, person)
        await self._store.save_customer(person.customer)
        return person

    async def member(self, team: str, user: str) -> Member | None:
        """In an organisation of several workspaces a person belongs to more than one."""
        try:
            found = (await self._calls.call(team, "users.info", user=user))["user"]
        except DeskRefused as error:
            log.warning("somebody at Slack is not known: user=%s: %s", user, error)
            return None
        if not _belongs(found, team) or found.get("is_bot") or found.get("deleted"):
            return None
        profile = found.get("profile") or {}
        return Member(_name(found, profile), str(profile.get("email") or ""))

    async def locale(self, team: str, user: str) -> Locale:
        """The default one where it is none of ours."""
        try:
            known = await self._calls.call(team, "users.info", user=user, include_locale=True)
        except (DeskUnavailable, DeskRefused) as error:
            log.info("somebody's language is not known: user=%s: %s", user, error)
            return self._default_locale
        language = str((known.get("user") or {}).get("locale") or "")[:2]
        return Locale(language) if language in set(Locale) else self._default_locale

    async def own_team(self) -> str:
        """Whose token it is."""
        return str((await self._calls.call("", "auth.test"))["team_id"])

    async def installed(self) -> Sequence[str]:
        """Of a token that belongs to one workspace: that one."""
        return [await self.own_team()]

    async def bot_user(self, team: str) -> str:
        """The user that the app is in this workspace. Raises DeskUnavailable, DeskRefused."""
        if team not in self._bots:
            self._bots[team] = str((await self._calls.call(team, "auth.test")).get("user_id", ""))
        return self._bots[team]

    async def _look_up(self, team: str, user: str) -> Person | None:
        try:
            async with asyncio.timeout(LOOK_UP_S):
                found = (await self._calls.call(team, "users.info", user=user)).get("user") or {}
        except (DeskUnavailable, DeskRefused, TimeoutError) as error:
            log.warning("a customer without a name: user=%s: %s", user, error or "no answer")
            return None
        return _person(customer_id(CHANNEL, team, user), found)

    def _remember(self, team: str, user: str, person: Person) -> None:
        while len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[team, user] = (self._clock() + KNOWN_S, person)


def _person(id: str, user: Mapping[str, Any]) -> Person:
    profile = user.get("profile") or {}
    name = profile.get("real_name") or user.get("real_name") or profile.get("display_name")
    email = profile.get("email")
    customer = Customer(
        id,
        replace_unstorable(str(name)) if name else None,
        replace_unstorable(str(email)) if email else None,
    )
    return Person(customer, user.get("tz"), bool(user.get("is_bot")))


def _belongs(user: Mapping[str, Any], team: str) -> bool:
    teams = (user.get("enterprise_user") or {}).get("teams", ())
    return not user.get("is_stranger") and (user.get("team_id") == team or team in teams)


def _name(user: Mapping[str, Any], profile: Mapping[str, Any]) -> str:
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"))
    return str(next(filter(None, names), "") or user.get("name") or user["id"])
