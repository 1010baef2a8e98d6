"""Does a message of somebody upset say nothing beyond that? Then there is nothing to look up."""

import re
import tomllib
from importlib.resources import files

from bot.services.tone_signals import ToneSignals

_LATIN = re.compile(r"[a-z']+")
_WORD = re.compile(r"\w")


class Complaints:
    """By what is left beside the signals of tone and the words of a conversation about itself
    (`complaints.toml`)."""

    def __init__(self, book: dict[str, str], signals: ToneSignals) -> None:
        self._signals = signals
        self._english = frozenset(book["en"].split())
        longest_first = sorted(book["zh"].split(), key=len, reverse=True)
        self._chinese = re.compile("|".join(longest_first))

    @classmethod
    def load(cls, signals: ToneSignals) -> "Complaints":
        book = files("bot.services").joinpath("complaints.toml").read_text("utf-8")
        return cls(tomllib.loads(book), signals)

    def is_all(self, spoken: str) -> bool:
        """Of a message whose customer is known not to be calm."""
        read, covered = self._signals.displeasure(spoken)
        for pattern in (_LATIN, self._chinese):
            for match in pattern.finditer(read):
                if pattern is self._chinese or match[0] in self._english:
                    covered.update(range(*match.span()))
        return all(match.start() in covered for match in _WORD.finditer(read))
