"""Whether a sentence retells what its source says: its words, their order and what is denied."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from bot.services import facts, wording
from bot.services.language import HAN
from bot.services.statements import (
    FUNCTION_WORDS,
    Source,
    Statement,
    fold,
    is_han,
    says_something,
    telling,
    tokens,
)

MOST_STATEMENTS = 4  # of a source that one sentence may put together
GAIN = 0.25  # share of a sentence's words that a further statement has to bring
TAKEN_OVER = 0.6  # or share of its own words that the sentence has
FEWEST_GAINED = 2  # words, in any case: one may be a name from elsewhere
NEAR_VERBATIM = 0.9  # share of words that two sentences have in common from which order counts
SAME_CLAUSE = 0.5  # share of a clause's words from which two clauses speak of the same thing
AS_NEAR = 0.1  # below the nearest clause's likeness
QUOTED = 0.9  # likeness from which every single negation has to be there
SAME_FRAME = 0.7  # share of a sentence's words in order from which the others replace some
HAN_UNKNOWN = 2  # characters: so many make a word

_DIRECTIONS = frozenset(["from", "to", "into", "before", "after", "than"])
_PART = re.compile(
    r"[，；;]|,\s+(?:and |but |while )?|(?<=[，,])(?:并且|但是|但|而|再)", re.IGNORECASE
)
_AGENT = re.compile(r"\bby\b|[被由]")


def retells(claim: str, sources: Sequence[Source]) -> bool:
    """Of a claim in its sources' language: as a whole, or each of its parts by itself."""
    if _retells(claim, sources):
        return True
    said = Statement(claim)
    if _is_reordered(said, _window(said, sources)):
        return False
    parts = [part for part in _PART.split(claim) if part.strip()]
    return len(parts) > 1 and all(_retells(part, sources) for part in parts)


def _retells(claim: str, sources: Sequence[Source]) -> bool:
    said = Statement(claim)
    if not said.words:
        return True
    window = _window(said, sources)
    if not window:
        return False
    known = frozenset[str]().union(*(part.words for part in window))
    context = frozenset[str]().union(*(source.context.words for source in sources))
    if has_unknown_words(claim, known | context):
        return False
    stated = frozenset[facts.Fact]().union(
        *(part.facts for part in window), *(source.context.facts for source in sources)
    )
    if not all(facts.is_supported(fact, stated) for fact in facts.stated(claim)):
        return False
    return not (
        _denies_otherwise(said, window)
        or _is_reordered(said, window)
        or _has_substitute(said, window)
    )


def _window(claim: Statement, sources: Sequence[Source]) -> tuple[Statement, ...]:
    """The statements whose words the claim has, in the order of the source."""
    statements = [statement for source in sources for statement in source.statements]
    wanted = set(filter(says_something, claim.words)) or set(claim.words)
    gains = [statement.words & wanted for statement in statements]
    chosen: list[int] = []
    left = set(wanted)
    while len(chosen) < MOST_STATEMENTS and statements:
        best = max(
            range(len(statements)),
            key=lambda place: (len(gains[place] & left), -len(statements[place].words)),
        )
        gained = gains[best] & left
        if not gained:
            break
        if chosen and not _belongs(statements[best], gains[best], len(gains[best]) / len(wanted)):
            break
        chosen.append(best)
        left -= gained
    return tuple(statements[place] for place in sorted(chosen))


def _belongs(statement: Statement, common: frozenset[str], gain: float) -> bool:
    """Names from elsewhere are what to beware of: a further statement is taken as a whole."""
    if len(common) < FEWEST_GAINED:
        return False
    own = [unit for unit in statement.words if says_something(unit)]
    return gain >= GAIN or len(common) >= TAKEN_OVER * len(own)


def has_unknown_words(claim: str, known: frozenset[str]) -> bool:
    """Whether a word or a number says something and is not among the known ones."""
    words = telling(fold(claim))
    latin = [unit for unit in tokens(words) if not is_han(unit)]
    if any(says_something(word) and word not in known for word in latin):
        return True
    runs = re.findall(f"[{HAN}]+", words)
    return sum(_uncovered(run, known) for run in runs) >= HAN_UNKNOWN


def _uncovered(run: str, known: frozenset[str]) -> int:
    """Characters that stand in no pair of the source's; of a character alone, the character."""
    if len(run) == 1:
        return run not in known
    pairs = [run[n : n + 2] in known for n in range(len(run) - 1)]
    return sum(not (a or b) for a, b in zip([False, *pairs], [*pairs, False], strict=True))


