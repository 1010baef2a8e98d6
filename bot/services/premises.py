"""What a question takes for granted, and whether an answer may agree with it."""

import re
from collections.abc import Iterator, Set

from bot.services import facts, wording
from bot.services.question_kind import QuestionKind

SAME_SUBJECT = 0.5  # share of a question's words from which a sentence speaks of the same thing

# "Yes, ..." and not "Yesterday" or 是否.
_AFFIRMS = re.compile(
    r"\s*(?:\*\*)?(?:(?:yes|yeah|yep|sure|certainly|of course|absolutely|correct|that['’]s right)"
    r"(?=\W|$)|(?:是的|是啊|对的|没错|当然|可以的|能的|有的|会的|支持的|嗯)|(?:是|对|可以|能|会|有|行)(?=[，,。！!]|$))"
    r"(?:\*\*)?[\s，,。.!！:：;；—–-]*",
    re.IGNORECASE,
)


def affirmed(text: str) -> str | None:
    """What follows on a "yes" at the beginning; None where there is none."""
    opening = _AFFIRMS.match(text)
    return text[opening.end() :] if opening else None


def is_affirmed_falsely(question: str, opening: str, known: Set[facts.Fact]) -> bool:
    """Whether the first sentence says yes to what its source, by the facts `known` of it or by the
    sentence's own words, does not say.

    A bare "yes" says nothing that could be compared with a source.
    """
    stated = affirmed(opening)
    if stated is None:
        return False
    if not stated.strip():
        return True
    if wording.is_negative(stated) and not wording.is_negative(question):
        return True
    return not all(facts.is_supported(fact, frozenset(known)) for fact in facts.stated(question))


def corrects(sentence: str, question: str) -> bool:
    """Whether a sentence denies what a yes/no question supposes, or gives another number for it."""
    if not QuestionKind.of(question).yes_no:
        return False
    asked = frozenset(wording.content_words(question))
    if len(asked & frozenset(wording.content_words(sentence))) < SAME_SUBJECT * len(asked):
        return False
    if wording.is_negative(sentence) and not wording.is_negative(question):
        return True
    supposed, said = _quantities(question), _quantities(sentence)
    return any(unit in said and value not in said[unit] for unit, value in _pairs(supposed))


def _quantities(text: str) -> dict[str, set[str]]:
    """Values by unit, "" without one."""
    found: dict[str, set[str]] = {}
    for fact in facts.stated(text):
        if fact[0] == "number":
            found.setdefault(fact[2], set()).add(fact[1])
    return found


def _pairs(quantities: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    return ((unit, value) for unit, values in quantities.items() for value in values)
