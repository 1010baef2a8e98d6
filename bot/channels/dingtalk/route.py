"""Tells DingTalk where clicks on cards are posted, in HTTP mode."""

import asyncio
import logging

from bot.channels.dingtalk import CARDS_PATH
from bot.channels.dingtalk.calls import DingTalkCalls
from bot.channels.dingtalk.cards import ROUTE
from bot.domain.outbox import DeskRefused, DeskUnavailable

log = logging.getLogger(__name__)

REGISTER = "/v1.0/card/callbacks/register"
PAUSE_S = 60.0


class CardRoute:
    def __init__(
        self, calls: DingTalkCalls, site: str, secret: str, pause_s: float = PAUSE_S
    ) -> None:
        """`site`: where this server is reached; `secret`: what clicks are signed by."""
        self._calls = calls
        self._site = site.rstrip("/")
        self._secret = secret
        self._pause_s = pause_s

    async def run(self) -> None:
        """Until DingTalk knows."""
        body = {
            "callbackRouteKey": ROUTE,
            "callbackUrl": f"{self._site}{CARDS_PATH}",
            "apiSecret": self._secret,
            "forceUpdate": True,
        }
        while True:
            try:
                await self._calls.call("POST", REGISTER, body)
            except DeskUnavailable as error:
                log.warning("DingTalk does not know yet where to post clicks: %s", error)
            except DeskRefused as error:
                log.error("buttons in DingTalk do nothing: %s", error)
                return
            else:
                return
            await asyncio.sleep(self._pause_s)
