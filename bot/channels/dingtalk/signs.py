"""That the bot is at it: DingTalk has no such sign beside posts."""

from bot.channels.chat.place import Place
from bot.domain.conversation import Locale


class NoSigns:
    async def begin(self, place: Place, question: str, locale: Locale) -> None:
        return None

    async def end(self, place: Place) -> None:
        return None
