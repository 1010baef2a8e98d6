"""A post that fills by being changed as a whole, where a program writes posts in no other way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.channels.chat.markdown import plain
from bot.channels.chat.place import Place
from bot.channels.chat.program import Wall
from bot.channels.chat.sheet import Markdown, Sheet
from bot.domain.conversation import Locale


@dataclass(slots=True)
class ChangedPost:
    place: Place
    reference: str
    locale: Locale
    wall: Wall
    pause_s: float  # at least, between two changes
    clock: Callable[[], float]
    changed_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.changed_at = self.clock()

    async def step(self, words: str) -> None:
        await self._change(Sheet(words, (unlinked(words),)))

    async def show(self, markdown: str) -> None:
        if markdown.strip():
            await self._change(Sheet(plain(markdown), (unlinked(markdown),)))

    async def finish(self, sheet: Sheet, facts: Mapping[str, str]) -> bool:
        return False

    async def withdraw(self) -> None:
        await self.wall.remove(self.place, self.reference)

    async def _change(self, sheet: Sheet) -> None:
        if self.clock() - self.changed_at < self.pause_s:
            return
        await self.wall.change(self.place, self.reference, sheet)
        self.changed_at = self.clock()


def unlinked(markdown: str) -> Markdown:
    """Which addresses may be opened is known at the end."""
    return Markdown(markdown, frozenset())
