"""Questions with a typing error in them: a slip of the keyboard in one English word, or one Chinese
character that sounds like the right one, which is how an input method gets it wrong."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from random import Random

from bot.adapters.snapshot_strangeness import PLAIN_WORDS
from evals.cases import Collection
from ingest.lexical import STOP_BIGRAMS, STOP_WORDS
from ingest.sounds import sound

# A word of letters alone: no part of an address, a name with digits or a contraction.
_WORD = re.compile(r"(?<![\w'’.@/=-])[A-Za-z]{5,}(?![\w@/=-]|['’.:]\w|://)")
_PAIR = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def mistyped(collection: Collection) -> Collection:
    """Every question in which something can be mistyped, the same each time."""
    texts = [mistype(case.query, Random(case.id)) for case in collection.cases]  # noqa: S311
    cases = zip(collection.cases, texts, strict=True)
    return replace(
        collection,
        name=f"mistyped_{collection.name}",
        dataset=f"mistyped_{collection.dataset or collection.name}",
        cases=tuple(replace(case, query=text) for case, text in cases if text != case.query),
    )


def mistype(text: str, random: Random) -> str:
    """With one error in a word that carries a topic; as it was where there is none."""
    places = [*_words(text), *_pairs(text)]
    random.shuffle(places)
    for start, end in places:
        right = text[start:end]
        wrong = _slip(right, random) if right.isascii() else _sound_alike(right, random)
        if wrong != right:
            return text[:start] + wrong + text[end:]
    return text


def _words(text: str) -> Iterator[tuple[int, int]]:
    for match in _WORD.finditer(text):
        if match[0].lower() not in STOP_WORDS | PLAIN_WORDS:
            yield match.span()


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    return (m.span(1) for m in _PAIR.finditer(text) if m[1] not in STOP_BIGRAMS)


def _slip(word: str, random: Random) -> str:
    """The first letter is hardly ever the wrong one."""
    at = random.randrange(1, len(word))
    return random.choice(_SLIPS)(word, at, random)


def _swap(word: str, at: int, random: Random) -> str:
    at = min(at, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _drop(word: str, at: int, random: Random) -> str:
    return word[:at] + word[at + 1 :]


def _double(word: str, at: int, random: Random) -> str:
    return word[:at] + word[at] + word[at:]


def _miss(word: str, at: int, random: Random) -> str:
    return word[:at] + random.choice(_neighbours()[word[at].lower()]) + word[at + 1 :]


_SLIPS: tuple[Callable[[str, int, Random], str], ...] = (_swap, _drop, _double, _miss)


@cache
def _neighbours() -> Mapping[str, str]:
    """The keys beside each key, and above and below it."""
    found: dict[str, str] = defaultdict(str)
    for row in _ROWS:
        for left, right in pairwise(row):
            found[left] += right
            found[right] += left
    for upper, lower in pairwise(_ROWS):
        for above, below in zip(upper, lower, strict=False):
            found[above] += below
            found[below] += above
    return found


def _sound_alike(pair: str, random: Random) -> str:
    at = random.randrange(2)
    others = [c for c in _common_characters().get(sound(pair[at]), "") if c != pair[at]]
    return pair[:at] + random.choice(others) + pair[at + 1 :] if others else pair


@cache
def _common_characters() -> Mapping[str, str]:
    """By sound without its tone: the 3,755 characters of the first level of GB 2312."""
    found: dict[str, str] = defaultdict(str)
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            character = bytes((row, cell)).decode("gb2312", "ignore")
            if character:
                found[sound(character)] += character
    return found
