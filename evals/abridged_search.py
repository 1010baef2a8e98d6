"""A search over a part of its snapshot: what a question finds where its page was never written."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from bot.adapters.snapshot_search import Allowed, SnapshotSearch
from ingest.chunk_table import LOCALES


@dataclass(frozen=True, slots=True)
class Omission:
    """What a search does not see; translations of an article go with it."""

    paths: frozenset[str] = frozenset()
    locale: str = ""


class AbridgedSearch(SnapshotSearch):
    _omitted: Allowed | None = None

    @contextmanager
    def without(self, omission: Omission) -> Iterator[Self]:
        """Searches inside see the rest alone."""
        self._omitted = self._chunks_of(omission)
        try:
            yield self
        finally:
            self._omitted = None

    def has(self, paths: Iterable[str]) -> bool:
        return any(path in self._groups for path in paths)

    def _allowed(self, audience: frozenset[str], locale: str) -> Allowed:
        allowed = super()._allowed(audience, locale)
        return allowed if self._omitted is None else allowed & ~self._omitted

    def _chunks_of(self, omission: Omission) -> Allowed:
        chunks = self.snapshot.chunks
        groups = [self._groups[path] for path in omission.paths if path in self._groups]
        omitted: Allowed = np.isin(chunks.groups, groups)
        if omission.locale:
            omitted |= chunks.locales == LOCALES.index(omission.locale)
        return omitted

    @cached_property
    def _groups(self) -> dict[str, int]:
        """By path of an article: the number it shares with its translations."""
        chunks = self.snapshot.chunks
        return {chunk.path: int(chunks.groups[row]) for row, chunk in enumerate(chunks)}
