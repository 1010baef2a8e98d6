"""Conversations that only their asker sees, where a program has such."""

from collections.abc import Sequence
from typing import Protocol

from bot.channels.chat.place import Place
from bot.channels.chat.sheet import Sheet
from bot.domain.conversation import Conversation, Message
from bot.domain.inbound import InboundEvent
from bot.domain.reply import Reply


class Unseen(Protocol):
    """Raises DeskUnavailable, DeskRefused, StoreError."""

    async def tell(
        self, conversation: Conversation, key: str, sheet: Sheet, reply: Reply | None
    ) -> bool:
        """Where only the asker sees it. False where it has to stand somewhere."""
        ...

    async def open(self, conversation: Conversation, history: Sequence[Message]) -> Place:
        """Where it goes on between the two, begun with what was asked."""
        ...

    async def home(self, conversation: Conversation) -> Place | None:
        """Where it goes on already."""
        ...

    async def clicked(self, conversation: Conversation, event: InboundEvent) -> None:
        """Something was chosen below what only the asker sees; what it answers is seen there."""
        ...
