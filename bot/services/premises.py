"""What a question takes for granted, and whether an answer may agree with it."""

import re
from collections.abc import Set

from bot.services import facts, wording

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
