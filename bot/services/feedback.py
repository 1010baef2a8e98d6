"""Thumbs up and down on the bot's messages."""

from collections.abc import Callable

from bot.domain.conversation import Author, Message
from bot.domain.feedback import Feedback, Rating
from bot.ports import Store


class FeedbackCollector:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._observers: list[Callable[[Rating], None]] = []

    def observe(self, observer: Callable[[Rating], None]) -> None:
        """Called with each new or changed rating; a comment added to the same one is no other."""
        self._observers.append(observer)

    async def collect(self, message: Message, rating: Rating, comment: str | None = None) -> bool:
        """Replaces what was given before; False for what the bot did not say. Raises StoreError."""
        if message.author is not Author.BOT:
            return False
        former = (await self._store.feedback([message.id])).get(message.id)
        await self._store.save_feedback(Feedback(message.id, rating, comment))
        if former is None or former.rating is not rating:
            for observer in self._observers:
                observer(rating)
        return True
