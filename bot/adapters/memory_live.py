"""Conversations that the bot has, in the store that keeps nothing."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.conversation import Author, Conversation, ConversationStatus, Message
from bot.domain.customer import Customer
from bot.domain.live_conversation import LiveConversation


class MemoryLive:
    _conversations: dict[str, Conversation]
    _customers: dict[str, Customer]
    _messages: dict[str, list[Message]]

    async def with_bot(self, since: datetime, limit: int) -> Sequence[LiveConversation]:
        found = [
            LiveConversation(one, self._customers.get(one.customer or ""), said[-1])
            for one in self._conversations.values()
            if one.status is ConversationStatus.PENDING
            and (said := [m for m in self._messages[one.id] if m.author is not Author.SYSTEM])
            and said[-1].created_at >= since
        ]
        found.sort(key=lambda one: (-one.last.created_at.timestamp(), one.conversation.id))
        return tuple(found[:limit])
