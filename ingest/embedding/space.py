"""A dense space: one embedding model, the languages it is good at, and how it is called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # the import costs 0.3 s, which a space that only compares fingerprints saves
    from langchain_core.embeddings import Embeddings

Vectors = NDArray[np.float32]

# What goes to an encoder is cut: one string of 100,000 characters keeps a core busy for seconds.
QUERY_CHARACTERS = 1_000
PASSAGE_CHARACTERS = 1_500
BATCH = 256


@dataclass(slots=True)
class Space:
    """Vectors of one model. The model is loaded on first use, once."""

    name: str
    model: str  # identifies the model, with its version
    sha256: str  # of the model's file, or of what stands for it
    dims: int
    languages: frozenset[str]  # of questions and of passages alike
    load: Callable[[], "Embeddings"]
    _embeddings: "Embeddings | None" = None
    _lock: Lock = field(default_factory=Lock)

    @property
    def fingerprint(self) -> str:
        """Two spaces with the same fingerprint hold interchangeable vectors."""
        return f"{self.model}@{self.sha256}:{self.dims}"

    @property
    def embeddings(self) -> "Embeddings":
        with self._lock:
            if self._embeddings is None:
                self._embeddings = self.load()
        return self._embeddings

    def passages(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dims), each of length one."""
        cut = [text[:PASSAGE_CHARACTERS] for text in texts]
        return _unit_length(self.embeddings.embed_documents(cut), self.dims)

    def query(self, text: str) -> Vectors:
        """float32 (dims,), of length one."""
        return _unit_length([self.embeddings.embed_query(text[:QUERY_CHARACTERS])], self.dims)[0]


def _unit_length(rows: Sequence[Sequence[float]], dims: int) -> Vectors:
    vectors = np.asarray(rows, dtype=np.float32).reshape(-1, dims)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(norms, 1e-9)
