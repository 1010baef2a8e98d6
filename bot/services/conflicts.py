"""Two articles that state different values of one thing, or the opposite of each other."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product

from bot.domain.knowledge import Conflict, Passage, Quote
from bot.services.facts import stated
from bot.services.wording import Wording, content_words

RIVAL = 0.3  # share of the first passage's score that the other article's must reach
AS_NEAR = 0.1  # relevance below the best sentence that either sentence may have
ALIKE = 0.6  # shared words of all the words of two sentences that speak of one thing
OPPOSED = 0.8  # the same of two clauses, one of which denies the other
FEWEST_SHARED = 2
FEWEST_OPPOSED = 3
RUNNING = ("paragraph", "quote", "list")  # a table's row says little without its head

# Units of one dimension are compared in the smallest of them; months have no fixed length.
_IN_SMALLEST = {
    "second": ("second", 1),
    "minute": ("second", 60),
    "hour": ("second", 3_600),
    "day": ("second", 86_400),
    "week": ("second", 604_800),
    "kb": ("kb", 1),
    "mb": ("kb", 1_024),
    "gb": ("kb", 1_048_576),
    "tb": ("kb", 1_073_741_824),
}
_NAME = re.compile(r"(?<![\w'])[A-Z][\w-]+")
_EDITION = re.compile(r"[\u4e00-\u9fff]{1,3}版")


def find_conflict(passages: Sequence[Passage]) -> Conflict | None:
    """Among the sentences nearest to the question; `passages` are best first."""
    if not passages:
        return None
    first, *others = passages
    near = _best(first) - AS_NEAR
    for other in others:
        if (
            other.path == first.path
            or other.locale is not first.locale
            or other.score < RIVAL * first.score
        ):
            continue
        for one, two in product(_near(first, near), _near(other, near)):
            if disagree(one.sentence, two.sentence):
                return Conflict(one, two)
    return None


def disagree(one: str, two: str) -> bool:
    """Both speak of the same thing, and at most one of them can be right."""
    return _has_same_names(one, two) and (_differ_in_number(one, two) or _oppose(one, two))


def _best(passage: Passage) -> float:
    return max((s.relevance for block in passage.blocks for s in block.sentences), default=0.0)


def _near(passage: Passage, relevance: float) -> Iterator[Quote]:
    for block in passage.blocks:
        if block.kind in RUNNING:
            for sentence in block.sentences:
                if sentence.relevance >= relevance and not sentence.text.endswith(("?", "？")):
                    yield Quote(passage, sentence.text)


def _has_same_names(one: str, two: str) -> bool:
    """What holds for one plan or place need not hold for another."""
    if set(_EDITION.findall(one)) != set(_EDITION.findall(two)):
        return False
    words, others = set(content_words(one)), set(content_words(two))
    named = set(content_words(" ".join(_NAME.findall(f"{one}\n{two}"))))
    return named.isdisjoint(words ^ others)


def _differ_in_number(one: str, two: str) -> bool:
    """One number of a unit in each, not the same one, and hardly another word."""
    ours, theirs = _numbers(one), _numbers(two)
    differing = [
        unit
        for unit in ours.keys() & theirs.keys()
        if len(ours[unit]) == len(theirs[unit]) == 1 and ours[unit] != theirs[unit]
    ]
    agreeing = [unit for unit in ours.keys() & theirs.keys() if ours[unit] == theirs[unit]]
    if not differing or agreeing:
        return False
    return _alike(frozenset(content_words(one)), frozenset(content_words(two)), ALIKE)


def _numbers(text: str) -> dict[str, set[Decimal]]:
    """Values by unit; no unit is one too. A version (2.3.1) is no value."""
    values: dict[str, set[Decimal]] = {}
    for kind, *rest in stated(text):
        if kind == "number" and rest[0].count(".") < 2:
            unit, factor = _IN_SMALLEST.get(rest[1], (rest[1], 1))
            values.setdefault(unit, set()).add(Decimal(rest[0]) * factor)
    return values


def _alike(one: frozenset[str], two: frozenset[str], share: float) -> bool:
    shared = len(one & two)
    return shared >= FEWEST_SHARED and shared >= share * len(one | two)


def _oppose(one: str, two: str) -> bool:
    return any(
        ours.negative is not theirs.negative
        and min(len(ours.words), len(theirs.words)) >= FEWEST_OPPOSED
        and _alike(ours.words, theirs.words, OPPOSED)
        for ours, theirs in product(Wording.of(one).clauses, Wording.of(two).clauses)
    )
