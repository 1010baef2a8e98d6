"""Who reads internal articles: whoever writes in a channel that is marked so."""

from collections.abc import Collection

from bot.domain.conversation import Conversation
from bot.ports import ThreadStore


async def hold_to_channel(
    store: ThreadStore, conversation: Conversation, channel: str, internal: Collection[str]
) -> None:
    """A conversation that goes on in another channel, or in one that is marked no more, is public
    from then on: its asker may have left those who read internal articles. Raises StoreError."""
    if conversation.internal and channel not in internal:
        await store.make_public(conversation.id)
