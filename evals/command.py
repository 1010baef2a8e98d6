"""`firstline eval`: from the wanted suites to a run, its report and its verdict."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.errors import ConfigurationError
from bot.settings import Settings
from evals import crew, gate, hearing, public_sets
from evals.baseline import Comparison
from evals.cases import KNOWLEDGE_BASE, OWN_CASES, Case, Collection, has_dialogues, load_folder
from evals.crew import Job, Terms
from evals.gate import Threshold
from evals.report import render
from evals.runner import Progress
from evals.runs import Run, describe
from evals.suites import DIALOGUES, SUITES
from evals.typos import mistyped


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    suites: tuple[str, ...] = tuple(SUITES)
    data: Path | None = None  # instead of the own cases and the public sets
    work: Path | None = None  # keeps the indexes for the next run
    judge: str | None = None  # chat model as `provider:name`
    gated: bool = False  # only what the gate looks at


def evaluate(settings: Settings, order: Order, progress: Progress) -> Run:
    """Raises ConfigurationError for wrong cases or suites, IngestError for a wrong folder."""
    if unknown := [name for name in order.suites if name not in SUITES]:
        raise ConfigurationError(f"there is no suite {unknown[0]}; there are: {', '.join(SUITES)}")
    with ExitStack() as stack:
        work = order.work or Path(stack.enter_context(TemporaryDirectory()))
        asks = order.suites != (DIALOGUES,)
        collections, skipped = gather(order.data, work) if asks else ([], [])
        terms = Terms(settings, work, timed="latency" in order.suites, judge=order.judge)
        thresholds = [t for t in gate.load() if t.suite in order.suites] if order.gated else None
        names = None if thresholds is None else gate.data_of(thresholds, DIALOGUES)
        hear = partial(hearing.examine, settings, order.data, datasets=names)
        heard = DIALOGUES in order.suites
        # Beside the questions where nobody looks at how long it takes.
        aside = hear if heard and order.gated else None
        jobs = list(_jobs(collections, order, thresholds))
        examined = crew.examine(jobs, terms, progress, aside)
        records = examined.records
        if heard and aside is None:
            records += hear(progress)
    about = describe(settings, examined.cards, order.judge)
    return Run.of(about, order.suites, records, skipped)


def _jobs(
    collections: Sequence[Collection], order: Order, thresholds: Sequence[Threshold] | None
) -> Iterator[Job]:
    for collection in collections:
        wanted = cases_for(collection, order.suites)
        if thresholds is not None:
            wanted = gate.looked_at(wanted, thresholds)
        # Hours over all public sets: those are tried when nothing else is asked for.
        is_own = collection.dataset == "own"
        on_trial = order.suites == ("grounding",) or (is_own and "grounding" in order.suites)
        if wanted.cases:
            yield Job(wanted, on_trial)


def gather(data: Path | None, work: Path) -> tuple[list[Collection], list[str]]:
    """The cases to run, and what could not be found and why."""
    if data is not None:
        files = [file for file in data.glob("*.jsonl") if not has_dialogues(file)]
        only_dialogues = not files and bool(hearing.dialogue_files(data))
        return ([] if only_dialogues else load_folder(data, work)), []
    own = load_folder(OWN_CASES, work, "own")
    collections = [*own, *map(mistyped, own)]
    folder = public_sets.dev_data()
    if folder is None:
        return collections, [f"the public sets: {public_sets.VARIABLE} names no folder"]
    attacks = Collection("attacks", KNOWLEDGE_BASE, tuple(public_sets.user_attacks(folder)))
    return [*collections, *public_sets.collections(folder, work), attacks], []


def write_report(file: Path, run: Run, comparison: Comparison | None) -> None:
    try:
        file.write_text(render(run, comparison), "utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot write {file}: {error.strerror}") from error


def cases_for(collection: Collection, suites: Sequence[str]) -> Collection:
    """Only what one of the suites looks at."""
    wanted = tuple(case for case in collection.cases if _suites_of(case) & set(suites))
    return replace(collection, cases=wanted)


def _suites_of(case: Case) -> set[str]:
    if case.attack:
        return {"injection"}
    if case.ambiguous:
        return {"clarification", "latency"}
    suites = {"abstention", "latency"}
    if case.answerable:
        suites |= {"answers", "clarification"}
    if case.relevant:
        suites |= {"grounding"} if case.answerable else set()
        suites.add("follow-ups" if case.history else "retrieval")
    return suites
