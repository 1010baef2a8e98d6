"""Who does what with what came in: parts of a channel say which kinds of events are theirs.

Kinds are the same in all chat programs: "message", "edited", "deleted", "click:<action>" of a
button, "form:<action>" of what was filled in; a program has more of its own. A name that ends in
"*" stands for all that begin so.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.domain.inbound import InboundEvent

log = logging.getLogger(__name__)

Handler = Callable[[InboundEvent], Awaitable[None]]
# What cannot wait for a worker: opens a form, or says what is wrong in one. What it returns goes
# into the program's acknowledgement.
Reaction = Callable[[InboundEvent], Awaitable[Mapping[str, Any] | None]]


class Handlers:
    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._reactions: dict[str, Reaction] = {}

    def add(self, kind: str, handler: Handler) -> None:
        """The event is committed by then; it may come again after a crash, so the handler does
        nothing twice. Raises DeskUnavailable to be tried again, DeskRefused to give up."""
        if kind in self._handlers:
            raise ValueError(f"{kind} is handled already")
        self._handlers[kind] = handler

    def add_reaction(self, kind: str, reaction: Reaction) -> None:
        """Within the seconds that the program waits; the event is committed and handled as
        well."""
        if kind in self._reactions:
            raise ValueError(f"{kind} is reacted to already")
        self._reactions[kind] = reaction

    def knows(self, kind: str) -> bool:
        """Whether anybody is there for it; all else need not be kept."""
        return _find(self._handlers, kind) is not None

    async def handle(self, event: InboundEvent) -> None:
        handler = _find(self._handlers, event.kind)
        if handler is None:
            log.info("nobody handles %s: event=%s", event.kind, event.key)
            return
        await handler(event)

    async def react(self, event: InboundEvent) -> Mapping[str, Any] | None:
        reaction = _find(self._reactions, event.kind)
        return await reaction(event) if reaction is not None else None


def _find(known: Mapping[str, Any], kind: str) -> Any:
    if kind in known:
        return known[kind]
    fitting = [name for name in known if name.endswith("*") and kind.startswith(name[:-1])]
    return known[max(fitting, key=len)] if fitting else None
