"""The whole benchmark: its parts one after the other, each over what the ones before it built."""

import logging
import os
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.adapters import ranking
from bot.adapters.snapshot_search import SnapshotSearch
from evals.bench.comparison import Comparison
from evals.bench.corpora import KNOWLEDGE_BASE, judged, load_suites, pages_of, shorten
from evals.bench.figures import Figure, Results, Section
from evals.bench.ingest_speed import IngestBench, Variant
from evals.bench.load import VISITORS, measure_load
from evals.bench.model_faults import measure_faults
from evals.bench.recipe_side import missing_modules
from evals.bench.scale import ScaleBench
from evals.bench.search_speed import measure_search
from evals.bench.serving import HOST, measure_ask, measure_server, start_server
from evals.bench.turn_speed import measure_turns
from evals.cases import Collection
from evals.public_sets import VARIABLE, dev_data
from ingest.embedding.catalogue import choose_spaces

log = logging.getLogger(__name__)

LIBRARIES = ("faiss-cpu", "onnxruntime", "numpy", "torch", "sentence-transformers")
CHROMIUM = Path("/usr/bin/chromium")
BUSY = 0.3  # load a core, of others, above which figures suffer

# Told of each part before it starts.
Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int = 2  # full ingestions a side
    searches: int = 200  # a language
    turns: int = 200
    asks: int = 5
    faulty: int = 3  # conversations with each fault of a chat model
    questions: int = 200  # that the server gets
    conversations: tuple[int, ...] = (200, 1000, 2000)  # at which its memory is taken under load
    chunks: int = 100_000  # synthetic
    large_searches: int = 100  # a language, over the synthetic chunks
    pages: int | None = None  # of each corpus; None: all


QUICK = Plan(
    rounds=1,
    searches=30,
    turns=30,
    asks=2,
    faulty=1,
    questions=40,
    conversations=(20, 100, 200),
    chunks=25_000,
    large_searches=25,
    pages=40,
)


