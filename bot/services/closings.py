"""Messages by which a customer asks for nothing more: whoever has the ticket owes no answer."""

import re

from bot.domain.conversation import Author, Message
from bot.ports import Store
from bot.services.intents import SmallTalk
from bot.services.language import clean, simplify

_CLOSING = frozenset({"thanks", "farewell"})
_TAKING_UP = frozenset({"acknowledgement", "assent"})  # also what was asked
_CHARACTERS = 80  # thanks that are longer tell something besides
_ASKS = re.compile(r"[?？]|[吗呢]\s*[。.!！~～]*\s*$")


class Closings:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._small_talk = SmallTalk.load()

    async def closes(self, message: Message) -> bool:
        """A thank you or a goodbye and nothing more; "ok, thanks" to what an agent asked is a yes.

        Raises StoreError.
        """
        if message.wants_human or len(message.text) > _CHARACTERS:
            return False
        said = self._small_talk.read(simplify(clean(message.text))).courtesies
        if not said & _CLOSING or said - _CLOSING - _TAKING_UP:
            return False
        return said <= _CLOSING or not await self._was_asked(message.conversation)

    async def _was_asked(self, conversation_id: str) -> bool:
        messages = await self._store.messages(conversation_id)
        told = (message.text for message in reversed(messages) if message.author is Author.AGENT)
        return _ASKS.search(next(told, "")) is not None
