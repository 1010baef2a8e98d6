"""A question with what is known about it, in the format of the contract."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.conversation import Author, Locale, Message


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    locale: Locale
    query: str
    relevant: tuple[str, ...] = ()
    answer_span: str = ""
    answerable: bool = True
    kind: str = ""
    history: tuple[Message, ...] = ()
    corpus: str = ""

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Case":
        return cls(
            id=row["id"],
            locale=Locale(row["locale"]),
            query=row["query"],
            relevant=tuple(row.get("relevant", ())),
            answer_span=row.get("answer_span", ""),
            answerable=row.get("answerable", True),
            kind=row.get("kind", ""),
            history=tuple(_message(turn) for turn in row.get("history", ())),
            corpus=row.get("corpus", ""),
        )


@dataclass(frozen=True, slots=True)
class Suite:
    """Questions over one knowledge base."""

    name: str
    folder: Path
    cases: tuple[Case, ...]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _message(turn: Mapping[str, str]) -> Message:
    author = Author.CUSTOMER if turn["role"] == "user" else Author.BOT
    return Message("eval", author, turn["text"])
