"""The long connection: Feishu is reached from here, and an event is acknowledged once committed.

The package's client runs in a thread with a loop of its own, one client for each connection: what
it does where a connection ends (it waits up to half a minute, or stops without a word) is done here
instead, and so is asking where to connect, for which it would wait without an end.
"""

import asyncio
import json
import logging
import random
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bot.channels.feishu.calls import App
from bot.channels.feishu.endpoint import ConnectionRefused, ask_endpoint

if TYPE_CHECKING:
    from bot.channels.feishu.connection_client import ConnectionClient

log = logging.getLogger(__name__)

CLOSING_S = 5.0
SOONEST_S, LATEST_S = 0.5, 30.0  # before it is tried again
REFUSED_S = 60.0  # where only who sets the app up can change anything
OK, FAILED = 200, 500

# Commits an event; what the acknowledgement says.
Take = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class LongConnection:
    """One of the connections that Feishu spreads events over; up to 50 processes may."""

    def __init__(
        self,
        app: App,
        take: Take,
        connected: Callable[[], None] = lambda: None,
        soonest_s: float = SOONEST_S,
    ) -> None:
        """`connected` is called at each connection."""
        self._app = app
        self._take = take
        self._connected = connected
        self._soonest_s = soonest_s

    async def run(self) -> None:
        """Until cancelled; what ends the connection, or refuses one, is tried again."""
        hold = (await asyncio.to_thread(_load)).hold
        thread = LoopThread("feishu")
        failures = 0
        try:
            while True:
                try:
                    endpoint = await ask_endpoint(self._app)
                    await thread.call(hold(self, endpoint, asyncio.get_running_loop()))
                    failures = 0
                    wait_s = self._soonest_s
                except ConnectionRefused as error:
                    log.error("%s", error)
                    wait_s = REFUSED_S
                except Exception as error:
                    # Whatever it is, messages are waiting on the other side.
                    log.warning("no connection with Feishu: %s: %s", type(error).__name__, error)
                    failures += 1
                    wait_s = min(self._soonest_s * 2**failures, LATEST_S)
                await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311
        finally:
            await thread.end()

    def is_open(self) -> None:
        log.info("connected with Feishu")
        self._connected()

    async def acknowledge(self, payload: bytes) -> tuple[int, Mapping[str, Any]]:
        try:
            body = json.loads(payload)
            return OK, await self._take(body if isinstance(body, dict) else {})
        except Exception:
            # The edge of Feishu's thread: it sends the event again.
            log.exception("not taken; Feishu sends it again")
            return FAILED, {}


class LoopThread:
    """A loop in a thread of its own."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._work: asyncio.Task[Any] | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def call(self, work: Coroutine[Any, Any, None]) -> None:
        """There; when it is cancelled here, it is ended there as well."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._do(work), self.loop))

    async def end(self) -> None:
        ending = asyncio.run_coroutine_threadsafe(self._end_all(), self.loop)
        with suppress(Exception):
            async with asyncio.timeout(2 * CLOSING_S):
                await asyncio.wrap_future(ending)
        self.loop.call_soon_threadsafe(self.loop.stop)
        await asyncio.to_thread(self._thread.join, CLOSING_S)

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self._work = asyncio.current_task()
        await work

    async def _end_all(self) -> None:
        if self._work is not None:
            await asyncio.wait([self._work])  # it was ended, and has to hang up
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()


def is_installed() -> bool:
    return find_spec("lark_oapi") is not None


def _load() -> "type[ConnectionClient]":
    from bot.channels.feishu.connection_client import ConnectionClient

    return ConnectionClient
