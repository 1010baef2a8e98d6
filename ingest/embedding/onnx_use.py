"""Universal Sentence Encoder Multilingual v3 as a graph for one text a call.

The bundled file came out of a converter: 600 nodes, most of which only take batches apart and put
them together again. The same weights in the 70 operators that one text needs give the same vectors
(cosine above 0.9999) in about half the time.

The network (Yang et al. 2019, the convolutional variant): word pieces -> embeddings; three branches
of two n-gram convolutions each (2, 3 and 5 pieces wide); all joined, normalised and summed over the
text; four dense layers.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from ingest.embedding.onnx_file import OnnxFile
from ingest.embedding.onnx_graph import FUSED, TEXT, Array, Graph, Model, tensor_of

SHARDS = 17  # piece p lies in row p // 17 of table p % 17
DIMS, WIDTH = 512, 256
NGRAMS = (2, 3, 5)
EPSILON = 1e-12
ENCODER = "StatefulPartitionedCall/EncoderDNN"
BRANCH = f"{ENCODER}/CNN_layers/ngram_order_{{}}"
DENSE = f"{ENCODER}/DNN/ResidualHidden_{{}}"


class Weights:
    """The constants of the bundled file, by the names its converter gave them."""

    def __init__(self, file: OnnxFile) -> None:
        self._file = file
        (self.tokeniser,) = (n for n in file.nodes if n.op_type == "SentencepieceTokenizer")

    def array(self, name: str) -> Array:
        return self._file.array(name)

    def matrices(self, names: Sequence[str]) -> tuple[Array, Array]:
        """Matrices side by side, int8 (in, out), and the scale of each column."""
        matrices = [self.array(f"{name}:0_quantized") for name in names]
        scales = [
            np.full(matrix.shape[1], self.array(f"{name}:0_scale"), np.float32)
            for name, matrix in zip(names, matrices, strict=True)
        ]
        return np.concatenate(matrices, axis=1), np.concatenate(scales)


class Pieces:
    """What each word piece means. The tables stay in the file: a text needs a few hundred rows."""

    def __init__(self, weights: Weights) -> None:
        names = [f"Func/StatefulPartitionedCall/input/_{n + 1}:0" for n in range(SHARDS)]
        self._tables = [weights.array(f"{name}_quantized") for name in names]
        self._scales, self._zeros = (
            np.array([weights.array(f"{name}_{part}") for name in names], np.float32)
            for part in ("scale", "zero_point")
        )

    def embed(self, pieces: NDArray[np.int32]) -> NDArray[np.float32]:
        """float32 (pieces, 512)."""
        rows, shards = np.divmod(pieces, SHARDS)
        codes = np.empty((len(pieces), DIMS), np.float32)
        for place, (row, shard) in enumerate(zip(rows.tolist(), shards.tolist(), strict=True)):
            codes[place] = self._tables[shard][row]
        return (codes - self._zeros[shards, None]) * self._scales[shards, None]


def build_tokeniser(weights: Weights) -> Model:
    """The graph from `text`, strings (1,), to `pieces`, int32 (pieces,)."""
    graph, node = Graph(), weights.tokeniser
    settings = [graph.constant(name, weights.array(name)) for name in node.input[1:]]
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    outputs = ["pieces", "splits"]
    graph.add_many(node.op_type, ["text", *settings], outputs, domain=TEXT, **attributes)
    text = tensor_of("text", TensorProto.STRING, 1)
    return graph.model(text, tensor_of("pieces", TensorProto.INT32, "pieces"))


def build(weights: Weights) -> Model:
    """The graph from `embedded`, float32 (pieces, 512), to `vector`, (1, 512) of length one."""
    return Encoder(weights).build()


class Encoder:
    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._graph = Graph()

    def build(self) -> Model:
        embedded = "embedded"
        branches = self._branches(embedded)
        joined = self._graph.add("Concat", [embedded, *branches], "joined", axis=1)
        normed = self._norm(joined, f"{ENCODER}/CNN_layers/LayerNorm")
        pieces = self._multiply(
            self._graph.quantise(normed),
            [f"{ENCODER}/CNN_layers/dense/kernel"],
            self._weights.array(f"{ENCODER}/CNN_layers/dense/bias:0"),
        )
        self._graph.add("LpNormalization", [self._dense(self._sum(pieces))], "vector", axis=1)
        given = tensor_of(embedded, TensorProto.FLOAT, "pieces", DIMS)
        return self._graph.model(given, tensor_of("vector", TensorProto.FLOAT, 1, DIMS))

    def _branches(self, embedded: str) -> list[str]:
        """float32 (pieces, 256) of each n-gram width."""
        inner = [f"{BRANCH.format(n)}/input_size_projection/dense" for n in NGRAMS]
        bias = np.concatenate([self._weights.array(f"{name}/bias:0") for name in inner])
        kernels = [f"{name}/kernel" for name in inner]
        projected = self._multiply(self._graph.quantise(embedded), kernels, bias)
        starts = [f"{projected}.{n}" for n in NGRAMS]
        self._graph.add_many("Split", [projected], starts, axis=1, num_outputs=len(NGRAMS))
        return [self._branch(start, n) for start, n in zip(starts, NGRAMS, strict=True)]

    def _branch(self, start: str, n: int) -> str:
        hidden = self._norm(start, f"{BRANCH.format(n)}/LayerNorm")
        for convolution in (f"Ngram-{n}-Conv", f"Ngram-{n}-Conv_1"):
            name = f"{BRANCH.format(n)}/{convolution}"
            bias = self._weights.array(f"{name}/bias:0").reshape(-1)
            found = self._multiply(self._windows(hidden, n), [f"{name}/weights"], bias)
            active = self._graph.add("Relu", [found], f"{name}.active")
            hidden = self._graph.add("Add", [active, hidden], f"{name}.out")
        return hidden

    def _windows(self, hidden: str, n: int) -> tuple[str, str, str]:
        """Each piece with its neighbours, uint8 (pieces, n * 256); zeros stand beyond the ends.

        Quantised first: the windows hold no other values than the pieces, in a quarter of the
        memory.
        """
        graph = self._graph
        codes, scale, zero = graph.quantise(hidden)
        before = (n - 1) // 2
        pads = graph.constant(f"pads.{n}", np.array([before, 0, n - 1 - before, 0], np.int64))
        padded = graph.add("Pad", [codes, pads, zero], f"{hidden}.padded")
        first = [graph.constant(f"first.{i}", np.array([i], np.int64)) for i in range(n)]
        # The last window ends at the end, which a slice can only say by a number beyond it.
        last = [i - n + 1 or np.iinfo(np.int64).max for i in range(n)]
        ends = [graph.constant(f"end.{i}", np.array([i], np.int64)) for i in last]
        axis = graph.constant("rows", np.array([0], np.int64))
        shifted = [
            graph.add("Slice", [padded, first[i], ends[i], axis], f"{hidden}.shifted.{i}")
            for i in range(n)
        ]
        windows = graph.add("Concat", shifted, f"{hidden}.windows", axis=1)
        return windows, scale, zero

    def _sum(self, pieces: str) -> str:
        """Over the text, divided by the square root of its length: float32 (1, 512)."""
        graph = self._graph
        axis = graph.constant("rows", np.array([0], np.int64))
        total = graph.add("ReduceSum", [pieces, axis], "total", keepdims=1)
        length = graph.add("Shape", [pieces], "length", start=0, end=1)
        length = graph.add("Cast", [length], "length_float", to=TensorProto.FLOAT)
        return graph.add("Div", [total, graph.add("Sqrt", [length], "root")], "text")

    def _dense(self, text: str) -> str:
        """Four layers; every second one also sees what went in two layers before."""
        hidden = before = text
        for layer in range(4):
            name = DENSE.format(layer)
            out = self._multiply(self._graph.quantise(hidden), [f"{name}/dense/kernel"])
            if layer % 2:
                kernel = f"{name}/AdjustDepth/projection/kernel"
                past = self._multiply(self._graph.quantise(before), [kernel])
                out = self._graph.add("Add", [out, past], f"{name}.sum")
            else:
                before = hidden
            hidden = self._graph.add("Tanh" if layer == 3 else "Relu", [out], f"{name}.active")
        return hidden

    def _norm(self, values: str, name: str) -> str:
        parts = [
            self._graph.constant(f"{name}.{part}", self._weights.array(f"{name}/{part}:0"))
            for part in ("gamma", "beta")
        ]
        return self._graph.add(
            "LayerNormalization", [values, *parts], f"{name}.out", axis=-1, epsilon=EPSILON
        )

    def _multiply(
        self, left: tuple[str, str, str], names: Sequence[str], bias: Array | None = None
    ) -> str:
        """Quantised values times matrices side by side, float32."""
        graph, name = self._graph, names[0]
        codes, scale, zero = left
        matrix, scales = self._weights.matrices(names)
        inputs = [
            codes,
            graph.constant(f"{name}.matrix", matrix),
            scale,
            graph.constant(f"{name}.scales", scales),
            zero,
        ]
        if bias is not None:
            inputs += ["", graph.constant(f"{name}.bias", bias)]
        return graph.add("MatMulIntegerToFloat", inputs, f"{name}.product", domain=FUSED)
