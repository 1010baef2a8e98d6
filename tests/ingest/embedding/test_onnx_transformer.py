"""A layer of random weights against the same layer written in numpy."""

import numpy as np
from onnx import TensorProto

from ingest.embedding import onnx_transformer
from ingest.embedding.onnx_encoder import Session
from ingest.embedding.onnx_graph import Array, Graph, tensor_of

DIMS, WIDE, TOKENS = 8, 32, 5
SHAPES = {"intermediate.dense.bias": WIDE}
PRODUCTS = [(DIMS, DIMS)] * 4 + [(DIMS, WIDE), (WIDE, DIMS)]


class RandomWeights:
    layers, heads = 2, 2

    def __init__(self) -> None:
        self._random = np.random.default_rng(5)
        self._vectors: dict[str, Array] = {}
        self.matrices = [
            [self._random.integers(-60, 60, shape).astype(np.int8) for shape in PRODUCTS]
            for _ in range(self.layers)
        ]

    def floats(self, name: str) -> Array:
        width = next((WIDE for end in SHAPES if name.endswith(end)), DIMS)
        if name not in self._vectors:
            spread = self._random.normal(1, 0.1, width).astype(np.float32)
            self._vectors[name] = spread
        return self._vectors[name]

    def matrix(self, layer: int, parts: slice) -> tuple[Array, Array]:
        joined = np.concatenate(self.matrices[layer][parts], axis=1)
        return joined, np.full(joined.shape[1], 0.01, np.float32)

    def product(self, hidden: Array, layer: int, number: int, bias: str) -> Array:
        matrix = self.matrices[layer][number].astype(np.float32) * 0.01
        return hidden @ matrix + self.floats(f"encoder.layer.{layer}.{bias}.bias")

    def normalised(self, hidden: Array, name: str) -> Array:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        scaled = centred / centred.std(axis=-1, keepdims=True)
        return scaled * self.floats(f"{name}.weight") + self.floats(f"{name}.bias")


def softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def gelu(x: Array) -> Array:
    """By the tangent, within 0.001 of the exact one."""
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def attended(weights: RandomWeights, hidden: Array, layer: int) -> Array:
    names = ("query", "key", "value")
    query, key, value = (
        weights.product(hidden, layer, number, f"attention.self.{name}")
        .reshape(TOKENS, weights.heads, -1)
        .transpose(1, 0, 2)
        for number, name in enumerate(names)
    )
    share = softmax(query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1]))
    return (share @ value).transpose(1, 0, 2).reshape(TOKENS, DIMS)


def expected(weights: RandomWeights, words: Array) -> Array:
    hidden = weights.normalised(words, "embeddings.LayerNorm")
    for layer in range(weights.layers):
        own = f"encoder.layer.{layer}"
        mixed = attended(weights, hidden, layer)
        summed = hidden + weights.product(mixed, layer, 3, "attention.output.dense")
        hidden = weights.normalised(summed, f"{own}.attention.output.LayerNorm")
        wide = gelu(weights.product(hidden, layer, 4, "intermediate.dense"))
        summed = hidden + weights.product(wide, layer, 5, "output.dense")
        hidden = weights.normalised(summed, f"{own}.output.LayerNorm")
    return hidden.mean(axis=0)


def test_the_graph_computes_the_layers_of_bert() -> None:
    weights, graph = RandomWeights(), Graph()
    hidden = onnx_transformer.add_layers(graph, weights, "words")
    onnx_transformer.add_mean(graph, hidden, "vector")
    model = graph.model(
        tensor_of("words", TensorProto.FLOAT, 1, "tokens", DIMS),
        tensor_of("vector", TensorProto.FLOAT, 1, DIMS),
    )
    words = np.random.default_rng(8).normal(size=(TOKENS, DIMS)).astype(np.float32)
    np.testing.assert_allclose(
        Session(model).run(words[None])[0], expected(weights, words), atol=0.05
    )
