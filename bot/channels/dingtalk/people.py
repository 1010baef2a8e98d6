"""Who writes in DingTalk: a customer as the company's directory knows them, or calls themselves."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.channels.chat.known_people import MOST_KNOWN, KnownPeople
from bot.channels.chat.place import Place
from bot.channels.chat.program import Member, Person, customer_id
from bot.channels.dingtalk import CHANNEL
from bot.channels.dingtalk.calls import DingTalkCalls
from bot.channels.dingtalk.events import sender_of
from bot.channels.dingtalk.place import ELSEWHERE
from bot.channels.dingtalk.refusals import MAY_NOT_ASK, DingTalkRefused
from bot.domain.conversation import Locale
from bot.domain.customer import Customer
from bot.domain.outbox import DeskUnavailable
from bot.domain.text import replace_unstorable
from bot.ports import Store

log = logging.getLogger(__name__)

USER = "/topapi/v2/user/get"


class DingTalkPeople:
    def __init__(
        self,
        store: Store,
        calls: DingTalkCalls,
        default_locale: Locale,
        own_team: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`own_team`: the company's corp id; else it is known once somebody has said something."""
        self._store = store
        self._calls = calls
        self._default_locale = default_locale
        self._own_team = own_team
        self._known = KnownPeople(CHANNEL, store, self._look_up, self._nick, clock)
        self._nicks: dict[tuple[str, str], str] = {}

    def meet(self, place: Place, data: Mapping[str, Any]) -> None:
        """Who says something: how they call themselves, where the directory may not be asked."""
        self._own_team = self._own_team or place.team
        if nick := str(data.get("senderNick") or ""):
            while len(self._nicks) >= MOST_KNOWN:
                del self._nicks[next(iter(self._nicks))]
            self._nicks[place.team, sender_of(data)] = replace_unstorable(nick)

    async def person(self, team: str, user: str) -> Person:
        return await self._known.person(team, user)

    async def name(self, team: str, user: str) -> str:
        """For a mention; their id where nobody knows more. Raises StoreError."""
        return await self._called(team, user) or user

    async def member(self, team: str, user: str) -> Member | None:
        """Mail addresses in the directory are the company's to write. Where it may not be asked,
        whom DingTalk calls by an id of the company is one of its people all the same."""
        if user.startswith(ELSEWHERE):
            return None
        try:
            found = (await self._calls.call_former(USER, {"userid": user}))["result"]
        except DingTalkRefused as error:
            log.warning("somebody at DingTalk is not known: user=%s: %s", user, error)
            if error.code not in MAY_NOT_ASK:
                return None
            return Member(await self._called(team, user), "")
        if found.get("active") is False:
            return None
        return Member(str(found.get("name") or user), _email(found) or "")

    async def own_team(self) -> str:
        if not self._own_team:
            raise DeskUnavailable(
                "setting dingtalk.corp_id: whose robot it is is known once somebody has written to "
                "it, or by this setting"
            )
        return self._own_team

    async def locale(self, team: str, user: str) -> Locale:
        """DingTalk does not tell which one they chose."""
        return self._default_locale

    async def _look_up(self, team: str, user: str) -> Person | None:
        if user.startswith(ELSEWHERE):
            return None
        found = (await self._calls.call_former(USER, {"userid": user})).get("result") or {}
        name = found.get("name")
        id = customer_id(CHANNEL, team, user)
        return Person(Customer(id, replace_unstorable(str(name)) if name else None, _email(found)))

    async def _called(self, team: str, user: str) -> str:
        saved = await self._store.customer(customer_id(CHANNEL, team, user))
        return (saved.name if saved is not None else None) or self._nick(team, user) or ""

    def _nick(self, team: str, user: str) -> str | None:
        return self._nicks.get((team, user))


def _email(found: Mapping[str, Any]) -> str | None:
    """That of the company's own mail first."""
    address = found.get("org_email") or found.get("email")
    return replace_unstorable(str(address)) if address else None
