"""An ONNX file that stays on disk: a constant is read when it is asked for.

onnx's own reader takes the whole file into memory and copies what it is asked for.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ingest.embedding.onnx_graph import Array

GRAPH, NODE, INITIALIZER, RAW_DATA = 7, 1, 5, 9  # field numbers of onnx.proto
VARINT, LENGTH = 0, 2  # how protobuf lays out a field; the others have a width
WIDTHS = {1: 8, 5: 4}  # bytes


class Field(NamedTuple):
    """Of a message, in bytes of the file."""

    number: int
    at: int
    start: int  # of what it holds
    end: int


class OnnxFile:
    def __init__(self, path: Path) -> None:
        # As a plain array: every slice of a `memmap` costs more than what it is sliced for.
        self._bytes: NDArray[np.uint8] = np.asarray(np.memmap(path, np.uint8, mode="r"))
        self.nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, tuple[onnx.TensorProto, Field | None]] = {}
        (graph,) = (f for f in self._fields(0, len(self._bytes)) if f.number == GRAPH)
        for field in self._fields(graph.start, graph.end):
            if field.number == NODE:
                self.nodes.append(onnx.NodeProto.FromString(self._cut(field.start, field.end)))
            elif field.number == INITIALIZER:
                tensor, values = self._read_tensor(field)
                self._tensors[tensor.name] = tensor, values

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def array(self, name: str) -> Array:
        """A constant: a view of the file where its values lie there as they lie in memory."""
        tensor, values = self._tensors[name]
        if values is None:
            return numpy_helper.to_array(tensor)
        kind = helper.tensor_dtype_to_np_dtype(tensor.data_type)
        shape = tuple(tensor.dims)
        return self._bytes[values.start : values.end].view(kind).reshape(shape)

    def _read_tensor(self, message: Field) -> tuple[onnx.TensorProto, Field | None]:
        """What is said about a constant, and where its values are if they are in one piece."""
        values, said = None, b""
        for field in self._fields(message.start, message.end):
            if field.number == RAW_DATA:
                values = field
            else:
                said += self._cut(field.at, field.end)
        return onnx.TensorProto.FromString(said), values

    def _fields(self, at: int, end: int) -> Iterator[Field]:
        while at < end:
            key, start = self._read_varint(at)
            layout = key & 7
            if layout == LENGTH:
                size, start = self._read_varint(start)
            elif layout == VARINT:
                size = self._read_varint(start)[1] - start
            else:
                size = WIDTHS[layout]
            yield Field(key >> 3, at, start, start + size)
            at = start + size

    def _read_varint(self, at: int) -> tuple[int, int]:
        """A number, seven bits a byte and the lowest first, and where it ends."""
        value = shift = 0
        while True:
            byte = int(self._bytes[at])
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value, at
            shift += 7

    def _cut(self, start: int, end: int) -> bytes:
        return self._bytes[start:end].tobytes()
