"""What was leased is held by nobody who is gone."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.domain.errors import StoreError
from bot.services.leases import cut_short, leased


class Lender:
    """Leases two when it is let to."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.gate = asyncio.Event()
        self.back: list[str] = []

    async def lease(self) -> Sequence[str]:
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return ["one", "two"]

    async def give_back(self, leased: Sequence[str]) -> None:
        self.back += leased


async def test_what_is_waited_for_is_had() -> None:
    lender = Lender()
    lender.gate.set()
    assert await leased(lender.lease(), lender.give_back) == ["one", "two"]
    assert lender.back == []


@pytest.mark.parametrize(("failure", "back"), [(None, ["one", "two"]), (StoreError("closed"), [])])
async def test_what_nobody_waits_for_any_more_is_given_back(
    failure: Exception | None, back: Sequence[str]
) -> None:
    lender = Lender(failure)
    waiting = asyncio.create_task(leased(lender.lease(), lender.give_back))
    await asyncio.sleep(0)
    waiting.cancel()
    lender.gate.set()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert lender.back == back


async def test_what_was_cut_short_is_told_and_not_what_failed() -> None:
    async def fail() -> None:
        raise StoreError("closed")

    attempts = {
        asyncio.create_task(asyncio.Event().wait()): "late",
        asyncio.create_task(asyncio.sleep(0)): "done",
        asyncio.create_task(fail()): "failed",
    }
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await cut_short(attempts, 0) == ["late"]  # type: ignore[arg-type]
    assert await cut_short({}, 0) == []
