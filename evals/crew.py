"""Who puts the cases to the bot: this process, or as many as there are cores, share by share."""

import multiprocessing
import os
from asyncio import run
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.adapters.langchain_chat import LangChainChat
from bot.settings import Settings
from evals.cases import Collection
from evals.judge import Judge
from evals.records import Record
from evals.runner import Examiner, Librarian, Library, Progress

JUDGE_TIMEOUT_S = 60.0

Aside = Callable[[Progress], list[Record]]  # one more task, which pickles


@dataclass(frozen=True, slots=True)
class Job:
    collection: Collection
    on_trial: bool = False  # answers to its questions, by the grounding check

    @property
    def folder(self) -> Path:
        return self.collection.folder


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all jobs."""

    settings: Settings
    work: Path  # where the indexes go
    timed: bool = False  # nothing else may run beside a turn then
    judge: str | None = None  # chat model as `provider:name`
    processes: int = min(os.cpu_count() or 1, 4)  # each holds the models
    share: int = 50  # cases that a process takes at a time


@dataclass(frozen=True, slots=True)
class Examined:
    records: list[Record]
    cards: dict[str, dict[str, Any]]  # of the snapshots, by collection


def examine(
    jobs: Sequence[Job], terms: Terms, progress: Progress, aside: Aside | None = None
) -> Examined:
    """Records in the order of the cases, whoever asked, and then those of `aside`; raises
    ConfigurationError, IngestError."""
    load_judge(terms.judge)  # a wrong one is told before any work
    shares = [share for job in jobs for share in _shares(job, terms.share)]
    tasks = len(shares) + (aside is not None)
    processes = 1 if terms.timed else min(tasks, terms.processes)
    if processes <= 1:
        libraries, records = _one_by_one(jobs, terms, progress)
        records += aside(progress) if aside else []
    else:
        context = multiprocessing.get_context("spawn")  # no model outlives a fork
        with ProcessPoolExecutor(processes, context) as pool:
            besides = pool.submit(aside, _silent) if aside else None
            libraries, records = _shared_out(shares, terms, pool, progress)
            records += besides.result() if besides else []
    return Examined(records, {job.collection.name: libraries[job.folder].card for job in jobs})


def load_judge(model: str | None) -> Judge | None:
    """Raises ConfigurationError for a model that is not there."""
    if model is None:
        return None
    return Judge(
        LangChainChat(model, first_token_timeout_s=JUDGE_TIMEOUT_S, total_timeout_s=JUDGE_TIMEOUT_S)
    )


def _shares(job: Job, size: int) -> Iterator[Job]:
    cases = job.collection.cases
    for start in range(0, len(cases), size):
        yield replace(job, collection=replace(job.collection, cases=cases[start : start + size]))


def _one_by_one(
    jobs: Sequence[Job], terms: Terms, progress: Progress
) -> tuple[dict[Path, Library], list[Record]]:
    librarian = Librarian(terms.settings, terms.work, progress)
    libraries: dict[Path, Library] = {}
    records: list[Record] = []
    for job in jobs:
        libraries[job.folder] = librarian.library(job.folder)
        records += _ask(job, libraries[job.folder], terms, progress)
    return libraries, records


def _shared_out(
    shares: Sequence[Job], terms: Terms, pool: ProcessPoolExecutor, progress: Progress
) -> tuple[dict[Path, Library], list[Record]]:
    """The largest folder first; the questions about one follow when it is ingested."""
    folders = sorted({share.folder for share in shares}, key=_bytes_below, reverse=True)
    ingesting = {pool.submit(_ingest, folder, terms): folder for folder in folders}
    libraries: dict[Path, Library] = {}
    asking: dict[Future[list[Record]], int] = {}
    for number, ingested in enumerate(as_completed(ingesting), 1):
        folder = ingesting[ingested]
        libraries[folder] = ingested.result()
        progress("ingest", number, len(folders))
        for place, share in enumerate(shares):
            if share.folder == folder:
                asking[pool.submit(_ask, share, libraries[folder], terms)] = place
    found: dict[int, list[Record]] = {}
    for number, asked in enumerate(as_completed(asking), 1):
        found[asking[asked]] = asked.result()
        progress("ask", number, len(shares))
    return libraries, [record for place in sorted(found) for record in found[place]]


def _bytes_below(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.md"))


def _ingest(folder: Path, terms: Terms) -> Library:
    return Librarian(terms.settings, terms.work, _silent).library(folder)


def _ask(
    job: Job, library: Library, terms: Terms, progress: Progress | None = None
) -> list[Record]:
    judge = load_judge(terms.judge)
    examiner = Examiner(job.collection, library, terms.settings, judge)
    examining = examiner.examine(progress or _silent, timed=terms.timed, on_trial=job.on_trial)
    return run(examining)


def _silent(stage: str, done: int, total: int) -> None:
    """For a process whose progress nobody sees."""
