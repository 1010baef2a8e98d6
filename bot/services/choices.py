"""The options that the bot has just named, and which of them a message picks."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from bot.domain.conversation import Message, Outcome
from bot.services.language import clean, simplify

_OPTION = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.+?)\s*$", re.MULTILINE)
_READ_CHARS = 60  # a longer message does more than pick


class Choices:
    def __init__(self, books: Mapping[str, Mapping[str, Any]]) -> None:
        self._places = [list(_patterns(book, book["places"])) for book in books.values()]
        self._last = [next(_patterns(book, [book["last"]])) for book in books.values()]

    @classmethod
    @cache
    def load(cls) -> "Choices":
        source = files("bot.services").joinpath("choices.toml")
        return cls(tomllib.loads(source.read_text("utf-8")))

    def picked(self, text: str, options: Sequence[str]) -> str:
        """The option in that place; empty where none is named so."""
        if len(text) > _READ_CHARS or not options:
            return ""
        plain = simplify(unicodedata.normalize("NFKC", text)).lower()
        for places in self._places:
            for option, place in zip(options, places, strict=False):
                if place.fullmatch(plain):
                    return option
        return options[-1] if any(last.fullmatch(plain) for last in self._last) else ""


def offered(history: Sequence[Message]) -> tuple[str, ...]:
    """What the bot has just asked to choose from."""
    if not history or history[-1].outcome is not Outcome.CLARIFIED:
        return ()
    return tuple(_OPTION.findall(history[-1].text))


def names_one(text: str, options: Sequence[str]) -> bool:
    """Whether it says what stands in one of them."""
    named = clean(text).casefold()
    return any(named in option.casefold() for option in options)


def _patterns(book: Mapping[str, Any], places: Sequence[str]) -> Iterator[re.Pattern[str]]:
    for place in places:
        end = r"(?!\w)" if place.isascii() else ""
        yield re.compile(rf"\W*(?:{book['before']})*{place}{end}(?:{book['after']})*\W*")
