"""Where answers are seen in Feishu as they come.

A card that is written while it stands there, by Feishu's own room for cards; where the app may not
enter that, a post that is changed as a whole, less often.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.channels.chat.live import ChangedPost, unlinked
from bot.channels.chat.place import Place
from bot.channels.chat.program import LivePost
from bot.channels.chat.sheet import Sheet
from bot.channels.feishu import drawing, spans
from bot.channels.feishu.cards import Cards
from bot.channels.feishu.refusals import STREAM_OVER, FeishuPostGone, FeishuRefused
from bot.channels.feishu.wall import FeishuWall
from bot.domain.conversation import Locale
from bot.domain.inbound import Post
from bot.domain.outbox import DeskUnavailable

log = logging.getLogger(__name__)

# Of a card Feishu takes 10 changes a second; other processes and the end need some as well.
WRITE_PAUSE_S = 0.4
CHANGE_PAUSE_S = 1.0
BUSY = "…"
LARGEST = 20_000  # bytes of what is shown before it is whole


class FeishuScreen:
    def __init__(
        self,
        wall: FeishuWall,
        cards: Cards,
        default_locale: Locale,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._cards = cards
        self._default_locale = default_locale
        self._clock = clock
        self._has_cards = True

    async def begin(
        self, key: str, place: Place, user: str, words: str, locale: Locale
    ) -> LivePost:
        card = await self._make(key, words)
        if card is None:
            reference = await self._wall.put(key, place, Sheet(words))
            return self._changed(place, reference, locale)
        content = {"type": "card", "data": {"card_id": card}}
        reference = await self._wall.send(key, place, content)
        self._cards.shown(reference, card)
        wall, cards = self._wall, self._cards
        return WrittenPost(place, reference, locale, wall, key, self._clock, cards=cards, card=card)

    async def find(self, begun: Post) -> LivePost | None:
        """Under the same key Feishu gives what stands there, or puts it up now."""
        place = Place.parse(begun.place)
        reference = begun.reference or await self._wall.find(begun)
        if not reference:
            reference = await self._wall.put(begun.key, place, Sheet(BUSY))
        return self._changed(place, reference, self._default_locale)

    def _changed(self, place: Place, reference: str, locale: Locale) -> ChangedPost:
        return ChangedPost(place, reference, locale, self._wall, CHANGE_PAUSE_S, self._clock)

    async def _make(self, key: str, words: str) -> str | None:
        """None where the app has no cards of that kind."""
        if not self._has_cards:
            return None
        try:
            return await self._cards.make(drawing.draw_live(words, words, key))
        except FeishuRefused as error:
            self._has_cards = False
            log.warning("answers are not written as they come: %s", error)
            return None


@dataclass(slots=True)
class WrittenPost:
    """As its process knows it."""

    place: Place
    reference: str
    locale: Locale
    wall: FeishuWall
    key: str
    clock: Callable[[], float]
    cards: Cards = field(kw_only=True)
    card: str = field(kw_only=True)
    written_at: float = field(default=0.0)
    is_over: bool = field(default=False)  # Feishu ended the writing, as it does after ten minutes

    def __post_init__(self) -> None:
        self.written_at = self.clock()

    async def step(self, words: str) -> None:
        await self._write(spans.faint(words))

    async def show(self, markdown: str) -> None:
        await self._write(drawing.markdown(unlinked(markdown)))

    async def finish(self, sheet: Sheet, facts: Mapping[str, str]) -> bool:
        """The whole card anew, which is written no more."""
        await self.wall.change(self.place, self.reference, sheet, facts)
        if not self.is_over:
            try:
                await self.cards.end_stream(self.card)
            except (DeskUnavailable, FeishuRefused) as error:
                log.info("a card that was replaced was not closed: %s", error)
        return True

    async def withdraw(self) -> None:
        await self.wall.remove(self.place, self.reference)

    async def _write(self, content: str) -> None:
        is_early = self.clock() - self.written_at < WRITE_PAUSE_S
        if self.is_over or is_early or not content.strip() or len(content.encode()) > LARGEST:
            return
        self.written_at = self.clock()
        try:
            await self.cards.write(self.card, drawing.mark(self.key), content)
        except FeishuPostGone:
            raise
        except FeishuRefused as error:
            self.is_over = True
            if error.code not in STREAM_OVER:
                log.warning("an answer is not written any further: %s", error)
        except DeskUnavailable as error:
            log.info("a piece of an answer was not written: %s", error)
