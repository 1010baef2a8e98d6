"""Firstline as a side of a comparison: `python -m evals.bench.firstline_side INDEX VARIANT`."""

import sys
from pathlib import Path
from time import perf_counter

from bot.adapters import ranking
from bot.adapters.snapshot_search import SnapshotSearch
from bot.domain.conversation import Locale
from bot.ports import Query
from evals.bench.worker import Answer, serve
from ingest.embedding.catalogue import EXPERTS, choose_spaces
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex

DEFAULT, MULTILINGUAL = "default", "multilingual"
PAGES = 5


class FirstlineSide:
    def __init__(self, folder: Path, variant: str) -> None:
        self._index = SnapshotIndex(folder)
        self._spaces = choose_spaces(experts=EXPERTS if variant == DEFAULT else ())
        self._search: SnapshotSearch | None = None

    def start(self) -> Answer:
        """Load the models."""
        begin = perf_counter()
        for space in self._spaces:
            space.query("warm up")
        return {"seconds": perf_counter() - begin}

    def ingest(self, folder: str) -> Answer:
        begin = perf_counter()
        report = ingest(Path(folder), self._index, self._spaces, full=True)
        return {"seconds": perf_counter() - begin, "chunks": report.chunks}

    def open(self) -> Answer:
        begin = perf_counter()
        self._search = SnapshotSearch(self._index.load(), self._spaces, ranking.load())
        return {"seconds": perf_counter() - begin}

    def search(self, text: str, locale: str) -> Answer:
        """Paths of the first pages, best first."""
        if self._search is None:
            raise ValueError("open the index first")
        query = Query(text=text, locale=Locale(locale), limit=PAGES)
        begin = perf_counter()
        evidence = self._search.search(query)
        seconds = perf_counter() - begin
        return {"ms": seconds * 1000, "paths": [passage.path for passage in evidence.passages]}


def main() -> None:
    folder, variant = sys.argv[1:]
    side = FirstlineSide(Path(folder), variant)
    serve({"start": side.start, "ingest": side.ingest, "open": side.open, "search": side.search})


if __name__ == "__main__":
    main()
