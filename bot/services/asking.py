"""Whether a question that a chat model put brings in something that nobody has spoken of."""

import re
import tomllib
from importlib.resources import files

from bot.services import facts
from bot.services.alignment import has_unknown_words
from bot.services.statements import Statement, tokens

_BOOK = tomllib.loads(files("bot.services").joinpath("asking.toml").read_text("utf-8"))
_ENGLISH = frozenset(tokens(_BOOK["en"]))
_MONTHS = frozenset(_BOOK["months"].split())
_CHINESE = re.compile("|".join(sorted(_BOOK["zh"].split(), key=len, reverse=True)))


def keeps_to(question: str, told: str) -> bool:
    """Every number, address, name and word that says something was told."""
    known = facts.known(told)
    if not all(facts.is_supported(fact, known) for fact in facts.stated(question)):
        return False
    if _months(question) - _months(told.title()):
        return False
    spoken = _CHINESE.sub("\n", question)
    return not has_unknown_words(spoken, Statement(told).words | _ENGLISH)


def _months(text: str) -> set[str]:
    """By their first letters, where a capital tells them from other words."""
    return {word[:3] for word in re.findall(r"[A-Z][a-z]+", text) if word in _MONTHS}
