"""Of a program that shows nothing beside the posts: that the bot is at it, the post itself says."""

from bot.channels.chat.place import Place
from bot.domain.conversation import Locale


class NoSigns:
    async def begin(self, place: Place, question: str, locale: Locale) -> None:
        return None

    async def end(self, place: Place) -> None:
        return None
