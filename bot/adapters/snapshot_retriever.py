"""The published snapshot as a retriever; a new one is taken over while questions go on."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bot.adapters.ranking import Rankings
from bot.adapters.snapshot_articles import SnapshotArticles
from bot.adapters.snapshot_search import SnapshotSearch
from bot.domain.errors import KnowledgeBaseUnavailable, ModelUnavailable
from bot.domain.knowledge import OWN_PAGES, ArticleAddress, ArticleImage, ArticlePage, Evidence
from bot.ports import IndexStatus, Query
from ingest.embedding.space import Space
from ingest.errors import IngestError, SnapshotError
from ingest.publishing import Pointer, SnapshotIndex
from ingest.snapshot import Snapshot, SpaceCard

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
RETRY_S = 1.0  # after the first failure; twice as long after each further one
MAX_RETRY_S = 300.0  # verifying a large snapshot takes seconds of a core


class Served(NamedTuple):
    """One snapshot, to be searched and to be read."""

    pointer: Pointer
    search: SnapshotSearch
    articles: SnapshotArticles


@dataclass(frozen=True, slots=True)
class Failure:
    """A snapshot that could not be opened. It may be damaged, or files were short for a moment."""

    pointer: Pointer
    reason: str
    wait_s: float
    retry_at: float  # on the retriever's clock


class SnapshotRetriever:
    """A search works on the snapshot it began with; a swap only changes one reference."""

    def __init__(
        self,
        folder: Path,
        spaces: Sequence[Space],
        rankings: Rankings,
        clock: Callable[[], float] = time.monotonic,
        address: ArticleAddress = OWN_PAGES,
    ) -> None:
        self._index = SnapshotIndex(folder)
        self._spaces = spaces
        self._rankings = rankings
        self._clock = clock
        self._address = address
        self._served: Served | None = None
        self._failure: Failure | None = None
        self._refused: str | None = None
        self._loading = asyncio.Lock()

    def status(self) -> IndexStatus:
        served = self._served
        return IndexStatus(served.search.snapshot.id if served else None, self._refused)

    async def search(self, query: Query) -> Evidence:
        served = await self._serve()
        try:
            return await asyncio.to_thread(served.search.search, query)
        except IngestError as error:
            raise ModelUnavailable(str(error)) from error

    async def article(self, path: str) -> ArticlePage | None:
        served = await self._serve()
        return await asyncio.to_thread(served.articles.page, path)

    async def image(self, name: str) -> ArticleImage | None:
        served = await self._serve()
        return await asyncio.to_thread(served.articles.image, name)

    async def _serve(self) -> Served:
        if self._served is None:
            await self.refresh()
        if self._served is None:
            raise KnowledgeBaseUnavailable(self._refused or f"no index at {self._index.folder}")
        return self._served

    async def refresh(self) -> IndexStatus:
        """Take over what CURRENT names; a snapshot that is damaged or does not fit is refused."""
        async with self._loading:
            try:
                pointer = await asyncio.to_thread(self._index.current)
            except SnapshotError as error:
                self._refuse(str(error))
            else:
                await self._take_over(pointer)
            return self.status()

    async def _take_over(self, pointer: Pointer | None) -> None:
        if pointer is None:
            self._refuse(_missing(self._index.folder))
        elif self._served is not None and pointer == self._served.pointer:
            self._accept()
        elif (failure := self._failure_of(pointer)) and self._clock() < failure.retry_at:
            self._refuse(failure.reason)
        else:
            await self._try_to_open(pointer)

    async def _try_to_open(self, pointer: Pointer) -> None:
        try:
            self._served = await asyncio.to_thread(self._open, pointer)
        except (SnapshotError, OSError) as error:
            before = self._failure_of(pointer)
            wait_s = min(2 * before.wait_s, MAX_RETRY_S) if before else RETRY_S
            self._failure = Failure(pointer, str(error), wait_s, self._clock() + wait_s)
            self._refuse(str(error))
        else:
            self._accept()
            log.info("snapshot %s serves", pointer.snapshot)

    def _failure_of(self, pointer: Pointer) -> Failure | None:
        failure = self._failure
        return failure if failure is not None and failure.pointer == pointer else None

    async def watch(self) -> None:
        """Look for a new snapshot for ever; the models are loaded before anybody asks."""
        await asyncio.to_thread(self._warm)
        while True:
            await self.refresh()
            await asyncio.sleep(LOOK_EVERY_S)

    def _warm(self) -> None:
        try:
            for space in self._spaces:
                space.query("warm")
        except IngestError as error:
            log.error("model not loaded: %s", error)

    def _open(self, pointer: Pointer) -> Served:
        snapshot = Snapshot.load(self._index.path(pointer.snapshot), pointer.manifest_sha256)
        check_fit(snapshot, self._spaces)
        search = SnapshotSearch(snapshot, self._spaces, self._rankings, self._address)
        return Served(pointer, search, SnapshotArticles(snapshot, self._address))

    def _accept(self) -> None:
        self._failure, self._refused = None, None

    def _refuse(self, reason: str) -> None:
        if reason != self._refused:
            log.error("snapshot refused: %s", reason)
        self._refused = reason


def check_fit(snapshot: Snapshot, spaces: Sequence[Space]) -> None:
    """Vectors of another model, or texts cut another way, would answer wrongly without notice."""
    expected = tuple(SpaceCard.of(space) for space in spaces)
    if snapshot.manifest.spaces != expected:
        theirs = ", ".join(card.model for card in snapshot.manifest.spaces)
        ours = ", ".join(card.model for card in expected)
        raise SnapshotError(
            f"snapshot {snapshot.id} was made with {theirs}, the settings say {ours};"
            " run: firstline ingest KB_DIR"
        )
    for card in snapshot.manifest.spaces:
        if snapshot.dense[card.name].index.d != card.dims:
            raise SnapshotError(f"snapshot {snapshot.id}: {card.name} has other dimensions")
    if len(snapshot.chunks) != snapshot.manifest.chunks:
        raise SnapshotError(f"snapshot {snapshot.id}: the number of chunks does not match")


def _missing(folder: Path) -> str:
    return f"no index at {folder}; run: firstline ingest KB_DIR"
