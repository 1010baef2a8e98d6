"""Dialogues whose every customer turn says how it sounds and whether it wants a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.conversation import Locale, Message
from bot.domain.errors import ConfigurationError
from bot.domain.understanding import ToneLabel
from evals.cases import OWN_CASES, message_from, read_rows

OWN_DIALOGUES = OWN_CASES / "dialogues.jsonl"


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """What a customer says in a recorded dialogue, and how people have judged it."""

    dialogue: str
    number: int  # of the customer's turns, from 1
    locale: Locale
    text: str
    history: tuple[Message, ...]
    tone: ToneLabel
    wants_human: bool
    offer_human: bool | None = None  # None where nobody said

    @property
    def is_upset(self) -> bool:
        return self.tone is not ToneLabel.CALM


def load_turns(file: Path) -> Iterator[SpokenTurn]:
    """Raises ConfigurationError for a line that is no dialogue in the format of the contract."""
    for number, row in enumerate(read_rows(file), 1):
        try:
            yield from turns_of(row)
        except (ValueError, KeyError, TypeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise ConfigurationError(f"{file}:{number}: no dialogue: {reason}") from error


def turns_of(row: Mapping[str, Any]) -> Iterator[SpokenTurn]:
    history: list[Message] = []
    locale, number = Locale(row["locale"]), 0
    for turn in row["turns"]:
        if turn["role"] == "user":
            number += 1
            yield SpokenTurn(
                dialogue=row["id"],
                number=number,
                locale=locale,
                text=turn["text"],
                history=tuple(history),
                tone=ToneLabel(turn["tone"]),
                wants_human=turn["wants_human"],
                offer_human=turn.get("offer_human"),
            )
        history.append(message_from(turn))
