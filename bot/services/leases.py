"""What a worker has leased: where it ends, nobody has to wait until that has run out."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from bot.domain.errors import StoreError

T = TypeVar("T")

ENDING_S = 5.0  # in which what is under way may end by itself


async def leased(
    asking: Awaitable[Sequence[T]], give_back: Callable[[Sequence[T]], Awaitable[None]]
) -> Sequence[T]:
    """What the store gives; given back where whoever waits for it is cancelled. Raises
    StoreError."""
    asked = asyncio.ensure_future(asking)
    try:
        return await asyncio.shield(asked)
    except asyncio.CancelledError:
        with suppress(StoreError):
            await give_back(await asked)
        raise


async def cut_short(attempts: Mapping[asyncio.Task[None], T], within_s: float) -> Sequence[T]:
    """They end by themselves within that time, or are cancelled; what those were at."""
    if attempts:
        _, late = await asyncio.wait(attempts, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*attempts, return_exceptions=True)
    return [at for task, at in attempts.items() if task.cancelled()]
