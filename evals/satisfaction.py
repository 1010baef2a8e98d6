"""What others have labelled elsewhere: reported beside the dialogues, nothing is claimed of it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.domain.conversation import Locale, Message
from bot.domain.understanding import ToneLabel
from evals.cases import message_from, read_rows
from evals.dialogues import SpokenTurn

ELSEWHERE = ("satisfaction_jddc_zh", "satisfaction_uss_en", "emotion_goemotions_en", "bitext")
EVERY = 4  # turns of which one is taken
_UNHAPPY = 2.5  # mean rating of 1 to 5 up to which a turn counts as unhappy


def turns(data: Path) -> Iterator[tuple[SpokenTurn, str, str]]:
    """Each with its data set and kind."""
    for name, locale in (("satisfaction_jddc_zh", Locale.ZH), ("satisfaction_uss_en", Locale.EN)):
        for row in _sample(data, name):
            history = tuple(map(message_from, row["history"]))
            yield (
                _turn(row["id"], locale, row["utterance"], history, upset=_is_unhappy(row)),
                name,
                "",
            )
    for row in _sample(data, "emotion_goemotions_en"):
        turn = _turn(row["id"], Locale.EN, row["text"], (), upset=row["frustration"])
        yield turn, "emotion_goemotions_en", ""
    for row in _sample(data, "support_bitext_en"):
        asks = row["intent"] == "contact_human_agent"
        yield _turn(row["id"], Locale.EN, row["text"], (), asks=asks), "bitext", row["intent"]


def _is_unhappy(row: Mapping[str, Any]) -> bool:
    if "mean" in row:
        return bool(row["mean"] <= _UNHAPPY)
    return bool(row["satisfaction"] == "dissatisfied")


def _sample(data: Path, name: str) -> Sequence[Mapping[str, Any]]:
    return list(read_rows(data / name / "dev.jsonl"))[::EVERY]


def _turn(
    identifier: str,
    locale: Locale,
    text: str,
    history: Sequence[Message],
    *,
    upset: bool = False,
    asks: bool = False,
) -> SpokenTurn:
    tone = ToneLabel.FRUSTRATED if upset else ToneLabel.CALM
    return SpokenTurn(identifier, 1, locale, text, tuple(history), tone, wants_human=asks)
