"""all-MiniLM-L6-v2 as a graph that multiplies in int8.

The bundled file holds its weights in int8 but unfolds them to float32 before every product, which
onnxruntime does once for all: four times the memory, and twice the time of a question. Here the
same weights are laid out as the operators that take them as they are; the activations are
quantised as they pass (cosines to the float vectors: 0.994 to 0.996).
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto

from ingest.embedding import onnx_transformer
from ingest.embedding.onnx_file import OnnxFile
from ingest.embedding.onnx_graph import Array, Graph, Model, tensor_of
from ingest.embedding.onnx_transformer import PRODUCTS

DIMS = 384


def build(model: Path) -> Model:
    """The graph from `input_ids`, int64 (1, tokens), to `vector`, float32 (1, 384): their mean."""
    weights = Weights(OnnxFile(model))
    graph = Graph()
    hidden = onnx_transformer.add_layers(graph, weights, _embed(graph, weights))
    onnx_transformer.add_mean(graph, hidden, "vector")
    ids = tensor_of("input_ids", TensorProto.INT64, 1, "tokens")
    return graph.model(ids, tensor_of("vector", TensorProto.FLOAT, 1, DIMS))


class Weights:
    """The constants of the bundled file, by the names its exporter gave them."""

    layers, heads = 6, 12

    def __init__(self, file: OnnxFile) -> None:
        self._file = file
        casts = {n.output[0]: n.input[0] for n in file.nodes if n.op_type == "Cast"}
        unfolded = {
            node.output[0]: (casts[node.input[0]], node.input[1])
            for node in file.nodes
            if node.op_type == "Mul" and casts.get(node.input[0], "") in file
        }
        self.products = [
            unfolded[node.input[1]]
            for node in file.nodes
            if node.op_type == "MatMul" and node.input[1] in unfolded
        ]

    def floats(self, name: str) -> Array:
        return self._file.array(f"inner.{name}")

    def table(self, name: str) -> tuple[Array, Array]:
        """Rows of int8 and the scale of each."""
        key = f"inner.embeddings.{name}.weight"
        return self._file.array(f"{key}_q"), self._file.array(f"{key}_scale").reshape(-1, 1)

    def matrix(self, layer: int, parts: slice) -> tuple[Array, Array]:
        names = self.products[layer * PRODUCTS : (layer + 1) * PRODUCTS][parts]
        columns = [self._file.array(values) for values, _ in names]
        scales = [self._file.array(scale).reshape(-1) for _, scale in names]
        return np.concatenate(columns, axis=1), np.concatenate(scales)


def _embed(graph: Graph, weights: Weights) -> str:
    shape = graph.add("Shape", ["input_ids"], "shape", start=1, end=2)
    length = graph.add("Squeeze", [shape], "length")
    zero = graph.constant("zero", np.array(0, np.int64))
    one = graph.constant("one", np.array(1, np.int64))
    positions = graph.add("Range", [zero, length, one], "positions")
    words = _look_up(graph, weights, "word_embeddings", "input_ids")
    places = _look_up(graph, weights, "position_embeddings", positions)
    segment = weights.floats("embeddings.token_type_embeddings.weight")[0]
    summed = graph.add("Add", [words, places], "words_and_places")
    return graph.add("Add", [summed, graph.constant("segment", segment)], "summed")


def _look_up(graph: Graph, weights: Weights, name: str, rows: str) -> str:
    values, scales = weights.table(name)
    found = graph.add("Gather", [graph.constant(f"{name}.values", values), rows], f"{name}.rows")
    scale = graph.add("Gather", [graph.constant(f"{name}.scales", scales), rows], f"{name}.scale")
    unfolded = graph.add("Cast", [found], f"{name}.floats", to=TensorProto.FLOAT)
    return graph.add("Mul", [unfolded, scale], name)
