"""Hears that something has happened which cannot wait (`urgency.toml`); no model."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bot.domain.understanding import Urgency
from bot.services.spelling import ERASED


class UrgencyDetector:
    def __init__(self, book: Mapping[str, Any]) -> None:
        self._asides, self._hypothetical = (_joined(book[n]) for n in ("asides", "hypothetical"))
        self._kinds = {kind: _joined(book[kind.value]) for kind in Urgency}

    @classmethod
    @cache
    def load(cls) -> "UrgencyDetector":
        return cls(tomllib.loads(files("bot.services").joinpath("urgency.toml").read_text("utf-8")))

    def kind(self, spoken: str) -> Urgency | None:
        """The first that is heard, in the order of `Urgency`."""
        read = self._asides.sub(ERASED, spoken)
        if self._hypothetical.search(read):
            return None
        return next((kind for kind, p in self._kinds.items() if p.search(read)), None)


def _joined(group: Mapping[str, Any]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for language in group.values() for one in language))
