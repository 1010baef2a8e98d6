"""Where answers of the bot are seen in Slack as they come.

Where the workspace has streams a post is one, elsewhere it is changed, at most once a second.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import Any

from bot.channels.chat.live import ChangedPost, unlinked
from bot.channels.chat.place import Place
from bot.channels.chat.program import LivePost
from bot.channels.chat.sheet import Sheet
from bot.channels.slack.drawing import draw
from bot.channels.slack.elements import Block
from bot.channels.slack.refusals import GONE, WITHOUT, SlackPostGone, SlackRefused
from bot.channels.slack.wall import LAYOUT, Calls, SlackWall, facts_of, metadata
from bot.domain.conversation import Locale
from bot.domain.inbound import Post
from bot.ports import Prompts
from bot.ports.inbound import PostStore

log = logging.getLogger(__name__)

ACT = "slack"
LEAST_PAUSE_S = 1.0  # between two changes of a post
STEP = "answer"  # the one that a stream tells of


class SlackScreen:
    def __init__(
        self,
        calls: Calls,
        wall: SlackWall,
        posts: PostStore,
        prompts: Prompts,
        default_locale: Locale,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._wall = wall
        self._posts = posts
        self._prompts = prompts
        self._default_locale = default_locale
        self._clock = clock
        self._without: set[str] = set()  # workspaces that have no streams

    async def begin(
        self, key: str, place: Place, user: str, words: str, locale: Locale
    ) -> LivePost:
        stream = await self._stream(place, user, words, locale)
        if stream is not None:
            return stream
        reference = await self._wall.put(key, place, Sheet(words))
        return ChangedPost(place, reference, locale, self._wall, LEAST_PAUSE_S, self._clock)

    async def find(self, begun: Post) -> LivePost | None:
        """A stream says nothing about itself while it runs: it is the post of ours that does not,
        and that is no other's."""
        ts = begun.reference or await self._search(begun)
        if not ts:
            return None
        place = Place.parse(begun.place)
        return SlackStream(place, ts, self._default_locale, self._calls, "", is_lost=True)

    async def _search(self, begun: Post) -> str | None:
        others = {one.reference for one in await self._posts.posts_of(begun.conversation)}
        bot = (await self._calls.call(Place.parse(begun.place).team, "auth.test")).get("user_id")

        def is_it(message: Mapping[str, Any]) -> bool:
            if message.get("ts") in others or not bot or message.get("user") != bot:
                return False
            return bool(facts_of(message).get("key", begun.key) == begun.key)

        return await self._wall.search(begun, is_it)

    async def _stream(
        self, place: Place, user: str, words: str, locale: Locale
    ) -> "SlackStream | None":
        """None where there are no streams."""
        if place.thread is None or place.team in self._without:
            return None
        try:
            answer = await self._calls.call(
                place.team,
                "chat.startStream",
                channel=place.channel,
                thread_ts=place.thread,
                recipient_team_id=place.team,
                recipient_user_id=user,
                chunks=[_task(words)],
            )
        except SlackRefused as error:
            if error.code in WITHOUT:
                self._without.add(place.team)
            log.info("no stream in %s: %s", place.address, error)
            return None
        looked = self._prompts.text(ACT, locale, "looked")
        return SlackStream(place, str(answer["ts"]), locale, self._calls, looked)


@dataclass(slots=True)
class SlackStream:
    """As its process knows it."""

    place: Place
    reference: str
    locale: Locale
    calls: Calls
    looked: str  # what was done, once there is something to show
    shown: list[Block] = field(default_factory=list)  # the texts that stand there
    is_lost: bool = False  # somebody else ended it, or nobody knows what stands there

    async def step(self, words: str) -> None:
        await self._append([_task(words)])

    async def show(self, markdown: str) -> None:
        """With what is new of the text."""
        new = _drawn(markdown)[len(self.shown) :]
        if not new:
            return
        done = [] if self.shown else [_task(self.looked, "complete")]
        await self._append([*done, {"type": "blocks", "blocks": new}])
        self.shown += new

    async def finish(self, sheet: Sheet, facts: Mapping[str, str]) -> bool:
        drawn = draw(sheet)
        texts = list(takewhile(lambda block: block["type"] == "section", drawn))
        rest = self._rest(texts)
        end: dict[str, object] = {}
        if rest is not None:
            end["chunks"] = [{"type": "blocks", "blocks": rest}] if rest else None
            end |= {"blocks": drawn[len(texts) :] or None, "metadata": metadata(facts)}
        try:
            await self._stop(**end)
        except SlackRefused as error:
            if error.code in GONE:
                raise SlackPostGone(error.method, error.code, error.detail) from error
            log.info("a stream was not ended as it should: %s", error)
            if error.code in LAYOUT and end:
                await self._stop()
            return False
        return rest is not None

    async def withdraw(self) -> None:
        with suppress(SlackRefused):  # Slack ends it itself where nothing comes for long
            await self._stop()
        delete = partial(self.calls.call, self.place.team, "chat.delete")
        await delete(channel=self.place.channel, ts=self.reference)

    def _rest(self, texts: Sequence[Block]) -> Sequence[Block] | None:
        """What it lacks; None where it has to be written anew."""
        count = len(self.shown)
        if self.is_lost or not count or texts[:count] != self.shown:
            return None
        return texts[count:]

    async def _append(self, chunks: Sequence[Block]) -> None:
        append = partial(self.calls.call, self.place.team, "chat.appendStream")
        try:
            await append(channel=self.place.channel, ts=self.reference, chunks=chunks)
        except BaseException:
            self.is_lost = True
            raise

    async def _stop(self, **end: object) -> None:
        stop = partial(self.calls.call, self.place.team, "chat.stopStream")
        await stop(channel=self.place.channel, ts=self.reference, **end)


def _drawn(markdown: str) -> list[Block]:
    return list(draw(Sheet("", (unlinked(markdown),))))


def _task(words: str, status: str = "in_progress") -> Block:
    return {"type": "task_update", "id": STEP, "title": words, "status": status}
