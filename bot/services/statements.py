"""What a text says, statement by statement, in tokens that can be compared."""

import itertools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from bot.domain.text import strip_links
from bot.services import facts, wording
from bot.services.language import HAN, simplify

_BOOK = tomllib.loads(files("bot.services").joinpath("statements.toml").read_text("utf-8"))
_TOKEN = re.compile(rf"[a-z\u00c0-\u024f]+|[{HAN}]|(?<![\d.,])\d{{1,3}}(?![\d.,]*\d)")
_STATEMENT = re.compile(r"\n+|(?<=[。！？；])|(?<=[.!?])(?=\s)")
_MARKS = re.compile(
    r"[*`#>]|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])|^\s*(?:[-+]|\d+[.)])\s+", re.MULTILINE
)
_ADDRESS = re.compile(r"https?://[!-~]+|[\w.+-]+@[\w.-]+")  # compared as a fact
_NOT = re.compile(r"n't\b|(?<=\bcan)not\b")
_HAN_NEGATION = re.compile("[不没无未](?:有|能|会|需|可|要)?")  # looked at apart
# "Important" has the stem of "import", which says a lot.
FUNCTION_WORDS = wording.STOP | frozenset(map(wording.stem, wording.STOP - {"important"}))
_GENERIC = frozenset(map(wording.stem, _BOOK["en"]["generic"].split())) | facts.UNITS
_SAME = {
    wording.stem(word): wording.stem(line.split()[0])
    for line in _BOOK["en"]["same"].strip().splitlines()
    for word in line.split()
}
_HAN_SAME = {
    word: line.split()[0]
    for line in _BOOK["zh"]["same"].strip().splitlines()
    for word in line.split()[1:]
}
_HAN_SAID_ALIKE = re.compile("|".join(sorted(_HAN_SAME, key=len, reverse=True)))
_HAN_GENERIC = re.compile("|".join(sorted(_BOOK["zh"]["generic"].split(), key=len, reverse=True)))


@dataclass(frozen=True)
class Statement:
    """A sentence, an item or a row of a source, in tokens: stems and single Han characters."""

    text: str

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return tokens(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Stems, and pairs of Han characters with the characters alone."""
        return frozenset(_units(self.tokens))

    @cached_property
    def clauses(self) -> tuple[wording.Clause, ...]:
        return wording.clauses(self.text)

    @cached_property
    def facts(self) -> frozenset[facts.Fact]:
        return facts.known(self.text)


@dataclass(frozen=True, slots=True)
class Source:
    statements: tuple[Statement, ...]
    context: Statement  # title and headings, which every statement stands under

    @classmethod
    def of(cls, text: str, headings: Iterable[str]) -> "Source":
        parts = (part.strip() for part in _STATEMENT.split(_MARKS.sub("", strip_links(text))))
        statements = tuple(Statement(part) for part in parts if part)
        return cls(statements, Statement("\n".join(headings)))


def tokens(text: str) -> tuple[str, ...]:
    """In order; words of one meaning are the same token."""
    stems = map(wording.stem, _TOKEN.findall(fold(text)))
    return tuple(_SAME.get(stem, stem) for stem in stems)


def fold(text: str) -> str:
    """Small letters, Simplified characters, figures for spelled numbers, one word a meaning."""
    plain = unicodedata.normalize("NFKC", _MARKS.sub("", text)).casefold().replace("’", "'")
    plain = _ADDRESS.sub(" ", plain).replace("can't", "cannot").replace("'s", "")
    plain = _NOT.sub(" not", plain)
    plain = facts.write_figures(simplify(plain))
    return _HAN_SAID_ALIKE.sub(lambda m: _HAN_SAME[m[0]], plain)


def _units(sequence: Sequence[str]) -> set[str]:
    pairs = {a + b for a, b in itertools.pairwise(sequence) if is_han(a + b)}
    return {*sequence, *pairs}


def is_han(text: str) -> bool:
    return not text.isascii() and text[0] >= "\u3400"


def telling(text: str) -> str:
    """Without the Chinese words that tell nothing."""
    spoken = _HAN_GENERIC.sub("\n", _HAN_NEGATION.sub("\n", text))
    return wording.without_function_words(spoken)


def says_something(unit: str) -> bool:
    return (
        unit not in FUNCTION_WORDS and unit not in _GENERIC and (len(unit) > 1 or unit.isdecimal())
    )
