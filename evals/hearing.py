"""Dialogues as recorded: each turn heard and decided as `respond --replay` does, no search."""

import asyncio
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.bootstrap import Bot, build
from bot.domain.conversation import ConversationStatus, Locale, Message
from bot.domain.policy import Decision, Thresholds, decide
from bot.domain.reply import AbstainReason, DecisionKind
from bot.domain.understanding import ToneLabel, Understanding
from bot.settings import Settings
from evals import ordinary, public_sets, satisfaction
from evals.cases import Case, has_dialogues
from evals.dialogues import OWN_DIALOGUES, SpokenTurn, load_turns
from evals.records import Heard, Record
from evals.runner import Progress

ORDINARY = "ordinary"  # the data set of the questions that ought to leave everybody calm
DEVELOPMENT = "dialogues_dev"  # what the weights were fitted on
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Hearer:
    """The understanding half of a bot, and its decision."""

    bot: Bot

    @classmethod
    def build(cls, settings: Settings) -> "Hearer":
        return cls(build(settings))

    async def hear(
        self, text: str, history: Sequence[Message], locale: Locale
    ) -> tuple[Understanding, Decision, float]:
        """The milliseconds are of the hearing alone."""
        understood = await self.bot.reader.understand(text, history, locale, Locale.EN)
        started = time.perf_counter()
        heard = self.bot.listener.hear(understood, history)
        took_ms = (time.perf_counter() - started) * 1000
        return heard, decide(ConversationStatus.PENDING, heard, None, Thresholds()), took_ms

    async def record(self, turn: SpokenTurn, dataset: str, kind: str = "") -> Record:
        heard, decision, took_ms = await self.hear(turn.text, turn.history, turn.locale)
        return Record(
            dataset=dataset,
            collection=dataset,
            id=f"{turn.dialogue}#{turn.number}",
            locale=turn.locale.value,
            pair="",
            query=turn.text,
            answerable=False,
            kind=kind,
            decision=decision.kind.value,
            reason=decision.reason.value if decision.reason else None,
            dialogue=turn.dialogue,
            expected=Heard(turn.is_upset, turn.wants_human, turn.offer_human),
            heard=_heard(heard, decision, took_ms),
        )


def examine(
    settings: Settings,
    data: Path | None,
    progress: Progress,
    datasets: Collection[str] | None = None,
) -> list[Record]:
    """Of all data sets or the named ones; raises ConfigurationError for what is no dialogue."""
    turns = [turn for turn in _turns(data) if datasets is None or turn[1] in datasets]
    return asyncio.run(_examine(Hearer.build(settings), turns, progress))


async def _examine(
    hearer: Hearer, turns: Sequence[tuple[SpokenTurn, str, str]], progress: Progress
) -> list[Record]:
    for turn, dataset, kind in turns[:WARM_UP]:
        await hearer.record(turn, dataset, kind)
    records = []
    for turn, dataset, kind in turns:
        records.append(await hearer.record(turn, dataset, kind))
        progress("dialogues", len(records), len(turns))
    return records


def _turns(data: Path | None) -> Iterator[tuple[SpokenTurn, str, str]]:
    """Each with the name of its data set and its kind."""
    if data is not None:
        for file in dialogue_files(data):
            yield from ((turn, data.name, "") for turn in load_turns(file))
        return
    yield from ((turn, "own", "") for turn in load_turns(OWN_DIALOGUES))
    yield from ((_asked(case), ORDINARY, "own") for case in ordinary.own_questions())
    folder = public_sets.dev_data()
    if folder is None:
        return
    development = folder / DEVELOPMENT / "dialogues.jsonl"
    yield from ((turn, DEVELOPMENT, "") for turn in load_turns(development))
    for case in ordinary.public_questions(folder):
        yield _asked(case), ORDINARY, case.kind if case.kind.count("_") else "dev_qa"
    yield from satisfaction.turns(folder)


def dialogue_files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.glob("*.jsonl")) if has_dialogues(file)]


def _asked(case: Case) -> SpokenTurn:
    return SpokenTurn(case.id, 1, case.locale, case.query, (), ToneLabel.CALM, wants_human=False)


def _heard(understanding: Understanding, decision: Decision, took_ms: float) -> Heard:
    handed_over = decision.kind is DecisionKind.HANDOFF
    in_words = decision.reason is AbstainReason.NEEDS_ACCOUNT_DATA
    return Heard(
        upset=understanding.tone.label is not ToneLabel.CALM,
        wants_human=understanding.wants_human,
        offered=decision.offers_person or handed_over or in_words,
        handed_over=handed_over,
        consoled=decision.comfort is not None,
        score=round(understanding.tone.score, 4),
        ms=round(took_ms, 3),
    )
