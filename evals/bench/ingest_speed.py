"""From a folder of Markdown to a published snapshot: throughput, and what a second run costs."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from evals.bench.corpora import pages_of
from evals.bench.figures import Figure, Section
from evals.cases import Collection
from ingest.article import Chunk
from ingest.embedding.space import Space
from ingest.pipeline import Report, ingest, read
from ingest.publishing import SnapshotIndex
from ingest.units import embedded_text

ADDED = "\n\nThis sentence was added to see what one edited page costs.\n"


@dataclass(frozen=True, slots=True)
class Variant:
    """One choice of dense spaces."""

    name: str
    spaces: Sequence[Space]

    @property
    def space_names(self) -> tuple[str, ...]:
        return tuple(space.name for space in self.spaces)

    def warm_up(self) -> float:
        """Load the models and use them once; seconds."""
        begin = perf_counter()
        for space in self.spaces:
            space.query("warm up")
        return perf_counter() - begin


@dataclass(slots=True)
class IngestBench:
    """Measures one suite's pages with every variant, in folders below `workspace`."""

    suite: Collection
    variants: Sequence[Variant]
    workspace: Path
    rounds: int
    section: Section = field(init=False)

    def __post_init__(self) -> None:
        self.section = Section(f"Ingestion, {self.suite.name}")

    def run(self) -> Iterator[Figure]:
        """Leaves the snapshot of the last variant at `index`."""
        reports = self._ingest_by_turns()
        for variant in self.variants:
            yield self._throughput(variant, reports[variant.name])
        yield from self._completeness(reports[self.variants[-1].name][-1])
        yield from self._second_run()
        yield from self._edited_page()

    @property
    def index(self) -> SnapshotIndex:
        return self._index(self.variants[-1])

    def _index(self, variant: Variant) -> SnapshotIndex:
        return SnapshotIndex(self.workspace / self.suite.name / variant.name)

    def _ingest_by_turns(self) -> dict[str, list[Report]]:
        reports: dict[str, list[Report]] = {variant.name: [] for variant in self.variants}
        for _ in range(self.rounds):
            for variant in self.variants:
                index = self._index(variant)
                report = ingest(self.suite.folder, index, variant.spaces, full=True)
                reports[variant.name].append(report)
        return reports

    def _throughput(self, variant: Variant, reports: Sequence[Report]) -> Figure:
        return self.section.measured(
            f"file to published, {variant.name}",
            [report.chunks / report.seconds for report in reports],
            "chunks/s",
            spaces=variant.space_names,
            note=f"{reports[0].chunks} chunks, {reports[-1].seconds:.1f} s",
        )

    def _completeness(self, report: Report) -> Iterator[Figure]:
        pages = {path.relative_to(self.suite.folder).as_posix() for path in pages_of(self.suite)}
        published = set(self.index.load().manifest.sources)
        silent = pages - published - {problem.path for problem in report.errors}
        yield self.section.counted("pages in the folder", len(pages), "pages")
        yield self.section.counted("pages in the snapshot", len(pages & published), "pages")
        yield self.section.counted(
            "pages lost without a word", len(silent), "pages", note=", ".join(sorted(silent)[:3])
        )

    def _second_run(self) -> Iterator[Figure]:
        variant = self.variants[-1]
        again = [
            ingest(self.suite.folder, self.index, variant.spaces)
            for _ in range(max(3, self.rounds))
        ]
        spaces = variant.space_names
        yield self.section.counted(
            "nothing changed: embedded", max(r.embedded for r in again), "chunks", spaces=spaces
        )
        yield self.section.measured(
            "nothing changed: time", [r.seconds for r in again], "s", spaces=spaces
        )

    def _edited_page(self) -> Iterator[Figure]:
        """Over a copy of the corpus; the copy's index starts from the one that was just built."""
        variant = self.variants[-1]
        place = self.workspace / self.suite.name / "edited"
        folder = shutil.copytree(self.suite.folder, place / "md")
        shutil.copytree(self.index.folder, place / "index")
        page = folder / max(self.index.load().manifest.sources)
        before = read(folder).chunks
        with page.open("a", encoding="utf-8") as file:
            file.write(ADDED)
        expected = changed(before, read(folder).chunks)
        report = ingest(folder, SnapshotIndex(place / "index"), variant.spaces)
        spaces = variant.space_names
        yield self.section.counted(
            "one page edited: embedded",
            report.embedded,
            "chunks",
            spaces=spaces,
            note=f"{len(expected)} changed",
        )
        yield self.section.counted("one page edited: time", report.seconds, "s", spaces=spaces)


def changed(before: Sequence[Chunk], after: Sequence[Chunk]) -> list[Chunk]:
    """The chunks whose embedded text did not occur before."""
    known = {embedded_text(chunk) for chunk in before}
    return [chunk for chunk in after if embedded_text(chunk) not in known]
