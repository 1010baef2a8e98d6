"""Signals of tone in the words of one message, by name (`tone.toml`); no model."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from bot.services.speech import Speech
from bot.services.spelling import ERASED, Spelling

_AT_MOST = 2  # occurrences that count
_CALM = frozenset({"thanks", "asking", "ease", "polite"})
_NOT_SIGNALS = frozenset({"spelling", "traps"})


class ToneSignals:
    def __init__(self, book: Mapping[str, Any]) -> None:
        self._spelling = Spelling(**book["spelling"])
        self._traps = _joined(book["traps"])
        self._groups = {
            name: _joined(group) for name, group in book.items() if name not in _NOT_SIGNALS
        }

    @classmethod
    def load(cls) -> "ToneSignals":
        return cls(tomllib.loads(files("bot.services").joinpath("tone.toml").read_text("utf-8")))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._groups)

    def of(self, speech: Speech, *, asks_for_person: bool = False) -> dict[str, float]:
        """Of what was said and of how it looks, each 0..1."""
        said = dict(self._counted(speech.spoken))
        against = sum(count > 0 for name, count in said.items() if name not in _CALM)
        return {
            **said,
            **speech.form,
            "several": min(max(against - 1, 0), 2) / 2,
            "plain_question": float(
                not against and (said["asking"] > 0 or speech.form["asks"] > 0)
            ),
            "upset_question": float(against > 0 and said["asking"] > 0),
            "plain_request": float(asks_for_person and not against),
            "polite_request": float(asks_for_person and not against and said["polite"] > 0),
            "plain_thanks": float(not against and said["thanks"] > 0),
        }

    def displeasure(self, spoken: str) -> tuple[str, set[int]]:
        """The words as they are read, and the places that a signal against calm covers."""
        read = self._spelling.correct(spoken)
        found = (
            match
            for name, pattern in self._groups.items()
            if name not in _CALM
            for match in pattern.finditer(read)
        )
        return read, {place for match in found for place in range(*match.span())}

    def _counted(self, spoken: str) -> Iterator[tuple[str, float]]:
        read = self._traps.sub(ERASED, self._spelling.correct(spoken))
        for name, pattern in self._groups.items():
            found = sum(1 for _ in zip(range(_AT_MOST), pattern.finditer(read), strict=False))
            yield name, (0.0, 1.0, 1.5)[found]


def _joined(group: Mapping[str, Any]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for language in group.values() for one in language))
