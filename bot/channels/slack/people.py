"""Who writes in Slack: a customer as the workspace knows them, and the bot itself."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.channels.chat.known_people import KnownPeople
from bot.channels.chat.program import Member, Person, customer_id
from bot.channels.slack import CHANNEL
from bot.channels.slack.wall import Calls
from bot.domain.conversation import Locale
from bot.domain.customer import Customer
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.text import replace_unstorable
from bot.ports import Store

log = logging.getLogger(__name__)


class SlackPeople:
    def __init__(
        self,
        store: Store,
        calls: Calls,
        default_locale: Locale = Locale.EN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._default_locale = default_locale
        self._known = KnownPeople(CHANNEL, store, self._look_up, clock=clock)
        self._bots: dict[str, str] = {}  # the bot's user, by team

    async def person(self, team: str, user: str) -> Person:
        return await self._known.person(team, user)

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

    async def _look_up(self, team: str, user: str) -> Person:
        found = await self._calls.call(team, "users.info", user=user)
        return _person(customer_id(CHANNEL, team, user), found.get("user") or {})


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
