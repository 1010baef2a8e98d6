"""What is known of chats and of the bot itself, asked once."""

import logging
from collections.abc import Collection

from bot.channels.feishu.calls import Calls, path
from bot.channels.feishu.events import PRIVATE
from bot.domain.outbox import DeskRefused, DeskUnavailable

log = logging.getLogger(__name__)

MOST_KNOWN = 10_000


class Chats:
    def __init__(self, calls: Calls, groups: Collection[str] = ()) -> None:
        """`groups`: those that are known to be such."""
        self._calls = calls
        self._groups = frozenset(groups)
        self._private: dict[str, bool] = {}
        self._colleagues: set[str] = set()
        self._bot = ""

    def learn(self, chat: str, *, is_private: bool) -> None:
        if len(self._private) >= MOST_KNOWN:
            self._private.clear()
        self._private[chat] = is_private

    def meet(self, user: str, *, is_colleague: bool) -> None:
        """Somebody who wrote or clicked, and whether they are of the app's own company."""
        if len(self._colleagues) >= MOST_KNOWN:
            self._colleagues.clear()
        (self._colleagues.add if is_colleague else self._colleagues.discard)(user)

    def is_colleague(self, user: str) -> bool:
        return user in self._colleagues

    async def is_private(self, chat: str) -> bool:
        """Between one person and the bot; taken for one where Feishu does not say."""
        if chat in self._groups:
            return False
        if chat not in self._private:
            try:
                told = await self._calls.call("GET", path("im/v1/chats", chat))
            except (DeskUnavailable, DeskRefused) as error:
                # In groups all stands in threads, but for those that are known.
                log.warning("taken for a private chat: %s: %s", chat, error)
                return True
            self.learn(chat, is_private=told.get("chat_mode") == PRIVATE)
        return self._private[chat]

    async def bot_user(self) -> str:
        """Its open_id. Raises DeskUnavailable, DeskRefused."""
        if not self._bot:
            told = await self._calls.call("GET", "bot/v3/info")
            self._bot = str((told.get("bot") or told).get("open_id") or "")
        return self._bot
