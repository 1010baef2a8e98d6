"""Each kind of event has one who handles it, also by how its name begins."""

import pytest

from bot.channels.chat.handlers import Handlers
from bot.domain.inbound import InboundEvent


def event(kind: str) -> InboundEvent:
    return InboundEvent("parley", "key", kind, "group", {})


class Part:
    def __init__(self) -> None:
        self.seen: list[str] = []

    async def handle(self, event: InboundEvent) -> None:
        self.seen.append(event.kind)

    async def react(self, event: InboundEvent) -> dict[str, str]:
        return {"said": event.kind}


async def test_the_most_exact_name_handles_it() -> None:
    every, some, one = Part(), Part(), Part()
    handlers = Handlers()
    handlers.add("click:*", every.handle)
    handlers.add("click:ticket.*", some.handle)
    handlers.add("click:ticket.claim", one.handle)
    for kind in ("click:up", "click:ticket.close", "click:ticket.claim", "message"):
        await handlers.handle(event(kind))
    assert (every.seen, some.seen, one.seen) == (
        ["click:up"],
        ["click:ticket.close"],
        ["click:ticket.claim"],
    )
    assert handlers.knows("click:up")
    assert not handlers.knows("message")


async def test_a_reaction_says_what_is_acknowledged() -> None:
    handlers = Handlers()
    handlers.add_reaction("form:*", Part().react)
    assert await handlers.react(event("form:x")) == {"said": "form:x"}
    assert await handlers.react(event("click:x")) is None


def test_nobody_handles_what_another_does() -> None:
    handlers, part = Handlers(), Part()
    handlers.add("message", part.handle)
    handlers.add_reaction("message", part.react)
    with pytest.raises(ValueError, match="handled already"):
        handlers.add("message", part.handle)
    with pytest.raises(ValueError, match="reacted to already"):
        handlers.add_reaction("message", part.react)
