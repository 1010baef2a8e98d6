"""What tone is fitted on, each message with where it is from and the fold it is left out with.

Parallels of both languages, which stand at the same place of their files, are left out together.
"""

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

from bot.domain.conversation import Locale
from bot.domain.understanding import ToneLabel
from evals import ordinary
from evals.cases import OWN_CASES, read_rows
from evals.dialogues import SpokenTurn, turns_of

OWN_WORDINGS = Path(__file__).with_name("tone_wordings.toml")
FRAMES = Path(__file__).with_name("tone_frames.toml")
FRAMED = 4  # own questions in a frame
OWN_TONES = OWN_CASES / "tone"
FOLDS = 5
LEFT_OUT = -1  # the fold of what is in no fit
UTTERANCES, DIALOGUES = 35, 13  # of dialogues_dev that stand together
WORDING, NEUTRAL = 0.05, 0.1  # weights of messages from other trades
FRAME = 0.5
DEVELOPMENT = frozenset({"dialogues", "utterances"})
OWN = frozenset({"own dialogues", "own messages", "own wordings", "frames"})
JUDGED = DEVELOPMENT | {"own dialogues", "own messages"}
SPOKEN = frozenset({"dialogues", "own dialogues"})  # in the course of a conversation


@dataclass(frozen=True, slots=True)
class Sample:
    turn: SpokenTurn
    source: str  # of DEVELOPMENT or OWN, or ordinary, neutral, wording
    fold: int
    weight: float = 1.0


def load_samples(data: Path) -> list[Sample]:
    return [
        *_development(data / "dialogues_dev"),
        *own_tones(),
        *own_wordings(),
        *framed_questions(),
        *_ordinary(data),
        *_wordings(data),
    ]


def without(samples: Sequence[Sample], sources: Collection[str]) -> list[Sample]:
    """None of these is fitted on; all are judged by what the others give."""
    return [replace(s, fold=LEFT_OUT) if s.source in sources else s for s in samples]


def _development(folder: Path) -> Iterator[Sample]:
    for row in read_rows(folder / "dialogues.jsonl"):
        for turn in turns_of(row):
            yield Sample(turn, "dialogues", block(turn.dialogue, DIALOGUES))
    for row in read_rows(folder / "utterances.jsonl"):
        yield Sample(_single(row), "utterances", block(row["id"], UTTERANCES))


def own_tones() -> Iterator[Sample]:
    """A fold is a stretch of a file: of its dialogues, or of its messages of one tone."""
    for file in sorted(OWN_TONES.glob("dialogues_*.jsonl")):
        rows = list(read_rows(file))
        for place, row in enumerate(rows):
            for turn in turns_of(row):
                yield Sample(turn, "own dialogues", place * FOLDS // len(rows))
    for file in sorted(OWN_TONES.glob("messages_*.jsonl")):
        rows = list(read_rows(file))
        sizes, places = Counter(row["tone"] for row in rows), Counter[str]()
        for row in rows:
            tone = row["tone"]
            yield Sample(_single(row), "own messages", places[tone] * FOLDS // sizes[tone])
            places[tone] += 1


def own_wordings() -> Iterator[Sample]:
    book = tomllib.loads(OWN_WORDINGS.read_text("utf-8"))
    for locale in Locale:
        for tone, texts in book[locale.value].items():
            for place, text in enumerate(texts):
                turn = SpokenTurn(
                    f"wording-{tone}-{place}", 1, locale, text, (), ToneLabel(tone),
                    wants_human=False,
                )  # fmt: skip
                yield Sample(turn, "own wordings", place % FOLDS)


def framed_questions() -> Iterator[Sample]:
    """Questions by people who let it be heard how they feel; a frame is left out whole."""
    book = tomllib.loads(FRAMES.read_text("utf-8"))
    questions = ordinary.own_questions()
    for locale in Locale:
        asked = [case.query for case in questions if case.locale is locale]
        for tone, frames in book[locale.value].items():
            for place, frame in enumerate(frames):
                for copy in range(FRAMED):
                    question = asked[crc32(f"{frame}{copy}".encode()) % len(asked)]
                    text = frame.replace("<question>", question)
                    yield replace(
                        _alone(text, locale, "frames", ToneLabel(tone), FRAME), fold=place % FOLDS
                    )


def _ordinary(data: Path) -> Iterator[Sample]:
    seen: set[str] = set()
    for case in (*ordinary.own_questions(), *ordinary.public_questions(data)):
        if case.query not in seen:
            seen.add(case.query)
            yield _alone(case.query, case.locale, "ordinary", ToneLabel.CALM, 1.0)


def _wordings(data: Path) -> Iterator[Sample]:
    """What people of other trades have labelled."""
    for row in read_rows(data / "satisfaction_jddc_zh" / "dev.jsonl"):
        if row["satisfaction"] != "dissatisfied" and not row["explicit_escalation"]:
            yield _alone(row["utterance"], Locale.ZH, "neutral", ToneLabel.CALM, NEUTRAL)
    for row in read_rows(data / "emotion_goemotions_en" / "dev.jsonl"):
        if row["frustration"] or not row["negative"]:
            tone = ToneLabel.CALM
            if row["frustration"]:
                angry = "anger" in row["labels"]
                tone = ToneLabel.ANGRY if angry else ToneLabel.FRUSTRATED
            yield _alone(row["text"], Locale.EN, "wording", tone, WORDING)
    for row in read_rows(data / "emotion_cped_zh" / "dev.jsonl"):
        if row["emotion"] == "anger":
            yield _alone(row["utterance"], Locale.ZH, "wording", ToneLabel.ANGRY, WORDING)
        elif row["sentiment"] in ("neutral", "positive") and crc32(row["id"].encode()) % 2:
            yield _alone(row["utterance"], Locale.ZH, "wording", ToneLabel.CALM, WORDING)


def _single(row: Mapping[str, Any]) -> SpokenTurn:
    return SpokenTurn(
        row["id"], 1, Locale(row["locale"]), row["text"], (), ToneLabel(row["tone"]),
        row["wants_human"],
    )  # fmt: skip


def _alone(text: str, locale: Locale, source: str, tone: ToneLabel, weight: float) -> Sample:
    name = f"{crc32(text.encode()):08x}"
    turn = SpokenTurn(name, 1, locale, text, (), tone, wants_human=False, offer_human=False)
    return Sample(turn, source, crc32(name.encode()) % FOLDS, weight)


def block(identifier: str, size: int) -> int:
    return int(identifier.rpartition("-")[2]) // size % FOLDS
