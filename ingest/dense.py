"""One dense space on disk: a FAISS index over the chunks whose language the space covers."""

import math
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from ingest.embedding.space import Vectors

FLAT_UP_TO = 20_000  # vectors: exact search takes 0.3 ms at 10,000 and grows with the number
TRAINING_PER_CELL = 64
PROBES = 24


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """`rows[i]` is the chunk of vector i."""

    index: faiss.Index
    rows: NDArray[np.int32]

    @classmethod
    def build(cls, vectors: Vectors, rows: NDArray[np.int32]) -> "DenseIndex":
        """`vectors` float32 (n, dims) of length one."""
        index = _empty_index(vectors)
        if len(vectors):
            index.add(vectors)
        return cls(index, rows)

    def search(self, query: Vectors, k: int, allowed: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Chunks nearest first; `allowed` (chunks,) is applied before the search, not after."""
        permitted = allowed[self.rows]
        k = min(k, int(permitted.sum()))
        if k == 0:
            return np.empty(0, np.int32)
        _, found = self.index.search(query[None], k, params=self._parameters(permitted))
        nearest: NDArray[np.int32] = self.rows[found[0][found[0] >= 0]]
        return nearest

    def similarities(self, query: Vectors, chunks: NDArray[np.int32]) -> Vectors:
        """Cosine to each of the chunks, float32 (n,); nan for those the space does not hold."""
        position = np.searchsorted(self.rows, chunks)
        position[position == len(self.rows)] = 0
        held = self.rows[position] == chunks if len(self.rows) else np.zeros(len(chunks), bool)
        result = np.full(len(chunks), np.nan, np.float32)
        if held.any():
            result[held] = self.vectors(position[held]) @ query
        return result

    def vectors(self, positions: NDArray[np.intp]) -> Vectors:
        return np.asarray(self.index.reconstruct_batch(positions.astype(np.int64)), np.float32)

    def save(self, path: Path) -> None:
        faiss.write_index(self.index, str(path.with_suffix(".faiss")))
        np.save(path.with_suffix(".rows.npy"), self.rows)

    @classmethod
    def load(cls, path: Path) -> "DenseIndex":
        """Memory-mapped; the hashes must have been checked before, FAISS does not notice damage."""
        index = faiss.read_index(str(path.with_suffix(".faiss")), faiss.IO_FLAG_MMAP_IFC)
        if isinstance(index, faiss.IndexIVF):
            index.make_direct_map()
        return cls(index, np.load(path.with_suffix(".rows.npy"), allow_pickle=False))

    def _parameters(self, permitted: NDArray[np.bool_]) -> faiss.SearchParameters:
        selector = None
        if not permitted.all():
            selector = faiss.IDSelectorBitmap(np.packbits(permitted, bitorder="little"))
        if isinstance(self.index, faiss.IndexIVF):
            # What is permitted may lie in few cells: the rarer it is, the more cells are looked at.
            probes = min(int(PROBES / permitted.mean()), self.index.nlist)
            return faiss.SearchParametersIVF(sel=selector, nprobe=probes)
        return faiss.SearchParameters(sel=selector)


def _empty_index(vectors: Vectors) -> faiss.Index:
    count, dims = vectors.shape
    if count <= FLAT_UP_TO:
        return faiss.IndexFlatIP(dims)
    cells = int(4 * math.sqrt(count))
    index = faiss.index_factory(dims, f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
    random = np.random.default_rng(0)
    sample = random.choice(count, min(count, cells * TRAINING_PER_CELL), replace=False)
    index.train(vectors[np.sort(sample)])
    index.make_direct_map()
    return index
