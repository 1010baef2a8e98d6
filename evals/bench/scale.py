"""Search over many chunks: how latency and memory grow with the knowledge base."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bot.domain.conversation import Locale
from evals.bench import firstline_side
from evals.bench.corpora import alternate, by_locale, spread
from evals.bench.figures import Figure, Section
from evals.bench.search_speed import asked_spaces
from evals.bench.synthetic import enlarge
from evals.bench.worker import Worker, start_worker
from evals.cases import Case
from ingest.embedding.space import Space
from ingest.publishing import SnapshotIndex
from ingest.snapshot import Snapshot

WARM_UPS = 5


@dataclass(frozen=True, slots=True)
class ScaleBench:
    snapshots: Sequence[Snapshot]  # what the synthetic chunks are made of
    spaces: Sequence[Space]  # the default ones: the process that searches chooses them again
    cases: Sequence[Case]
    folder: Path
    chunks: int
    searches: int  # a language

    def run(self) -> Iterator[Figure]:
        section = Section(f"{self.chunks:,} synthetic chunks")
        names = [space.name for space in self.spaces]
        begin = perf_counter()
        index = SnapshotIndex(self.folder)
        manifest = index.publish(enlarge(self.snapshots, self.spaces, self.chunks).write)
        yield section.counted(
            "build and publish, without embedding", perf_counter() - begin, "s", spaces=names
        )
        size = sum(card.size for card in manifest.files.values())
        yield section.counted("size on disk", size / 2**20, "MiB", spaces=names)
        with start_worker(
            firstline_side.__name__, str(self.folder), firstline_side.DEFAULT
        ) as searcher:
            yield section.counted("open, hashes checked", searcher.call("open")["seconds"], "s")
            yield from self._searches(section, searcher)
            yield from self._memory(section, searcher, names)

    def _searches(self, section: Section, searcher: Worker) -> Iterator[Figure]:
        samples: dict[Locale, list[float]] = {locale: [] for locale in by_locale(self.cases)}
        for case in spread(self.cases, WARM_UPS):
            searcher.call("search", text=case.query, locale=case.locale)
        for case in alternate(self.cases, self.searches):
            answer = searcher.call("search", text=case.query, locale=case.locale)
            samples[case.locale].append(answer["ms"])
        for locale, milliseconds in samples.items():
            yield section.measured(
                f"search, {locale} questions",
                milliseconds,
                "ms",
                spaces=asked_spaces(self.spaces, locale),
            )

    def _memory(self, section: Section, searcher: Worker, names: Sequence[str]) -> Iterator[Figure]:
        memory = searcher.memory()
        if memory:
            yield section.counted(
                "memory of the searching process",
                memory["resident_mib"],
                "MiB",
                spaces=names,
                note=f"of that {memory['private_mib']:.0f} not mapped from files",
            )
