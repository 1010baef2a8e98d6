"""Cards that stand in a message, changed as one or piece by piece.

Feishu takes changes of a card in the order of their numbers: a later number than the last one is
taken, an earlier one is refused.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.channels.feishu.calls import Calls, path
from bot.channels.feishu.elements import Card
from bot.channels.feishu.refusals import LAYOUT, SEQUENCE, FeishuPostGone, FeishuRefused

log = logging.getLogger(__name__)

EPOCH = 1_700_000_000  # seconds; numbers have 31 bits
MOST_KNOWN = 10_000
ATTEMPTS = 3


class Cards:
    def __init__(self, calls: Calls, clock: Callable[[], float] = time.time) -> None:
        self._calls = calls
        self._clock = clock
        self._made: dict[str, str] = {}  # of messages that show a card made beside them
        self._last: dict[str, int] = {}  # number of a change

    async def make(self, card: Card) -> str:
        """For one message. Raises as all calls do."""
        body = {"type": "card_json", "data": json.dumps(card, ensure_ascii=False)}
        return str((await self._calls.call("POST", "cardkit/v1/cards", body))["card_id"])

    def shown(self, message: str, card: str) -> None:
        if len(self._made) >= MOST_KNOWN:
            self._made.clear()
            self._last.clear()
        self._made[message] = card

    async def change(self, message: str, card: Card) -> None:
        """All of it. Raises PostGone as well."""
        id = self._made.get(message)
        if id is not None and await self._replaced(id, card):
            return
        body = {"content": json.dumps(card, ensure_ascii=False)}
        try:
            await self._calls.call("PATCH", path("im/v1/messages", message), body)
        except FeishuRefused as error:
            if isinstance(error, FeishuPostGone) or id is not None:
                raise
            await self.replace(await self._id_of(message, error), card)

    async def write(self, id: str, element: str, content: str) -> None:
        call = path("cardkit/v1/cards", id, "elements", element, "content")
        await self._numbered("PUT", call, id, {"content": content})

    async def replace(self, id: str, card: Card) -> None:
        data = json.dumps(card, ensure_ascii=False)
        body = {"card": {"type": "card_json", "data": data}}
        await self._numbered("PUT", path("cardkit/v1/cards", id), id, body)

    async def end_stream(self, id: str) -> None:
        settings = json.dumps({"config": {"streaming_mode": False}})
        call = path("cardkit/v1/cards", id, "settings")
        await self._numbered("PATCH", call, id, {"settings": settings})

    async def _replaced(self, id: str, card: Card) -> bool:
        """False where that is not for the app, or no more."""
        try:
            await self.replace(id, card)
        except FeishuRefused as error:
            if isinstance(error, FeishuPostGone) or error.code in LAYOUT | {SEQUENCE}:
                raise
            log.warning("a card is changed by its message: %s", error)
            return False
        return True

    async def _numbered(self, method: str, call: str, id: str, body: Mapping[str, Any]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            number = max(self._last.get(id, 0) + 1, int(self._clock()) - EPOCH)
            self._last[id] = number
            try:
                await self._calls.call(method, call, {**body, "sequence": number})
            except FeishuRefused as error:
                if error.code != SEQUENCE or attempt == ATTEMPTS:
                    raise
                self._last[id] = number + 10 * attempt  # another process was at it
            else:
                return

    async def _id_of(self, message: str, refusal: FeishuRefused) -> str:
        """Of a card that another process made; where there is none, it was refused for good."""
        try:
            told = await self._calls.call(
                "POST", "cardkit/v1/cards/id_convert", {"message_id": message}
            )
        except FeishuRefused as error:
            log.info("no card of %s: %s", message, error)
            raise refusal from error
        self.shown(message, str(told["card_id"]))
        return self._made[message]
