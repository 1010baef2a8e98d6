"""Patterns as the wording books write them: `<name>` stands for the alternatives of that name."""

import re
from collections.abc import Iterable, Mapping, Sequence

Words = Mapping[str, Sequence[str]]

_WORD_NAME = re.compile(r"<(\w+)>")


def join(patterns: Iterable[str], words: Words) -> str:
    """All of them as alternatives of one, their `<words>` filled in, innermost last."""
    return "|".join(f"(?:{_fill(pattern, words)})" for pattern in patterns)


def _fill(pattern: str, words: Words) -> str:
    return _WORD_NAME.sub(
        lambda match: f"(?:{'|'.join(_fill(word, words) for word in words[match[1]])})", pattern
    )
