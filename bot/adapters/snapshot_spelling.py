"""Typing errors of a question, put right by the words of the articles.

Only what stands in no article is looked at, and of that only what is no word of the language: a
question about another subject is left as it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from string import ascii_lowercase

from bot.adapters.snapshot_strangeness import PLAIN_WORDS
from ingest.lexical import STOP_WORDS, LexicalIndex, tokenise

# A word of 5 to 20 letters: a shorter one is one slip away from too many others, a longer one is no
# word. No part of an address or of a name with digits, and no name with capitals inside.
_LETTER = r"[^\W\u3400-\u9fff]"  # Chinese characters stand beside a word, as spaces do
_WORD = re.compile(
    rf"(?<!{_LETTER}|['’.@/=&#-])(?:[A-Za-z][a-z]{{4,19}}|[A-Z]{{5,20}})"
    rf"(?!{_LETTER}|[@/=-]|['’.:]{_LETTER}|://)"
)

# What makes another word of a word, which then stands in no vocabulary: `unblock` is no `unlock`.
_PREFIX = re.compile(r"^(?:un|re|pre|non|mis|dis|over|under|multi|auto)(?=[a-z]{4})")

Knows = Callable[[str], bool]  # whether any article uses a term, or another term for the same


class EnglishSpelling:
    def __init__(self, articles: LexicalIndex, knows: Knows, english: Mapping[str, int]) -> None:
        """`articles` are indexed by unstemmed words; `english` has the rank of a word."""
        self._articles = articles
        self._knows = knows
        self._english = english

    def correct(self, text: str) -> str:
        return _WORD.sub(lambda match: self._correct(match[0]), text)

    def _correct(self, word: str) -> str:
        plain = word.lower()
        if not self._english or self._is_right(plain):
            return word
        slips = set(_slips(plain))
        if rarity := self._articles.idf(slips):
            return min(sorted(rarity), key=rarity.__getitem__)
        # In another form than the articles have it.
        meant = [slip for slip in slips & self._english.keys() if self._is_known(slip)]
        return min(meant, key=self._english.__getitem__, default=word)

    def _is_right(self, word: str) -> bool:
        is_plain = word in STOP_WORDS or word in PLAIN_WORDS
        is_english = word in self._english or _PREFIX.sub("", word) in self._english
        return is_plain or is_english or word in self._articles or self._is_known(word)

    def _is_known(self, word: str) -> bool:
        terms = tokenise(word)
        return bool(terms) and all(map(self._knows, terms))


def _slips(word: str) -> Iterator[str]:
    """What it could have been: a letter is too few, too many or wrong, or two have changed places.
    The first letter is hardly ever the wrong one."""
    for at in range(1, len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (before + letter + after for letter in ascii_lowercase)
        yield from (before + letter + after[1:] for letter in ascii_lowercase if after)
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
