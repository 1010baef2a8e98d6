"""A chat model that follows a script."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from bot.domain.conversation import Locale


@dataclass
class ScriptedChat:
    """Says `pieces`, then fails, hangs or ends."""

    pieces: tuple[str, ...] = field(default=(), repr=False)
    error: Exception | None = None
    hangs: bool = False
    requests: list[tuple[str, str]] = field(default_factory=list)
    taken: int = 0
    name: str = "test:scripted"
    closed: bool = False

    async def stream(self, system: str, user: str) -> AsyncIterator[str]:
        self.requests.append((system, user))
        try:
            for piece in self.pieces:
                self.taken += 1
                yield piece
                await asyncio.sleep(0)
            if self.error:
                raise self.error
            if self.hangs:
                await asyncio.Event().wait()
        finally:
            self.closed = True


class PlainPrompts:
    def text(self, act: str, locale: Locale, name: str, **values: str) -> str:
        return "\n".join([f"{act}.{locale}.{name}", *(f"{k}={v}" for k, v in values.items())])
