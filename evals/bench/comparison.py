"""Firstline beside the plain LangChain recipe: a process for each side, measured by turns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.conversation import Locale
from evals.bench import firstline_side, recipe_side
from evals.bench.corpora import judged, pages_of
from evals.bench.figures import Figure, Section
from evals.bench.worker import Worker, start_worker
from evals.cases import Case, Collection

RECIPE = "recipe"
SPACES: Mapping[str, tuple[str, ...]] = {
    firstline_side.DEFAULT: ("multilingual", "english"),
    firstline_side.MULTILINGUAL: ("multilingual",),
    RECIPE: ("all-MiniLM-L6-v2",),
}


@dataclass(slots=True)
class Samples:
    """What one side did."""

    ingest_s: list[float] = field(default_factory=list)
    chunks: int = 0
    search_ms: list[float] = field(default_factory=list)
    hits: dict[Locale, list[bool]] = field(default_factory=dict)


@dataclass(slots=True)
class Comparison:
    suite: Collection
    workspace: Path
    rounds: int
    section: Section = field(init=False)

    def __post_init__(self) -> None:
        self.section = Section(f"Against the plain LangChain recipe, {self.suite.name}")

    def run(self) -> Iterator[Figure]:
        with ExitStack() as stack:
            sides = {name: stack.enter_context(worker) for name, worker in self._workers().items()}
            for name, side in sides.items():
                seconds = side.call("start")["seconds"]
                yield self.section.counted(
                    f"model load, {_title(name)}", seconds, "s", spaces=SPACES[name]
                )
            samples = {name: Samples() for name in sides}
            self._ingest_by_turns(sides, samples)
            self._ask_by_turns(sides, samples)
            yield from self._ingestion(samples)
            yield from self._queries(samples)
            yield from self._hits(samples)
            yield from self._memory(sides)
        yield from self._serving_memory()

    def _workers(self) -> dict[str, AbstractContextManager[Worker]]:
        variants = (firstline_side.DEFAULT, firstline_side.MULTILINGUAL)
        workers = {
            variant: start_worker(firstline_side.__name__, str(self._index(variant)), variant)
            for variant in variants
        }
        recipe = start_worker(recipe_side.__name__, environment=recipe_side.ENVIRONMENT)
        return {**workers, RECIPE: recipe}

    def _index(self, variant: str) -> Path:
        return self.workspace / f"compared-{variant}"

    def _ingest_by_turns(self, sides: Mapping[str, Worker], samples: Mapping[str, Samples]) -> None:
        for _ in range(self.rounds):
            for name, side in sides.items():
                answer = side.call("ingest", folder=str(self.suite.folder))
                samples[name].ingest_s.append(answer["seconds"])
                samples[name].chunks = answer["chunks"]

    def _ask_by_turns(self, sides: Mapping[str, Worker], samples: Mapping[str, Samples]) -> None:
        for side in sides.values():
            side.call("open")
        for case in self._cases():
            for name, side in sides.items():
                answer = side.call("search", text=case.query, locale=case.locale)
                samples[name].search_ms.append(answer["ms"])
                if case.relevant:
                    hit = is_hit(case, answer["paths"])
                    samples[name].hits.setdefault(case.locale, []).append(hit)

    def _cases(self) -> Sequence[Case]:
        return judged(self.suite.cases) or self.suite.cases

    def _ingestion(self, samples: Mapping[str, Samples]) -> Iterator[Figure]:
        characters = sum(len(path.read_text("utf-8")) for path in pages_of(self.suite))
        rates = {name: [characters / s for s in side.ingest_s] for name, side in samples.items()}
        for name, side in samples.items():
            note = f"{side.chunks} chunks"
            yield self.section.measured(
                f"chunks ingested, {_title(name)}",
                [side.chunks / seconds for seconds in side.ingest_s],
                "chunks/s",
                spaces=SPACES[name],
                note=note,
            )
            yield self.section.measured(
                f"characters ingested, {_title(name)}",
                rates[name],
                "characters/s",
                spaces=SPACES[name],
            )
        for name in _ours(samples):
            yield self.section.ratio(
                f"characters ingested, {_title(name)} / recipe",
                rates[name],
                rates[RECIPE],
                note="more is faster",
            )

    def _queries(self, samples: Mapping[str, Samples]) -> Iterator[Figure]:
        for name, side in samples.items():
            yield self.section.measured(
                f"search, {_title(name)}", side.search_ms, "ms", spaces=SPACES[name]
            )
        for name in _ours(samples):
            yield self.section.ratio(
                f"search, {_title(name)} / recipe",
                samples[name].search_ms,
                samples[RECIPE].search_ms,
                note="less is faster",
            )

    def _hits(self, samples: Mapping[str, Samples]) -> Iterator[Figure]:
        for name, side in samples.items():
            for locale, hits in side.hits.items():
                yield Figure(
                    self.section.title,
                    f"hit@5, {locale} questions, {_title(name)}",
                    "share",
                    len(hits),
                    sum(hits) / len(hits),
                    spaces=SPACES[name],
                )

    def _memory(self, sides: Mapping[str, Worker]) -> Iterator[Figure]:
        for name, side in sides.items():
            memory = side.memory()
            if memory:
                yield self.section.counted(
                    f"memory after ingesting and answering, {_title(name)}",
                    memory["resident_mib"],
                    "MiB",
                    spaces=SPACES[name],
                    note=f"most {memory['peak_mib']:.0f}",
                )

    def _serving_memory(self) -> Iterator[Figure]:
        """Firstline answers from a published file, so the process that answers never ingested."""
        variant = firstline_side.DEFAULT
        with start_worker(firstline_side.__name__, str(self._index(variant)), variant) as side:
            side.call("open")
            for case in self._cases():
                side.call("search", text=case.query, locale=case.locale)
            memory = side.memory()
        if memory:
            yield self.section.counted(
                "memory of search alone, Firstline default",
                memory["resident_mib"],
                "MiB",
                spaces=SPACES[variant],
                note=f"of that {memory['private_mib']:.0f} not mapped from files",
            )


def is_hit(case: Case, paths: Sequence[str]) -> bool:
    """One of the pages that answer is among the first five different ones."""
    return bool(set(case.relevant) & set(list(dict.fromkeys(paths))[:5]))


def _ours(samples: Mapping[str, Samples]) -> list[str]:
    return [name for name in samples if name != RECIPE]


def _title(name: str) -> str:
    return name if name == RECIPE else f"Firstline {name}"
