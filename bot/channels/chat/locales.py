"""Which language somebody writes in."""

from bot.domain.conversation import Locale


def locale_of(text: str, default: Locale) -> Locale:
    """A guess, for words that stand beside the text or only for a moment."""
    if any("\u4e00" <= character <= "\u9fff" for character in text):
        return Locale.ZH
    latin = any(character.isascii() and character.isalpha() for character in text)
    return Locale.EN if latin else default
