"""Does a message ask what only somebody who can look into the asker's account knows?"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from bot.services.language import HAN
from bot.services.patterns import join
from bot.services.spelling import Spelling, normalise, without_quotes

_HAN = re.compile(f"[{HAN}]")
_READ_CHARS = 240  # a longer message tells a story, and articles are looked through for it


class AccountQuestions:
    """By wording (`accounts.toml`): what was done, happened or stands in one account.

    How something is done, where it is shown and what is the rule stands in articles: a message that
    asks for that as well is none of these.
    """

    def __init__(self, book: Mapping[str, Any]) -> None:
        self._spelling = Spelling(**book["spelling"])
        self._english, self._chinese = _Patterns(book["en"]), _Patterns(book["zh"])

    @classmethod
    @cache
    def load(cls) -> "AccountQuestions":
        return cls(
            tomllib.loads(files("bot.services").joinpath("accounts.toml").read_text("utf-8"))
        )

    def kind(self, text: str) -> str | None:
        """The name of the pattern that tells; None for a question that articles may answer."""
        if len(text) > _READ_CHARS:
            return None
        spoken = self._spelling.correct(normalise(without_quotes(text)))
        patterns = self._chinese if _HAN.search(spoken) else self._english
        return patterns.kind(spoken)


class _Patterns:
    """Of one language."""

    def __init__(self, book: Mapping[str, Any]) -> None:
        words: Mapping[str, Sequence[str]] = book["words"]
        self._general = re.compile(join(book["general"], words))
        self._asks = {kind: re.compile(join(asks, words)) for kind, asks in book["asks"].items()}

    def kind(self, spoken: str) -> str | None:
        kind = next((name for name, asks in self._asks.items() if asks.search(spoken)), None)
        return None if kind is None or self._general.search(spoken) else kind
