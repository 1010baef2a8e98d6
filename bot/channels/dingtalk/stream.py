"""Stream mode: DingTalk is reached from here; a frame is acknowledged once it is committed.

The client of dingtalk-stream blocks its loop while it connects, and sleeps for long where it is cut
off. Here it only routes frames and acknowledges them: connecting, and coming back, is done around
it. What it gives no acknowledgement for, DingTalk sends again.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

from dingtalk_stream import (  # type: ignore[import-untyped]
    AckMessage,
    CallbackHandler,
    CallbackMessage,
    ChatbotMessage,
    Credential,
    DingTalkStreamClient,
)
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, WebSocketException

from bot.channels.dingtalk.calls import Credentials, DingTalkCalls
from bot.channels.dingtalk.events import CARD, MESSAGE
from bot.domain.errors import StoreError
from bot.domain.outbox import DeskRefused, DeskUnavailable

log = logging.getLogger(__name__)
# The library warns of every ping as of a topic that it does not know, with all that stands in it.
_library_log = logging.getLogger("dingtalk.stream")
_library_log.setLevel(logging.ERROR)

OPEN = "/v1.0/gateway/connections/open"
TOPICS = {ChatbotMessage.TOPIC: MESSAGE, CallbackHandler.TOPIC_CARD_CALLBACK: CARD}
UA = "firstline"
PING_S = 20.0  # a connection that is silent for two of these is replaced
SHORTEST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0

# Commits it; raises StoreError.
Take = Callable[[Mapping[str, Any]], Awaitable[Any]]


class StreamRunner:
    """One of the connections that DingTalk spreads frames over; as many processes as wanted may."""

    def __init__(
        self,
        credentials: Credentials,
        calls: DingTalkCalls,
        take: Take,
        shortest_pause_s: float = SHORTEST_PAUSE_S,
    ) -> None:
        self._credentials = credentials
        self._calls = calls
        self._take = take
        self._shortest_pause_s = shortest_pause_s
        self._pause_s = shortest_pause_s

    async def run(self) -> None:
        """Until cancelled; what ends the connection, or refuses one, is tried again."""
        while True:
            try:
                await self._serve()
            except DeskRefused as error:
                self._pause_s = LONGEST_PAUSE_S
                log.error("no messages come from DingTalk: %s", error)
            except (DeskUnavailable, WebSocketException, OSError, TimeoutError) as error:
                log.warning("no connection with DingTalk: %s", error or type(error).__name__)
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)

    async def _serve(self) -> None:
        """One connection, until DingTalk ends it."""
        given = self._credentials
        body = subscription(given.client_id, given.client_secret)
        opened = await self._calls.post_unsigned(OPEN, body)
        if not opened.get("endpoint") or not opened.get("ticket"):
            raise DeskUnavailable("DingTalk answered without an endpoint")
        uri = f"{opened['endpoint']}?ticket={quote_plus(str(opened['ticket']))}"
        async with connect(uri, ping_interval=PING_S, ping_timeout=PING_S) as socket:
            log.info("connected with DingTalk")
            self._pause_s = self._shortest_pause_s
            client = _Router(self._credentials, self._take, socket)
            async with asyncio.TaskGroup() as frames:
                try:
                    async for frame in socket:
                        frames.create_task(client.take(frame))
                except ConnectionClosedError as error:
                    log.warning("cut off from DingTalk: %s", error)


def subscription(client_id: str, client_secret: str) -> Mapping[str, Any]:
    """What opens a connection, which is all that it does."""
    return {
        "clientId": client_id,
        "clientSecret": client_secret,
        "subscriptions": [{"type": CallbackMessage.TYPE, "topic": topic} for topic in TOPICS],
        "ua": UA,
    }


class _Router(DingTalkStreamClient):  # type: ignore[misc]
    """The library's routing of frames, over a connection that is held elsewhere."""

    def __init__(self, credentials: Credentials, take: Take, socket: ClientConnection) -> None:
        credential = Credential(credentials.client_id, credentials.client_secret)
        super().__init__(credential, _library_log)
        self.websocket = socket
        for topic, kind in TOPICS.items():
            self.register_callback_handler(topic, _Commit(kind, take))

    async def take(self, frame: str | bytes) -> None:
        try:
            if await self.route_message(json.loads(frame)) == self.TAG_DISCONNECT:
                await self.websocket.close()
        except StoreError:
            log.exception("not taken; DingTalk sends it again")
        except WebSocketException:
            log.info("an acknowledgement is lost; DingTalk sends its frame again")
        except (ValueError, TypeError, KeyError, AttributeError):
            log.exception("a frame that cannot be read")


class _Commit(CallbackHandler):  # type: ignore[misc]
    def __init__(self, kind: str, take: Take) -> None:
        super().__init__()
        self._kind = kind
        self._take = take

    async def process(self, message: CallbackMessage) -> tuple[int, str]:
        await self._take(
            {"kind": self._kind, "id": message.headers.message_id or "", "data": message.data}
        )
        return AckMessage.STATUS_OK, "OK"
