"""Does a message lean on what was said before? Wording only: links, pointers, ellipsis."""

import math
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bot.services.language import HAN
from bot.services.spelling import normalise

_READ_CHARS = 200  # a longer message says for itself what it is about
_MANY_WORDS = 10
# Log-odds that a message needs the turns before; from `python -m evals.fit_follow_ups`.
_BIAS, _LEANING, _WORD = 1.66, 4.09, -0.5
_HAN = re.compile(f"[{HAN}]")


class FollowUpDetector:
    def __init__(self, books: Mapping[str, Mapping[str, Any]]) -> None:
        self._english, self._chinese = (_Wording(books[name]) for name in ("en", "zh"))

    @classmethod
    @cache
    def load(cls) -> "FollowUpDetector":
        source = files("bot.services").joinpath("followups.toml")
        return cls(tomllib.loads(source.read_text("utf-8")))

    def leans(self, text: str) -> bool:
        """Whether the message, its courtesies taken off, is hard to understand alone."""
        plain, wording = self._read(text)
        return len(text) <= _READ_CHARS and wording.leans(plain)

    def reliance(self, text: str) -> float:
        """Probability that the message needs the turns before, 0..1: one of few words may well do
        so whatever they are. 0 for what says that it is about something else."""
        plain, wording = self._read(text)
        if len(text) > _READ_CHARS or wording.changes_topic(plain):
            return 0.0
        evidence = _BIAS + _LEANING * wording.leans(plain) + _WORD * self.words(text)
        return 1 / (1 + math.exp(-evidence))

    def words(self, text: str) -> float:
        """Of content, 0..10; a Chinese character counts as half a word."""
        plain, wording = self._read(text)
        return min(wording.words(plain), _MANY_WORDS)

    def _read(self, text: str) -> tuple[str, "_Wording"]:
        plain = normalise(text[: _READ_CHARS + 1]).strip(" ,.!?。;:…~")
        return plain, self._chinese if _HAN.search(plain) else self._english


class _Wording:
    """Of one language. A unit is a word, or a Chinese character; content is no stop word."""

    def __init__(self, book: Mapping[str, Any]) -> None:
        stop = "|".join(sorted(book["stop"], key=len, reverse=True))
        self._units = re.compile(book["unit"])
        self._content_units = re.compile(f"(?:{stop}){book['stop_end']}|({book['unit']})")
        self._units_a_word: int = book["units_a_word"]
        self._most_before_pointer: int = book["most_before_pointer"]
        self._few: int = book["few"]
        self._fewest: int = book["fewest"]
        (
            self._switches,
            self._continues,
            self._fragments,
            self._points,
            self._points_anywhere,
            self._not_pointing,
        ) = (
            re.compile("|".join(book[name]))
            for name in (
                "switches",
                "continues",
                "fragments",
                "points",
                "points_anywhere",
                "not_pointing",
            )
        )

    def leans(self, text: str) -> bool:
        rest = self._switches.sub("", text, count=1)
        return (
            self._continues.match(rest) is not None
            or self._points_anywhere.search(rest) is not None
            or self._is_elliptic(rest)
            or self._is_pointing(rest)
        )

    def changes_topic(self, text: str) -> bool:
        return self._switches.match(text) is not None and not self.leans(text)

    def words(self, text: str) -> float:
        return self._content(text) / self._units_a_word

    def _is_elliptic(self, text: str) -> bool:
        units, content = len(self._units.findall(text)), self._content(text)
        if content == 0:
            return units <= self._few
        return content == 1 and units <= self._fewest and bool(self._fragments.match(text))

    def _is_pointing(self, text: str) -> bool:
        pointer = self._points.search(self._not_pointing.sub(_blank, text))
        return pointer is not None and (
            self._content(text[: pointer.start()]) <= self._most_before_pointer
        )

    def _content(self, text: str) -> int:
        return sum(match[1] is not None for match in self._content_units.finditer(text))


def _blank(match: re.Match[str]) -> str:
    """As long as what it replaces: positions stay comparable."""
    return "_" * len(match[0])
