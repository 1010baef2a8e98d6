"""Chinese characters that were taken for others of the same sound, as input methods let happen.

A noisy channel: a question may have said what the articles say, where that is so much likelier a
text that an error is the better explanation.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from ingest.lexical import STOP_BIGRAMS, LexicalIndex, fold
from ingest.sounds import sound

COST = 9.0  # log-likelihood that each changed character has to gain
LONGEST = 4  # characters of a word
REACH = 3  # characters on either side that may be a word with a pair
NAMED = -12.0  # log-probability of what glossaries name and the vocabulary has not
UNHEARD = -16.0  # of a character that neither has

_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")


class Reading(NamedTuple):
    gain: float
    start: int
    pair: str


class Homophones:
    def __init__(
        self, articles: LexicalIndex, words: Mapping[str, float], names: Iterable[str] = ()
    ) -> None:
        """`words` have their log-probabilities; without any nothing is corrected."""
        self._articles = articles
        self._words = {**dict.fromkeys(map(fold, names), NAMED), **words} if words else {}

    def correct(self, text: str) -> str:
        return _RUN.sub(lambda match: self._correct(match[0]), text) if self._words else text

    def _correct(self, run: str) -> str:
        plain = fold(run)
        corrected, changed = plain, set[int]()
        for _, start, pair in sorted(self._readings(plain), reverse=True):
            if not changed & {start, start + 1}:
                changed |= {start, start + 1}
                corrected = corrected[:start] + pair + corrected[start + 2 :]
        return corrected if changed else run

    def _readings(self, run: str) -> Iterator[Reading]:
        for start in range(len(run) - 1):
            pair = run[start : start + 2]
            if pair in STOP_BIGRAMS or pair in self._articles:
                continue
            for other in self._by_sound.get(_sound(pair), ()):
                gain = self._gain(run, start, other)
                if gain > 0:
                    yield Reading(gain, start, other)

    def _gain(self, run: str, start: int, pair: str) -> float:
        before, after = run[max(start - REACH, 0) : start], run[start + 2 : start + 2 + REACH]
        said = run[start : start + 2]
        errors = sum(one != other for one, other in zip(said, pair, strict=True))
        gain = self._likelihood(before + pair + after) - self._likelihood(before + said + after)
        return gain - COST * errors

    def _likelihood(self, text: str) -> float:
        """Of its likeliest division into words."""
        best = [0.0]
        for end in range(1, len(text) + 1):
            single = best[-1] + self._words.get(text[end - 1], UNHEARD)
            longer = (
                best[start] + self._words[text[start:end]]
                for start in range(max(end - LONGEST, 0), end - 1)
                if text[start:end] in self._words
            )
            best.append(max(single, max(longer, default=single)))
        return best[-1]

    @cached_property
    def _by_sound(self) -> Mapping[tuple[str, ...], list[str]]:
        """Words of the language that the articles use, by how they sound."""
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for word in self._words:
            if len(word) == 2 and word in self._articles:
                found[_sound(word)].append(word)
        return dict(found)


def _sound(text: str) -> tuple[str, ...]:
    return tuple(map(sound, text))
