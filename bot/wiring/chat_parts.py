"""The part of bootstrap that builds a whole chat program: its edge, and what all share over it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.ports import Courier
from bot.services.inbound import InboundWorker
from bot.wiring.chat import ChatGround, ChatServices, connect_talk
from bot.wiring.chat_desk import connect_desk

if TYPE_CHECKING:
    from bot.channels.chat.handlers import Handlers
    from bot.channels.chat.intake import Intake
    from bot.channels.chat.listening import Diversion
    from bot.channels.chat.mounting import Mount
    from bot.channels.chat.presenter import Presenter
    from bot.channels.chat.unseen import Unseen


@dataclass(frozen=True, kw_only=True)
class ChatEdge:
    """How what a program sends comes to its intake."""

    runs: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()  # each until cancelled
    mounts: "Sequence[Mount]" = ()
    close: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ChatParts:
    """One chat program at work."""

    courier: Courier
    handlers: "Handlers"
    intake: "Intake"
    worker: InboundWorker
    presenter: "Presenter"
    edge: ChatEdge

    @property
    def mounts(self) -> "Sequence[Mount]":
        return self.edge.mounts

    async def run(self) -> None:
        """Until cancelled: nothing comes in any more then, and what is said still goes out."""
        async with asyncio.TaskGroup() as group:
            for run in (self.worker.run, *self.edge.runs):
                group.create_task(run())

    async def close(self) -> None:
        await self.presenter.close()
        await self.edge.close()


def build_parts(
    ground: ChatGround,
    services: ChatServices,
    edge: ChatEdge,
    diversions: "Sequence[Diversion]" = (),
    unseen: "Unseen | None" = None,
) -> ChatParts:
    """`diversions`: what is said to the edge itself, and is nobody's question."""
    desk = connect_desk(ground, services, unseen.home if unseen is not None else None)
    talk = connect_talk(ground, services, [*diversions, *desk.diversions], unseen)
    return ChatParts(
        desk.asking(talk.courier),
        ground.handlers,
        ground.intake,
        ground.worker,
        talk.presenter,
        edge,
    )
