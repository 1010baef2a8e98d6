"""Whether a sentence says in one language what its sources say in the other.

Words cannot be compared; what is left are likeness in a space of both languages, and denials. The
thresholds come from `python -m evals.fit_translation`, which measures true translations.
"""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from bot.ports import Similarity
from bot.services import facts
from bot.services.language import simplify

LEAST_LIKENESS = 0.36  # cosine to the nearest sentence of the source
BETTER_ELSEWHERE = 0.05  # by which a source that is not cited may be nearer at most
AS_NEAR = 0.1  # below the nearest sentence's likeness: they may all be meant
MOST_SENTENCES = 40  # of a source

_BOOK = tomllib.loads(files("bot.services").joinpath("translation.toml").read_text("utf-8"))


def _any_of(name: str) -> re.Pattern[str]:
    return re.compile("|".join(_BOOK[name]), re.IGNORECASE)


_DENIALS, _HINTS, _HARMLESS = _any_of("denials"), _any_of("hints"), _any_of("harmless")


def renders(
    claim: str,
    cited: Sequence[Sequence[str]],
    others: Sequence[Sequence[str]],
    similarity: Similarity,
) -> bool:
    """`cited` and `others` are the sentences of the sources in the other language."""
    said = [sentence for source in cited for sentence in source[:MOST_SENTENCES]]
    strange = [sentence for source in others for sentence in source[:MOST_SENTENCES]]
    if not said:
        return False
    (likeness,) = similarity.compare([claim], [*said, *strange])
    best = max(likeness[: len(said)])
    if best < LEAST_LIKENESS or max(likeness[len(said) :], default=-1.0) > best + BETTER_ELSEWHERE:
        return False
    meant = [s for s, near in zip(said, likeness, strict=False) if near >= best - AS_NEAR]
    return not denies_otherwise(claim, meant)


def keeps_counts(claim: str, known: frozenset[facts.Fact]) -> bool:
    """Spelled numbers are the source's too; "two" often only says both or a pair."""
    counted = facts.stated(facts.write_figures(claim))
    return all(facts.is_supported(fact, known) or fact[1] == "2" for fact in counted)


def denies_otherwise(claim: str, sources: Sequence[str]) -> bool:
    """One side denies flatly and no word of the other even hints at it: what one language denies
    the other often says by a word (unpaid, 未支付)."""
    if _denies(claim):
        return not any(map(_hints, sources))
    return not _hints(claim) and bool(sources) and all(map(_denies, sources))


def _denies(text: str) -> bool:
    return bool(_DENIALS.search(_HARMLESS.sub(" ", simplify(text))))


def _hints(text: str) -> bool:
    return bool(_HINTS.search(_HARMLESS.sub(" ", simplify(text))))
