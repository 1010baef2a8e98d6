"""Where answers of the bot are seen in DingTalk as they come: an AI card that is written.

Where the app may not stream, the card is changed instead; each step counts among the calls that a
company has in a month, so there are not many.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.channels.chat.place import Place
from bot.channels.chat.program import LivePost
from bot.channels.chat.sheet import Sheet
from bot.channels.dingtalk import drawing, markdown
from bot.channels.dingtalk.cards import DingTalkCards
from bot.channels.dingtalk.refusals import PERMISSION_DENIED, DingTalkPostGone, DingTalkRefused
from bot.channels.dingtalk.tracks import Track, Tracks, track_of
from bot.channels.dingtalk.wall import DingTalkWall
from bot.domain.conversation import Locale
from bot.domain.inbound import Post

log = logging.getLogger(__name__)

LEAST_PAUSE_S = 1.0  # between two steps of a card


class DingTalkScreen:
    def __init__(
        self,
        cards: DingTalkCards,
        wall: DingTalkWall,
        tracks: Tracks,
        default_locale: Locale,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cards = cards
        self.wall = wall
        self.clock = clock
        self.may_stream = True  # until DingTalk says otherwise
        self._tracks = tracks
        self._default_locale = default_locale

    async def begin(
        self, key: str, place: Place, user: str, words: str, locale: Locale
    ) -> LivePost:
        conversation = await self._tracks.conversation(key)
        track = Track(track_of(key), conversation, place.address, {})
        data = drawing.data_of_live(markdown.lines(words))
        await self.wall.stand(track, place, data, words)
        return DingTalkLive(place, track.reference, locale, self, self.clock())

    async def find(self, begun: Post) -> LivePost | None:
        """A card is created once under its name."""
        if not begun.reference:
            return None
        place = Place.parse(begun.place)
        return DingTalkLive(place, begun.reference, self._default_locale, self, self.clock())


@dataclass(slots=True)
class DingTalkLive:
    place: Place
    reference: str
    locale: Locale
    screen: DingTalkScreen
    changed_at: float
    frames: int = field(default=0)

    async def step(self, words: str) -> None:
        await self._write(markdown.lines(words))

    async def show(self, markdown: str) -> None:
        if text := drawing.live_text(markdown):
            await self._write(text)

    async def finish(self, sheet: Sheet, facts: Mapping[str, str]) -> bool:
        try:
            await self.screen.wall.change(self.place, self.reference, sheet, facts)
        except DingTalkPostGone:
            raise
        except DingTalkRefused as error:
            log.warning("a card was not finished: %s", error)
            raise DingTalkPostGone(error.call, error.code, error.detail) from error
        return True

    async def withdraw(self) -> None:
        await self.screen.wall.remove(self.place, self.reference)

    async def _write(self, text: str) -> None:
        if self.screen.clock() - self.changed_at < LEAST_PAUSE_S:
            return
        self.frames += 1
        guid = f"{self.reference}.{self.frames}"
        if self.screen.may_stream:
            try:
                await self.screen.cards.stream(self.reference, drawing.LIVE_TEXT, text, guid)
            except DingTalkRefused as error:
                if error.code != PERMISSION_DENIED:
                    raise
                log.warning("answers are not streamed: %s", error)
                self.screen.may_stream = False
        if not self.screen.may_stream:
            await self.screen.cards.change(self.reference, drawing.data_of_live(text))
        self.changed_at = self.screen.clock()
