"""How much of a question is in words that no article uses: then it is about another subject."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from ingest.lexical import STOP_BIGRAMS, STOP_WORDS, WORD, fold, is_chinese, tokenise

_CHARACTER = 0.5  # of a word
_SHORTEST = 2  # characters of a Chinese word; one alone is a particle, or between two words

# What says nothing of a subject, and is not strange where articles happen not to say it.
_PLAIN = """
about again all already also always any anyone anything back best better bit both come each else
enough even ever every everyone everything few find first get give go going good got happen help
keep know last least less let like long lot made make many may maybe me might mine more most much
must need never new next no nobody none nothing now off ok old once one only other out over own
please possible put really right same say says see seem should show some somebody someone something
sometimes still stuff such take tell than their them then they thing things think too try two under
until up us use used using very via want way well went whole work works yes yet yourself
"""
PLAIN_WORDS = frozenset(_PLAIN.split())

Knows = Callable[[str], bool]  # whether any article uses a term


def strange_share(text: str, knows: Knows) -> float:
    """Of the words that carry a topic, 0..1; numbers count for nothing."""
    strange = known = 0.0
    for match in WORD.finditer(fold(text)):
        word = match[0].removesuffix("'s").removesuffix("’s")
        if is_chinese(word):
            new, old = _characters(word, knows)
            strange += _CHARACTER * new
            known += _CHARACTER * old
        elif word not in STOP_WORDS and not word.isdigit():
            if all(map(knows, tokenise(word))):
                known += 1
            elif word not in PLAIN_WORDS:
                strange += 1
    return strange / (strange + known) if strange else 0.0


def _characters(run: str, knows: Knows) -> tuple[int, int]:
    """How many are in words that are not known, and in words that are. No border between words is
    written: what stands in a known pair belongs to it, and what is left over to no known word."""
    pairs = [run[start : start + 2] for start in range(len(run) - 1)]
    asking, known = (
        _covered(pair in STOP_BIGRAMS for pair in pairs),
        _covered(pair not in STOP_BIGRAMS and knows(pair) for pair in pairs),
    )
    strange = [len(gap) for gap in _gaps(len(run), asking | known) if len(gap) >= _SHORTEST]
    return sum(strange), len(known - asking)


def _covered(chosen: Iterator[bool]) -> set[int]:
    return {place for start, is_in in enumerate(chosen) if is_in for place in (start, start + 1)}


def _gaps(length: int, covered: set[int]) -> Iterator[range]:
    borders = [-1, *sorted(covered), length]
    for left, right in pairwise(borders):
        yield range(left + 1, right)
