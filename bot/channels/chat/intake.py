"""Everything a chat program sends passes here: it is committed, and only then acknowledged."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.channels.chat.bodies import storable
from bot.channels.chat.handlers import Handlers
from bot.channels.chat.program import Body, ReadEvent
from bot.domain.conversation import now
from bot.domain.errors import BotError
from bot.domain.inbound import InboundEvent, Mark
from bot.ports import InboundStore

log = logging.getLogger(__name__)

REACTION_S = 2.5  # of the 3 that programs wait


class Intake:
    def __init__(
        self,
        channel: str,
        read_event: ReadEvent,
        store: InboundStore,
        handlers: Handlers,
        nudge: Callable[[], None],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._channel = channel
        self._read_event = read_event
        self._store = store
        self._handlers = handlers
        self._nudge = nudge
        self._clock = clock
        # How far places were read is known only once what was missed has been read back; until
        # then it is held.
        self.is_caught_up = False
        self._held: dict[str, Mark] = {}

    def fall_behind(self) -> None:
        """Something may have been missed."""
        self.is_caught_up = False

    async def catch_up(self) -> None:
        """Nothing is missing any more. Raises StoreError."""
        self.is_caught_up = True
        while self._held:
            _, mark = self._held.popitem()
            await self._store.mark_read(self._channel, mark)

    async def take(self, body: Body) -> Mapping[str, Any] | None:
        """Commit it, then do what cannot wait; what the acknowledgement says. Raises StoreError."""
        event = self._read(body)
        if event is None:
            return None
        await self._commit(event)
        return await self._react(event)

    async def keep(self, body: Body) -> bool:
        """False for what is known or is nothing of ours. Raises StoreError."""
        event = self._read(body)
        return event is not None and await self._commit(event)

    def _read(self, body: Body) -> InboundEvent | None:
        try:
            return self._read_event(storable(body))
        except Exception:
            # The edge of reading: it would be no other if it were refused and sent again.
            log.exception("something that cannot be read came from %s", self._channel)
            return None

    async def _commit(self, event: InboundEvent) -> bool:
        if not self._handlers.knows(event.kind):
            return False
        at = self._clock()
        mark = replace(event.mark, at=at) if event.mark is not None else None
        if mark is not None and not self.is_caught_up:
            self._hold(mark)
            mark = None
        is_new = await self._store.take_event(replace(event, received_at=at, mark=mark))
        if is_new:
            self._nudge()
        return is_new

    def _hold(self, mark: Mark) -> None:
        held = self._held.get(mark.address)
        if held is None or held.seen < mark.seen:
            self._held[mark.address] = mark

    async def _react(self, event: InboundEvent) -> Mapping[str, Any] | None:
        try:
            async with asyncio.timeout(REACTION_S):
                return await self._handlers.react(event)
        except (BotError, TimeoutError) as error:
            log.warning("no reaction to %s: %s", event.kind, error or type(error).__name__)
            return None