@dataclass(slots=True)
class Run:
    plan: Plan
    workspace: Path
    announce: Announce
    suites: Sequence[Collection] = ()
    variants: Sequence[Variant] = field(default_factory=tuple)
    benches: Sequence[IngestBench] = ()

    def results(self) -> Results:
        self.suites = self._suites()
        self.variants = (
            Variant("multilingual", choose_spaces(experts=())),
            Variant("default", choose_spaces()),
        )
        self.benches = [
            IngestBench(suite, self.variants, self.workspace, self.plan.rounds)
            for suite in self.suites
        ]
        results = Results(self._setup(), remarks=list(self._remarks()))
        measure(self._parts(), results, self.announce)
        return results

    def _suites(self) -> list[Collection]:
        suites = load_suites(self.workspace)
        if self.plan.pages is None:
            return list(suites)
        return [shorten(s, self.plan.pages, self.workspace / "pages" / s.name) for s in suites]

    def _parts(self) -> Iterator[tuple[str, Iterator[Figure]]]:
        yield "models", self._load_models()
        for bench in self.benches:
            yield f"ingestion of {bench.suite.name}", bench.run()
        for bench in self.benches:
            yield f"search in {bench.suite.name}", self._search(bench)
        yield from self._turns(self.benches[0])
        yield f"{self.plan.chunks:,} synthetic chunks", self._scale()
        if not missing_modules():
            comparison = Comparison(self.suites[0], self.workspace, self.plan.rounds)
            yield "the LangChain recipe", comparison.run()

    def _load_models(self) -> Iterator[Figure]:
        section = Section("Models")
        for variant in self.variants:
            name = f"load and first use, {variant.name}"
            spaces = variant.space_names
            yield section.counted(name, variant.warm_up(), "s", spaces=spaces)

    def _search(self, bench: IngestBench) -> Iterator[Figure]:
        variant = bench.variants[-1]
        search = SnapshotSearch(bench.index.load(), variant.spaces, ranking.load())
        section = Section("Search in one process")
        yield from measure_search(section, bench.suite, search, self.plan.searches, variant.spaces)

    def _turns(self, bench: IngestBench) -> Iterator[tuple[str, Iterator[Figure]]]:
        """All over one home folder: its index, and the database that the first part makes."""
        section = Section(f"Turns, {bench.suite.name}")
        cases, spaces, home = bench.suite.cases, bench.variants[-1].space_names, self._home
        yield "turns in one process", self._stored_turns(bench, section)
        if find_spec("langchain_openai") is not None:
            faults = measure_faults(section, home, cases, self.plan.faulty, spaces)
            yield "turns with a broken chat model", faults
        yield "firstline ask", measure_ask(section, home, cases, self.plan.asks, spaces)
        server = measure_server(section, home, cases, self.plan.questions, spaces)
        yield "firstline serve", server
        crowd = Section(f"{VISITORS} visitors at once, {KNOWLEDGE_BASE.name}")
        load = measure_load(crowd, self.workspace / "crowd", self.plan.conversations)
        yield "firstline serve under load", load
        if not missing_browser():
            yield "the widget's start", self._widget()

    def _widget(self) -> Iterator[Figure]:
        from evals.bench.widget_speed import measure_widget

        with start_server(self.workspace / "crowd") as (_, port):
            page = f"http://{HOST}:{port}/demo"
            yield from measure_widget(Section("Widget"), page, str(CHROMIUM))

    def _stored_turns(self, bench: IngestBench, section: Section) -> Iterator[Figure]:
        shutil.copytree(bench.index.folder, self._home / "index")
        yield from measure_turns(
            section,
            self._home,
            bench.suite.cases,
            self.plan.turns,
            bench.variants[-1].space_names,
        )

    @property
    def _home(self) -> Path:
        return self.workspace / "home"

    def _scale(self) -> Iterator[Figure]:
        yield from ScaleBench(
            [bench.index.load() for bench in self.benches],
            self.variants[-1].spaces,
            [case for suite in self.suites for case in suite.cases],
            self.workspace / "large",
            self.plan.chunks,
            self.plan.large_searches,
        ).run()

    def _setup(self) -> dict[str, Any]:
        return {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
            "libraries": dict(_versions()),
            "spaces": {
                variant.name: [space.fingerprint for space in variant.spaces]
                for variant in self.variants
            },
            "pages": {suite.name: len(pages_of(suite)) for suite in self.suites},
            "plan": asdict(self.plan),
        }

    def _remarks(self) -> Iterator[str]:
        load, cores = os.getloadavg()[0], os.cpu_count() or 1
        if load > BUSY * cores:
            yield (
                f"the machine was busy at the start (load {load:.1f} on {cores} cores): absolute"
                " figures are too slow, and ratios flatter the side whose threads wait less for"
                " each other, which is not the recipe's"
            )
        if dev_data() is None:
            yield (
                f"{VARIABLE} is not set: measured over knowledge_base/ with the questions its"
                " articles state, which the index holds; so no hit rates"
            )
        if missing_browser():
            yield f"the widget's start not measured, {missing_browser()} missing"
        if find_spec("langchain_openai") is None:
            yield "turns with a broken chat model not measured, langchain_openai missing"
        missing = missing_modules()
        if missing:
            yield (
                f"not compared with the LangChain recipe, {', '.join(missing)} missing;"
                " run: pip install -e '.[bench]'"
            )
        elif judged(self.suites[0].cases):
            yield (
                "hit@5 is a development figure: Firstline's ranking weights were fitted on sets"
                " that hold these questions, the recipe fits nothing"
            )


def missing_browser() -> str:
    """What the widget cannot be measured without and is not here; empty when all is."""
    if find_spec("playwright") is None:
        return "playwright"
    return "" if CHROMIUM.exists() else str(CHROMIUM)


def measure(
    parts: Iterable[tuple[str, Iterable[Figure]]], results: Results, announce: Announce
) -> None:
    """A part that fails is named and keeps what it measured; the others follow all the same."""
    for part, figures in parts:
        announce(part)
        try:
            results.figures.extend(figures)
        except Exception as error:
            # The edge of a part: whatever is broken there, the others are worth their minutes.
            log.exception("%s could not be measured", part)
            results.failures.append(f"{part}: {error}")


def _versions() -> Iterator[tuple[str, str]]:
    for library in LIBRARIES:
        try:
            yield library, metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
