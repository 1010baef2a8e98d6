"""The layers of BERT as a graph that multiplies in int8.

Weights are laid out as the operators that take int8 as it is; the activations are quantised as they
pass.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ingest.embedding.onnx_graph import FUSED, Array, Graph

EPSILON = 1e-12
PRODUCTS = 6  # a layer: query, key, value, attention output, feed-forward in and out


class Weights(Protocol):
    """Of one model, by the names BERT gives them."""

    layers: int
    heads: int

    def floats(self, name: str) -> Array: ...

    def matrix(self, layer: int, parts: slice) -> tuple[Array, Array]:
        """Some of a layer's products side by side, int8 (in, out), and the scale of each column."""
        ...


def add_layers(graph: Graph, weights: Weights, hidden: str) -> str:
    """From embedded tokens, float32 (1, tokens, dims), to what the last layer makes of them."""
    hidden = _normalise(graph, weights, hidden)
    for layer in range(weights.layers):
        hidden = _encode(graph, weights, layer, hidden)
    return hidden


def add_mean(graph: Graph, hidden: str, output: str) -> str:
    """float32 (1, dims)."""
    axes = graph.constant("axes", np.array([1], np.int64))
    return graph.add("ReduceMean", [hidden, axes], output, keepdims=0)


def _normalise(graph: Graph, weights: Weights, summed: str) -> str:
    norm = _norm(graph, weights, "embeddings.LayerNorm")
    return graph.add("LayerNormalization", [summed, *norm], "embedded", axis=-1, epsilon=EPSILON)


def _encode(graph: Graph, weights: Weights, layer: int, hidden: str) -> str:
    """One layer: attention, then feed-forward, each added to what went in and normalised."""
    own = f"encoder.layer.{layer}"
    projections = [f"{own}.attention.self.{name}" for name in ("query", "key", "value")]
    joined = _multiply(graph, weights, hidden, layer, slice(0, 3), projections)
    parts = [f"{joined}.{name}" for name in "qkv"]
    graph.add_many("Split", [joined], parts, axis=-1, num_outputs=len(parts))
    heads = weights.heads
    mixed = graph.add("MultiHeadAttention", parts, f"{own}.mixed", domain=FUSED, num_heads=heads)
    output = f"{own}.attention.output"
    attended = _multiply(graph, weights, mixed, layer, slice(3, 4), [f"{output}.dense"])
    hidden = _add_and_norm(graph, weights, hidden, attended, f"{output}.LayerNorm")
    wide = _multiply(graph, weights, hidden, layer, slice(4, 5), [f"{own}.intermediate.dense"])
    active = graph.add("Gelu", [wide], f"{own}.active", domain=FUSED)
    narrow = _multiply(graph, weights, active, layer, slice(5, 6), [f"{own}.output.dense"])
    return _add_and_norm(graph, weights, hidden, narrow, f"{own}.output.LayerNorm")


def _multiply(
    graph: Graph, weights: Weights, left: str, layer: int, parts: slice, names: Sequence[str]
) -> str:
    values, scales = weights.matrix(layer, parts)
    name = names[0]
    bias = np.concatenate([weights.floats(f"{part}.bias") for part in names])
    inputs = [
        left,
        graph.constant(f"{name}.values", values),
        graph.constant(f"{name}.scales", scales),
        "",  # no zero point: the weights are symmetric
        graph.constant(f"{name}.bias", bias),
    ]
    return graph.add("DynamicQuantizeMatMul", inputs, f"{name}.product", domain=FUSED)


def _add_and_norm(graph: Graph, weights: Weights, left: str, right: str, name: str) -> str:
    inputs = [left, right, *_norm(graph, weights, name)]
    return graph.add("SkipLayerNormalization", inputs, f"{name}.out", domain=FUSED, epsilon=EPSILON)


def _norm(graph: Graph, weights: Weights, name: str) -> list[str]:
    return [
        graph.constant(f"{name}.{part}", weights.floats(f"{name}.{part}"))
        for part in ("weight", "bias")
    ]
