"""How alike texts of any language are, in the embedding space that all languages share."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bot.domain.errors import ModelUnavailable
from ingest.embedding.space import Space, Vectors
from ingest.errors import IngestError

KEPT = 4_000  # sentences; of 512 dimensions 8 MB


class SpaceSimilarity:
    def __init__(self, space: Space) -> None:
        self._space = space
        self.dims = space.dims
        # Customers ask about the same pages; a vector takes about a millisecond.
        self._vector = lru_cache(KEPT)(self._encode)

    def compare(self, texts: Sequence[str], others: Sequence[str]) -> Sequence[Sequence[float]]:
        if not texts or not others:
            return [[] for _ in texts]
        rows, columns = (np.stack([self.vector(t) for t in side]) for side in (texts, others))
        cosines: list[list[float]] = (rows @ columns.T).tolist()
        return cosines

    def vector(self, text: str) -> Vectors:
        """float32 (dims,), of length one; raises ModelUnavailable."""
        try:
            return self._vector(text)
        except IngestError as error:
            raise ModelUnavailable(str(error)) from error

    def _encode(self, text: str) -> Vectors:
        """float32 (dims,), of length one."""
        vector: Vectors = self._space.sentences([text])[0]
        return vector
