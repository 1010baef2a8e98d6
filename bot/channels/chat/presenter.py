"""Answers that are seen as they come, and their posts at the end.

Such a post is provisional: the courier makes it final, also where who began it is gone.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.channels.chat.place import Place
from bot.channels.chat.program import LivePost, Program
from bot.channels.chat.relay import Relay
from bot.channels.chat.showing import Showing
from bot.domain.conversation import Locale, Message, now
from bot.domain.inbound import Post
from bot.ports import Prompts
from bot.ports.inbound import PostStore
from bot.services.running_turn import RunningTurn

KEPT = 100  # posts that are complete and not final yet


class Presenter:
    def __init__(
        self,
        program: Program,
        posts: PostStore,
        prompts: Prompts,
        default_locale: Locale,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._program = program
        self._relay = Relay(program.channel, posts, clock)
        self._prompts = prompts
        self._default_locale = default_locale
        self._running: dict[str, asyncio.Task[LivePost | None]] = {}

    def follow(self, turn: RunningTurn, place: Place, user: str) -> None:
        """Beside whoever calls. A turn that is over has nothing to show."""
        message = turn.message.id
        if turn.reply is not None or message in self._running:
            return
        with_words = (self._prompts, self._default_locale)
        showing = Showing(self._program, self._relay, *with_words, turn, place, user)
        self._running[message] = asyncio.create_task(self._run(showing), name=f"show {message}")
        for former in [one for one, shown in self._running.items() if shown.done()][:-KEPT]:
            del self._running[former]  # its answer left from another process

    async def take(self, message: Message, since: datetime) -> tuple[Post | None, LivePost | None]:
        """What stands in answer to the message once nothing is added any more: as it was begun, and
        as this process knows it. `since`: when the answer was there. Raises StoreError."""
        task = self._running.pop(message.id, None)
        live = await task if task is not None else None
        return await self._relay.take(message, since), live

    async def close(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, showing: Showing) -> LivePost | None:
        try:
            return await showing.run()
        finally:
            if not showing.has_answer:
                self._running.pop(showing.turn.message.id, None)
