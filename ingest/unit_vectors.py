"""Vectors of headings, sentences, list items and table rows, eight bits a component."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ingest.embedding.space import Vectors


@dataclass(frozen=True, slots=True)
class UnitVectors:
    """Chunk c owns the units `offsets[c]:offsets[c + 1]`; its first unit is its heading."""

    codes: NDArray[np.int8]  # (units, dims)
    scales: NDArray[np.float32]  # (units,): component = code * scale
    offsets: NDArray[np.int64]  # (chunks + 1,)
    lengths: NDArray[np.float32]  # (chunks,): of the sum of a chunk's vectors without its heading

    @classmethod
    def build(cls, vectors: Vectors, offsets: NDArray[np.int64]) -> "UnitVectors":
        scales = np.abs(vectors).max(axis=1, initial=1e-9) / 127
        codes = np.round(vectors / scales[:, None]).astype(np.int8)
        return cls(codes, scales.astype(np.float32), offsets, _lengths(vectors, offsets))

    def similarities(self, query: Vectors, chunk: int) -> Vectors:
        """Cosine of the query to each unit of a chunk, float32 (units of the chunk,)."""
        span = slice(self.offsets[chunk], self.offsets[chunk + 1])
        return (self.codes[span].astype(np.float32) @ query) * self.scales[span]

    def vectors(self, units: NDArray[np.intp]) -> Vectors:
        return self.codes[units].astype(np.float32) * self.scales[units][:, None]

    def save(self, folder: Path) -> None:
        np.save(folder / "unit_codes.npy", self.codes)
        np.save(folder / "unit_scales.npy", self.scales)
        np.save(folder / "unit_offsets.npy", self.offsets)
        np.save(folder / "unit_lengths.npy", self.lengths)

    @classmethod
    def load(cls, folder: Path) -> "UnitVectors":
        scales = np.load(folder / "unit_scales.npy", allow_pickle=False)
        offsets = np.load(folder / "unit_offsets.npy", allow_pickle=False)
        mode: Literal["r"] | None = "r" if len(scales) else None  # nothing cannot be mapped
        # As a plain array: every slice of a `memmap` costs more than what it is sliced for.
        codes = np.asarray(np.load(folder / "unit_codes.npy", mmap_mode=mode, allow_pickle=False))
        lengths = np.load(folder / "unit_lengths.npy", allow_pickle=False)
        return cls(codes, scales, offsets, lengths)


def _lengths(vectors: Vectors, offsets: NDArray[np.int64]) -> NDArray[np.float32]:
    if not len(vectors):
        return np.empty(0, np.float32)
    first = offsets[:-1]
    sums = np.add.reduceat(vectors, first) - vectors[first]
    return np.asarray(np.linalg.norm(sums, axis=1), np.float32)
