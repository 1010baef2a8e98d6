"""The published snapshot as a retriever; a new one is taken over while questions go on."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bot.adapters.ranking import Ranking
from bot.adapters.snapshot_articles import SnapshotArticles
from bot.adapters.snapshot_search import SnapshotSearch
from bot.domain.errors import KnowledgeBaseUnavailable, ModelUnavailable
from bot.domain.knowledge import ArticlePage, Evidence
from bot.ports import IndexStatus, Query
from ingest.embedding.space import Space
from ingest.errors import IngestError, SnapshotError
from ingest.publishing import Pointer, SnapshotIndex
from ingest.snapshot import Snapshot, SpaceCard

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class Served(NamedTuple):
    """One snapshot, to be searched and to be read."""

    search: SnapshotSearch
    articles: SnapshotArticles


class SnapshotRetriever:
    """A search works on the snapshot it began with; a swap only changes one reference."""

    def __init__(self, folder: Path, spaces: Sequence[Space], ranking: Ranking) -> None:
        self._index = SnapshotIndex(folder)
        self._spaces = spaces
        self._ranking = ranking
        self._served: Served | None = None
        self._seen: Pointer | None = None
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
                if pointer is None:
                    raise SnapshotError(_missing(self._index.folder))
                if pointer == self._seen:
                    return self.status()
                self._seen = pointer
                self._served = await asyncio.to_thread(self._open)
                self._refused = None
                log.info("snapshot %s serves", pointer.snapshot)
            except SnapshotError as error:
                self._refuse(str(error))
            return self.status()

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

    def _open(self) -> Served:
        snapshot = self._index.load()
        check_fit(snapshot, self._spaces)
        search = SnapshotSearch(snapshot, self._spaces, self._ranking)
        return Served(search, SnapshotArticles(snapshot))

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
