"""A dense space: one embedding model, the languages it is good at, and how it is called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IngestError

if TYPE_CHECKING:  # the import costs 0.3 s, which a space that only compares fingerprints saves
    from langchain_core.embeddings import Embeddings

Vectors = NDArray[np.float32]
Rows = Sequence[Sequence[float]]

# What goes to an encoder is cut: one string of 100,000 characters keeps a core busy for seconds.
QUERY_CHARACTERS = 1_000
PASSAGE_CHARACTERS = 1_500
SENTENCE_CHARACTERS = 240  # a sentence beyond it is a row or code, told by its beginning
BATCH = 512


@dataclass(slots=True)
class Space:
    """Vectors of one model. The model is loaded on first use, once.

    Whatever goes wrong in the model is an IngestError that names it.
    """

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
        return self._embed(texts, PASSAGE_CHARACTERS)

    def sentences(self, texts: Sequence[str]) -> Vectors:
        """Like `passages`, of short texts."""
        return self._embed(texts, SENTENCE_CHARACTERS)

    def _embed(self, texts: Sequence[str], characters: int) -> Vectors:
        if not texts:
            return np.empty((0, self.dims), np.float32)
        cut = [_cut(text, characters) for text in texts]
        try:
            rows: Rows = self.embeddings.embed_documents(cut)
        except IngestError:
            raise
        except Exception as error:
            kind = type(error).__name__
            raise IngestError(f"embedding model {self.model} failed: {kind}: {error}") from error
        return self._unit_length(rows, len(cut))

    def query(self, text: str) -> Vectors:
        """float32 (dims,), of length one."""
        try:
            row = self.embeddings.embed_query(_cut(text, QUERY_CHARACTERS))
        except IngestError:
            raise
        except Exception as error:
            # The model's message may quote the question, its kind does not.
            kind = type(error).__name__
            raise IngestError(f"embedding model {self.model} failed: {kind}") from error
        vector: Vectors = self._unit_length([row], 1)[0]
        return vector

    def _unit_length(self, rows: Rows, count: int) -> Vectors:
        try:
            vectors = np.asarray(rows, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise IngestError(f"embedding model {self.model} gave no vectors: {error}") from error
        if vectors.shape != (count, self.dims):
            raise IngestError(
                f"embedding model {self.model} gave vectors of shape {vectors.shape}"
                f" instead of {(count, self.dims)}"
            )
        if not np.isfinite(vectors).all():
            raise IngestError(f"embedding model {self.model} gave a vector with nan or infinity")
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-9), np.float32)


def _cut(text: str, characters: int) -> str:
    """No encoder takes half a surrogate pair, which JSON can bring along."""
    return text[:characters].encode("utf-8", "replace").decode("utf-8")
