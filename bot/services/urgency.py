"""Hears that something has happened which cannot wait.

Patterns (`urgency.toml`) say what they find; where a model is at hand, it weighs that with the rest
of the words, and has the last word.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bot.domain.errors import ModelUnavailable
from bot.domain.understanding import Urgency
from bot.ports import UrgencyModel
from bot.services.language import HAN
from bot.services.spelling import ERASED

_HAN = re.compile(f"[{HAN}]")
_LETTER = re.compile(r"\w")


class UrgencyDetector:
    def __init__(self, book: Mapping[str, Any], model: UrgencyModel | None = None) -> None:
        self._asides, self._hypothetical = (_joined(book[n]) for n in ("asides", "hypothetical"))
        self._kinds = {kind: _joined(book[kind.value]) for kind in Urgency}
        self._model = model

    @classmethod
    def load(cls, model: UrgencyModel | None = None) -> "UrgencyDetector":
        return cls(_book(), model)

    def kind(self, spoken: str) -> Urgency | None:
        """By patterns alone the first that is heard, in the order of `Urgency`."""
        found = self.found(spoken)
        if self._model is not None and _LETTER.search(spoken):
            try:
                return self._model.kind(spoken, found)
            except ModelUnavailable:
                pass
        return next((kind for kind in Urgency if found["told"] and found[kind.value]), None)

    def found(self, spoken: str) -> dict[str, float]:
        """What the patterns say of a message, by name."""
        read = self._asides.sub(ERASED, spoken)
        kinds = {kind.value: float(bool(p.search(read))) for kind, p in self._kinds.items()}
        hypothetical = bool(self._hypothetical.search(read))
        return {
            **kinds,
            "hypothetical": float(hypothetical),
            "told": float(any(kinds.values()) and not hypothetical),
            "aside": float(read != spoken),
            "asks": float("?" in spoken),
            "chinese": float(bool(_HAN.search(spoken))),
        }


@cache
def _book() -> Mapping[str, Any]:
    return tomllib.loads(files("bot.services").joinpath("urgency.toml").read_text("utf-8"))


def _joined(group: Mapping[str, Any]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for language in group.values() for one in language))
