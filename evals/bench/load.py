"""The server under many visitors at once: stored turns a second, and memory as it goes on."""

import asyncio
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import numpy as np

from evals.bench.corpora import KNOWLEDGE_BASE, alternate, own_questions
from evals.bench.figures import Figure, Section
from evals.bench.http import visit
from evals.bench.memory import memory_of
from evals.bench.serving import FIRSTLINE, environment, start_server

VISITORS = 16  # at once
TURNS_PER_CONVERSATION = 2
WARM_UP = 20  # conversations before anything is measured


@dataclass(slots=True)
class Load:
    """What many visitors saw together."""

    turn_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def turns_per_s(self) -> float:
        return len(self.turn_ms) / self.seconds


async def drive(
    port: int,
    questions: Iterator[str],
    conversations: int,
    load: Load,
    visitors: int = VISITORS,
    turns: int = TURNS_PER_CONVERSATION,
) -> None:
    """So many conversations, as fast as the visitors get their answers."""
    left = iter(range(conversations))

    async def talk() -> None:
        async with visit(port) as visitor:
            for _ in left:
                await visitor.start_conversation()
                for text in islice(questions, turns):
                    begin = perf_counter()
                    await visitor.ask(text)
                    load.turn_ms.append((perf_counter() - begin) * 1000)

    begin = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(visitors):
            group.create_task(talk())
    load.seconds += perf_counter() - begin


def measure_load(section: Section, home: Path, marks: Sequence[int]) -> Iterator[Figure]:
    """Over the sample knowledge base in both languages; memory at so many conversations."""
    subprocess.run(  # noqa: S603  # our own command
        [*FIRSTLINE, "ingest", str(KNOWLEDGE_BASE), "--json"],
        env=environment(home),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    cases = own_questions(KNOWLEDGE_BASE)
    questions = cycle(case.query for case in alternate(cases, len(cases) // 2))
    load, done = Load(), 0
    with start_server(home) as (pid, port):
        asyncio.run(drive(port, questions, WARM_UP, Load()))
        for mark in marks:
            asyncio.run(drive(port, questions, mark - done, load))
            done = mark
            if memory := memory_of(pid):
                yield section.counted(
                    f"memory after {mark:,} conversations",
                    memory.resident_mib,
                    "MiB",
                    note=f"of that {memory.private_mib:.0f} not mapped from files",
                )
    yield section.counted("stored turns over HTTP", load.turns_per_s, "turns/s")
    yield section.measured(
        "stored turn over HTTP",
        load.turn_ms,
        "ms",
        note=f"p99 {np.percentile(load.turn_ms, 99):.0f}",
    )