def _denies_otherwise(claim: Statement, window: Sequence[Statement]) -> bool:
    """A clause whose nearest clauses in the source all deny something else."""
    clauses = [clause for part in window for clause in part.clauses]
    for clause in claim.clauses:
        shared = max((len(clause.words & other.words) for other in clauses), default=0)
        if shared < SAME_CLAUSE * len(clause.words):
            continue
        alike = [_alikeness(clause, other) for other in clauses]
        nearest = max(alike)
        near = [c for c, a in zip(clauses, alike, strict=True) if a >= nearest - AS_NEAR]
        is_quoted = nearest >= QUOTED
        if not any(_denies_as(clause, other, is_quoted) for other in near):
            return True
    return False


def _alikeness(one: wording.Clause, other: wording.Clause) -> float:
    """Dice's coefficient of their words."""
    return 2 * len(one.words & other.words) / (len(one.words) + len(other.words))


def _denies_as(one: wording.Clause, other: wording.Clause, is_quoted: bool) -> bool:
    return one.negations == other.negations if is_quoted else one.negative is other.negative


def _is_reordered(claim: Statement, window: Sequence[Statement]) -> bool:
    """Told in nearly the same words, but who does what to whom has changed places."""
    said = _ordered(claim)
    near = [
        source
        for source in (*window, _together(window))
        if _share_of_words(said, _ordered(source)) >= NEAR_VERBATIM
        and bool(_AGENT.search(claim.text)) is bool(_AGENT.search(source.text))
    ]
    return bool(near) and not any(_keeps_order(said, source) for source in near)


def _ordered(statement: Statement) -> list[str]:
    """The tokens whose places matter."""
    return [t for t in statement.tokens if t not in FUNCTION_WORDS or t in _DIRECTIONS]


def _share_of_words(one: Sequence[str], other: Sequence[str]) -> float:
    """Of the longer one, repetitions counted."""
    common = (Counter(one) & Counter(other)).total()
    return common / max(len(one), len(other), 1)


def _keeps_order(said: Sequence[str], source: Statement) -> bool:
    """Two parts may change places as wholes, as a condition and what follows from it do."""
    places = _places(said, [token for token in source.tokens if token in set(said)])
    drops = sum(b < a for a, b in itertools.pairwise(places))
    if drops != 1 or len(places) == 2:
        return drops < 2
    return places[0] != min(places) and places[-1] != max(places)


def _has_substitute(claim: Statement, window: Sequence[Statement]) -> bool:
    """Told in the same words but for some, which stand where the source has others."""
    said = claim.tokens
    for sources in (window, [_together(window)]):
        near = [s.tokens for s in sources if _matched(s.tokens, said) >= SAME_FRAME * len(said)]
        if near:
            return all(any(_replacements(source, said)) for source in near)
    return False


def _together(window: Sequence[Statement]) -> Statement:
    return Statement("\n".join(part.text for part in window))


def _matched(source: Sequence[str], said: Sequence[str]) -> int:
    matcher = SequenceMatcher(None, source, said, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def _replacements(source: Sequence[str], said: Sequence[str]) -> Iterator[bool]:
    """Of words that say something by words that are more than grammar."""
    for kind, a, b, c, d in SequenceMatcher(None, source, said, autojunk=False).get_opcodes():
        if kind == "replace":
            old, new = source[a:b], said[c:d]
            yield _tells(old) and _names(new) and not set(new) <= set(old)


def _tells(part: Sequence[str]) -> bool:
    han = "".join(filter(is_han, part))
    return bool(telling(han).strip()) or any(says_something(t) for t in part if not is_han(t))


def _names(part: Sequence[str]) -> bool:
    han = "".join(filter(is_han, part))
    latin = (token for token in part if not is_han(token))
    return bool(telling(han).strip()) or any(token not in FUNCTION_WORDS for token in latin)


def _places(said: Sequence[str], source: Sequence[str]) -> list[int]:
    """Where the longest common pieces stand in the source, in the order of `said`."""
    places: list[int] = []
    at, expected = 0, 0
    while at < len(said):
        start, length = _longest(said, at, source, expected)
        if length and (length > 1 or not is_han(said[at])):
            places.append(start)
            expected = start + length
        at += max(length, 1)
    return places


def _longest(said: Sequence[str], at: int, source: Sequence[str], expected: int) -> tuple[int, int]:
    """(place, length) of the longest piece that begins at `at`, forward rather than back."""
    best = (0, 0)
    for place in (*range(expected, len(source)), *range(min(expected, len(source)))):
        length = 0
        while (
            at + length < len(said)
            and place + length < len(source)
            and said[at + length] == source[place + length]
        ):
            length += 1
        if length > best[1]:
            best = (place, length)
    return best
