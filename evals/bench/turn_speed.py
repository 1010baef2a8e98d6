"""A whole turn inside one process: accepted, understood, answered from the snapshot and stored."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.bootstrap import Bot, build, open_store
from bot.domain.conversation import Author, Conversation, Message
from bot.domain.reply import DecisionKind
from bot.settings import Settings, load_settings
from evals.bench.corpora import spread
from evals.bench.figures import Figure, Section, Stopwatch
from evals.cases import Case

WARM_UPS = 5


@dataclass(slots=True)
class Turns:
    """Milliseconds of turns, those that were answered apart."""

    all_ms: list[float] = field(default_factory=list)
    answered_ms: list[float] = field(default_factory=list)


def measure_turns(
    section: Section, home: Path, cases: Sequence[Case], n: int, spaces: Sequence[str]
) -> Iterator[Figure]:
    """`home` holds the index; the database is made there."""
    turns = asyncio.run(_hold(load_settings(home=home), cases, n))
    if turns.answered_ms:
        yield section.measured(
            "stored extractive turn", turns.answered_ms, "ms", spaces=spaces, note="answered ones"
        )
    yield section.measured(
        "stored turn, whatever was decided",
        turns.all_ms,
        "ms",
        spaces=spaces,
        note=f"{len(turns.answered_ms)} answered",
    )


async def _hold(settings: Settings, cases: Sequence[Case], n: int) -> Turns:
    bot = build(settings, store=await open_store(settings))
    turns = Turns()
    try:
        for case in spread(cases, WARM_UPS):
            await _turn(bot, case, Turns())
        for case in spread(cases, n):
            await _turn(bot, case, turns)
    finally:
        await bot.turns.close()
        await bot.store.close()
    return turns


async def _turn(bot: Bot, case: Case, turns: Turns) -> None:
    """In a conversation of its own, so that no history grows."""
    conversation = Conversation("bench")
    await bot.store.add_conversation(conversation)
    watch = Stopwatch()
    with watch.lap():
        running = await bot.turns.submit(Message(conversation.id, Author.CUSTOMER, case.query))
        reply = await running.result()
    turns.all_ms += watch.samples_ms
    if reply.decision is DecisionKind.ANSWER:
        turns.answered_ms += watch.samples_ms
