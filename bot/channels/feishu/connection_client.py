"""Feishu's own client, of whose doing frames and their pieces remain. Importing this takes
seconds."""

import asyncio
import base64
import json
import logging
import time
from collections.abc import Mapping
from typing import Any, Protocol

from lark_oapi.ws import client as package
from lark_oapi.ws.exception import ClientException
from lark_oapi.ws.pb.pbbp2_pb2 import Frame

from bot.channels.feishu.endpoint import ConnectionRefused, Endpoint

log = logging.getLogger(__name__)
# It writes to the standard output, and addresses with their tickets.
logging.getLogger("Lark").disabled = True
if not package.loop.is_running():
    package.loop.close()  # it makes one for itself, which nobody needs

OPENING_S = 30.0
CLOSING_S = 5.0
EVENTS = frozenset({"event", "card"})


class Owner(Protocol):
    """Of the connection, in another loop."""

    def is_open(self) -> None: ...

    async def acknowledge(self, payload: bytes) -> tuple[int, Mapping[str, Any]]: ...


class ConnectionClient(package.Client):  # type: ignore[misc]
    _conn: Any

    def __init__(self, owner: Owner, endpoint: Endpoint, home: asyncio.AbstractEventLoop) -> None:
        super().__init__("", "", auto_reconnect=False)
        self._owner = owner
        self._url = endpoint.url
        self._ping_interval = endpoint.ping_s
        self._home = home
        self._ended = asyncio.Event()
        self._handling: set[asyncio.Task[None]] = set()

    @classmethod
    async def hold(cls, owner: Owner, endpoint: Endpoint, home: asyncio.AbstractEventLoop) -> None:
        """A connection to its end, in the loop of the thread. Raises ConnectionRefused, and what
        is no connection."""
        package.loop = asyncio.get_running_loop()
        client = cls(owner, endpoint, home)
        pings: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(OPENING_S):
                await client._connect()
            home.call_soon_threadsafe(owner.is_open)
            pings = asyncio.create_task(client._ping_loop())
            await client._ended.wait()
        except ClientException as error:
            raise ConnectionRefused(f"Feishu refuses the long connection: {error}") from error
        finally:
            client._cache._cron.cancel()
            if pings is not None:
                pings.cancel()
            await client._hang_up()

    def _get_conn_url(self) -> str:
        """Asked before, in a way that ends."""
        return self._url

    async def _receive_message_loop(self) -> None:
        try:
            while self._conn is not None:
                task = asyncio.create_task(self._handle_message(await self._conn.recv()))
                self._handling.add(task)
                task.add_done_callback(self._handling.discard)
        except Exception as error:
            log.info("the connection with Feishu ended: %s", error)
        finally:
            self._ended.set()

    async def _handle_data_frame(self, frame: Frame) -> None:
        told = {one.key: one.value for one in frame.headers}
        payload, pieces = frame.payload, int(told.get("sum") or 1)
        if pieces > 1:
            payload = self._combine(told["message_id"], pieces, int(told["seq"]), payload)
            if payload is None:
                return
        if told.get("type") not in EVENTS:
            return
        begun = time.monotonic()
        work = asyncio.run_coroutine_threadsafe(self._owner.acknowledge(payload), self._home)
        code, answer = await asyncio.wrap_future(work)
        response: dict[str, Any] = {"code": code}
        if answer:
            data = json.dumps(answer, ensure_ascii=False).encode()
            response["data"] = base64.b64encode(data).decode()
        frame.headers.add(key="biz_rt", value=str(int((time.monotonic() - begun) * 1000)))
        frame.payload = json.dumps(response).encode()
        await self._write_message(frame.SerializeToString())

    async def _hang_up(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            try:
                async with asyncio.timeout(CLOSING_S):
                    await conn.close()
            except Exception as error:
                log.info("the connection with Feishu did not end as it should: %s", error)
