"""Socket Mode: Slack is reached from here; an envelope is acknowledged once it is committed."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.calls import API_URL

log = logging.getLogger(__name__)

PING_S = 5.0  # a connection that is silent for four of these is replaced


class SocketRunner:
    """One of the connections that Slack spreads events over; as many processes as wanted may."""

    def __init__(
        self,
        bolt: AsyncApp,
        app_token: str,
        connected: Callable[[], None],
        url: str = API_URL,
        ping_s: float = PING_S,
    ) -> None:
        """`connected` is called at each connection: what was said before may be missing."""
        self._bolt = bolt
        self._app_token = app_token
        self._connected = connected
        self._url = url
        self._ping_s = ping_s

    async def run(self) -> None:
        """Until cancelled; what ends the connection, or refuses one, is tried again."""
        client = AsyncWebClient(base_url=self._url, retry_handlers=[])
        handler = AsyncSocketModeHandler(
            self._bolt,
            self._app_token,
            logging.getLogger("slack.socket"),
            client,
            ping_interval=self._ping_s,
        )
        handler.client.message_listeners.append(self._greet)
        try:
            await handler.connect_async()  # type: ignore[no-untyped-call]
            await asyncio.Event().wait()
        finally:
            with suppress(Exception):
                await handler.close_async()  # type: ignore[no-untyped-call]

    async def _greet(self, _: Any, message: Mapping[str, Any], __: str | None) -> None:
        if message.get("type") == "hello":
            log.info("connected with Slack")
            self._connected()
