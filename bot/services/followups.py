"""Does a message lean on what was said before? Wording only: links, pointers, ellipsis."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files

from bot.services.language import HAN
from bot.services.spelling import normalise

_READ_CHARS = 200  # a longer message says for itself what it is about
_ENGLISH_WORD = re.compile(r"[a-z0-9][a-z0-9'._-]*")
_HAN = re.compile(f"[{HAN}]")


class FollowUpDetector:
    def __init__(self, book: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._english = _English(book["en"])
        self._chinese = _Chinese(book["zh"])

    @classmethod
    def load(cls) -> "FollowUpDetector":
        source = files("bot.services").joinpath("followups.toml")
        return cls(tomllib.loads(source.read_text("utf-8")))

    def leans(self, text: str) -> bool:
        """Whether the message, its courtesies taken off, is hard to understand alone."""
        if len(text) > _READ_CHARS:
            return False
        plain = normalise(text).strip(" ,.!?。;:…~")
        return self._chinese.leans(plain) if _HAN.search(plain) else self._english.leans(plain)


class _English:
    MOST_BEFORE_POINTER = 1  # content words; after two the pointer has something to point at
    FEW_WORDS, FEWEST_WORDS = 6, 3

    def __init__(self, book: Mapping[str, Sequence[str]]) -> None:
        self._stop = frozenset(book["stop"])
        (
            self._continues,
            self._fragments,
            self._points,
            self._points_anywhere,
            self._not_pointing,
        ) = (
            re.compile("|".join(book[name]))
            for name in ("continues", "fragments", "points", "points_anywhere", "not_pointing")
        )

    def leans(self, text: str) -> bool:
        return (
            self._continues.match(text) is not None
            or self._points_anywhere.search(text) is not None
            or self._is_elliptic(text)
            or self._is_pointing(text)
        )

    def _is_elliptic(self, text: str) -> bool:
        words, content = len(_ENGLISH_WORD.findall(text)), self._content(text)
        if content == 0:
            return words <= self.FEW_WORDS
        return content == 1 and words <= self.FEWEST_WORDS and bool(self._fragments.match(text))

    def _is_pointing(self, text: str) -> bool:
        pointer = self._points.search(self._not_pointing.sub(_blank, text))
        return pointer is not None and (
            self._content(text[: pointer.start()]) <= self.MOST_BEFORE_POINTER
        )

    def _content(self, text: str) -> int:
        return sum(word not in self._stop for word in _ENGLISH_WORD.findall(text))


class _Chinese:
    MOST_BEFORE_POINTER = 3  # characters of content
    MOST_ELLIPTIC = 1
    FEW_CHARS = 9

    def __init__(self, book: Mapping[str, Sequence[str]]) -> None:
        self._continues, self._points, self._points_anywhere, self._not_pointing = (
            re.compile("|".join(book[name]))
            for name in ("continues", "points", "points_anywhere", "not_pointing")
        )
        self._stop = re.compile("|".join(sorted(book["stop"], key=len, reverse=True)))

    def leans(self, text: str) -> bool:
        return (
            self._continues.match(text) is not None
            or self._points_anywhere.search(text) is not None
            or self._is_elliptic(text)
            or self._is_pointing(text)
        )

    def _is_elliptic(self, text: str) -> bool:
        return len(text) <= self.FEW_CHARS and self._content(text) <= self.MOST_ELLIPTIC

    def _is_pointing(self, text: str) -> bool:
        pointer = self._points.search(self._not_pointing.sub(_blank, text))
        return pointer is not None and (
            self._content(text[: pointer.start()]) <= self.MOST_BEFORE_POINTER
        )

    def _content(self, text: str) -> int:
        return len(re.findall(r"\w", self._stop.sub("", text)))


def _blank(match: re.Match[str]) -> str:
    """As long as what it replaces: positions stay comparable."""
    return "_" * len(match[0])
