"""What Slack told while nobody listened and does not tell again: it is read back.

Slack tries for some minutes, and over a socket not at all. Places are read from a while before the
last message that was taken there; what is known already is known by its keys.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.channels.chat.place import Place
from bot.channels.slack import CHANNEL
from bot.channels.slack.people import SlackPeople
from bot.channels.slack.place import message_key
from bot.channels.slack.wall import Calls
from bot.domain.conversation import now
from bot.domain.errors import StoreError
from bot.domain.inbound import Mark
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.ports import Storage

log = logging.getLogger(__name__)

OVERLAP_S = 600.0  # before the last message: another one may have been lost beside it
READ_BACK = timedelta(days=7)  # threads and channels where nothing was said for longer rest
PAGE = 200
LONGEST_WAIT_S = 60.0  # that Slack may ask for; what it takes longer for is left to the next time
LEAST_WAIT_S = 1.0
PAUSE_S = 60.0
MEMBERSHIPS = "public_channel,private_channel,mpim,im"

Message = Mapping[str, Any]


class Intake(Protocol):
    def fall_behind(self) -> None:
        """Something may have been missed."""
        ...

    async def catch_up(self) -> None:
        """Nothing is missing any more."""
        ...

    async def keep(self, body: Mapping[str, Any]) -> bool:
        """False for what is known or is nothing of ours."""
        ...


class Teams(Protocol):
    async def installed(self) -> Sequence[str]:
        """The workspaces where the app is."""
        ...


class Backfill:
    def __init__(
        self,
        store: Storage,
        calls: Calls,
        people: SlackPeople,
        intake: Intake,
        teams: Teams,
        clock: Callable[[], datetime] = now,
        pause_s: float = PAUSE_S,
    ) -> None:
        """`pause_s`: before what failed is tried again."""
        self._store = store
        self._calls = calls
        self._people = people
        self._intake = intake
        self._teams = teams
        self._clock = clock
        self._pause_s = pause_s
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Events may have been missed until now. Until they are read back nothing that comes in
        says how far its place was read."""
        self._intake.fall_behind()
        self._asked.set()

    async def run(self) -> None:
        """Until cancelled: once at first, and whenever it is asked for."""
        self.ask()
        while True:
            await self._asked.wait()
            self._asked.clear()
            if not await self._catch_up():
                await asyncio.sleep(self._pause_s)
                self._asked.set()

    async def _catch_up(self) -> bool:
        try:
            count = await self.read_back()
            if not self._asked.is_set():
                await self._intake.catch_up()
        except (DeskUnavailable, DeskRefused, StoreError) as error:
            log.warning("what was missed is not read back yet: %s", error)
            return False
        except Exception:
            # The edge of the task: whatever it was, what was missed is still in Slack.
            log.exception("what was missed is not read back yet")
            return False
        if count:
            log.info("messages that were missed and are read back: %d", count)
        return True

    async def read_back(self) -> int:
        """How many were missed. Raises DeskUnavailable, DeskRefused, StoreError."""
        since = self._clock() - READ_BACK
        marks = {mark.address: mark for mark in await self._store.marks(CHANNEL, since)}
        count, failure = 0, None
        for team in await self._teams.installed():
            mine = {
                address: mark
                for address, mark in marks.items()
                if Place.parse(address).team == team
            }
            try:
                count += await self._read_team(team, mine, since)
            except (DeskUnavailable, DeskRefused) as error:
                log.warning("a workspace is not read back yet: %s: %s", team, error)
                failure = error
        if failure is not None:
            raise failure
        return count

    async def _read_team(self, team: str, marks: Mapping[str, Mark], since: datetime) -> int:
        """A place without a mark of its own is new since the last message of all."""
        latest = max((mark.seen for mark in marks.values()), default=None)
        if latest is None:
            return 0
        count = 0
        for place, kind in (await self._places(team, marks)).items():
            mark = marks.get(place.address)
            count += await self._read_channel(place, kind, mark.seen if mark else latest)
        for thread in await self._store.threads_since(CHANNEL, since):
            place = Place.parse(thread.address)
            if place.team == team and place.thread is not None and not place.is_ephemeral:
                mark = marks.get(place.around.address)
                count += await self._read_thread(place, mark.seen if mark else latest)
        return count

    async def _places(self, team: str, marks: Mapping[str, Mark]) -> Mapping[Place, str]:
        """Where the bot is, with the kind of channel that events state."""
        places = {Place.parse(address): "" for address in marks}
        try:
            async for one in self._pages(
                team, "users.conversations", "channels", types=MEMBERSHIPS, exclude_archived=True
            ):
                kind = "im" if one.get("is_im") else "mpim" if one.get("is_mpim") else "channel"
                places[Place(team, str(one["id"]))] = kind
        except DeskRefused as error:
            log.warning("only known channels are read back: %s", error)
        return places

    async def _read_channel(self, place: Place, kind: str, seen: str) -> int:
        count, oldest = 0, _before(seen)
        try:
            found = [
                one
                async for one in self._pages(
                    place.team,
                    "conversations.history",
                    "messages",
                    channel=place.channel,
                    oldest=oldest,
                )
            ]
            for message in reversed(found):  # they come the latest first
                count += await self._keep(place, kind, message)
                if float(message.get("latest_reply") or 0) > float(oldest):
                    below = Place(place.team, place.channel, str(message["ts"]))
                    count += await self._read_thread(below, seen, kind)
        except DeskRefused as error:
            log.info("a channel is not read back: %s: %s", place.address, error)
        return count

    async def _read_thread(self, place: Place, seen: str, kind: str = "") -> int:
        count, oldest = 0, _before(seen)
        try:
            async for message in self._pages(
                place.team,
                "conversations.replies",
                "messages",
                channel=place.channel,
                ts=place.thread,
                oldest=oldest,
            ):
                if message.get("ts") != place.thread:
                    count += await self._keep(place.around, kind, message)
        except DeskRefused as error:
            log.info("a thread is not read back: %s: %s", place.address, error)
        return count

    async def _keep(self, place: Place, kind: str, message: Message) -> bool:
        """As the event that would have told of it."""
        bot_user = await self._people.bot_user(place.team)
        inner = {**message, "type": "message", "channel": place.channel}
        if kind:
            inner["channel_type"] = kind
        body = {
            "type": "event_callback",
            "team_id": place.team,
            "event_id": "read." + message_key(place.team, place.channel, str(message["ts"])),
            "authorizations": [{"user_id": bot_user, "is_bot": True}],
            "event": inner,
        }
        return await self._intake.keep(body)

    async def _pages(
        self, team: str, method: str, name: str, **arguments: Any
    ) -> AsyncIterator[Message]:
        cursor: str | None = None
        while True:
            page = await self._page(team, method, cursor=cursor, limit=PAGE, **arguments)
            for one in page.get(name) or ():
                yield one
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return

    async def _page(self, team: str, method: str, **arguments: Any) -> Mapping[str, Any]:
        while True:
            try:
                return await self._calls.call(team, method, **arguments)
            except DeskUnavailable as error:
                wait_s = error.retry_after_s
                if wait_s is None or wait_s > LONGEST_WAIT_S:
                    raise
                await asyncio.sleep(max(wait_s, LEAST_WAIT_S))


def _before(seen: str) -> str:
    return f"{max(float(seen) - OVERLAP_S, 0):.6f}"
