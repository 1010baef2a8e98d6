"""Who writes in Feishu: a customer as the company's contacts know them, as far as the app sees
them."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.channels.chat.known_people import KnownPeople
from bot.channels.chat.program import Member, Person, customer_id
from bot.channels.feishu import CHANNEL
from bot.channels.feishu.calls import Calls, path
from bot.channels.feishu.chats import Chats
from bot.channels.feishu.refusals import NO_CALL, NOT_GRANTED, NOT_SEEN, FeishuRefused
from bot.domain.conversation import Locale
from bot.domain.customer import Customer
from bot.domain.text import replace_unstorable
from bot.ports import Store

User = Mapping[str, Any]


class FeishuPeople:
    def __init__(
        self,
        store: Store,
        calls: Calls,
        chats: Chats,
        team: str,
        default_locale: Locale,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._chats = chats
        self._team = team
        self._default_locale = default_locale
        self._known = KnownPeople(CHANNEL, store, self._look_up, clock=clock)

    async def person(self, team: str, user: str) -> Person:
        return await self._known.person(team, user)

    async def member(self, team: str, user: str) -> Member | None:
        """Contacts hold the company's own people alone; of who is not seen there Feishu said of
        which company they are when they wrote or clicked."""
        try:
            found = await self._user(user)
        except FeishuRefused as error:
            is_unseen = error.code in NOT_GRANTED | NO_CALL | NOT_SEEN
            return Member(user) if is_unseen and self._chats.is_colleague(user) else None
        return Member(_text(found, "name") or user, _email(found)) if _works_there(found) else None

    async def own_team(self) -> str:
        return self._team

    async def locale(self, team: str, user: str) -> Locale:
        """Feishu does not tell which language somebody chose."""
        return self._default_locale

    async def _look_up(self, team: str, user: str) -> Person:
        found = await self._user(user)
        id, zone = customer_id(CHANNEL, team, user), found.get("time_zone")
        customer = Customer(id, _text(found, "name"), _email(found) or None)
        return Person(customer, str(zone) if zone else None)

    async def _user(self, user: str) -> User:
        call = path("contact/v3/users", user)
        answer = await self._calls.call("GET", call, None, user_id_type="open_id")
        found: User = answer.get("user") or {}
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
