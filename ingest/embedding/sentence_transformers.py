"""Any sentence-transformers model by name or path: encoders and cross-encoders."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast

from langchain_core.embeddings import Embeddings

from ingest.errors import IngestError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

Model = TypeVar("Model")
Prompts = Mapping[str, str]  # by role: query, document

ROLES = ("query", "document", "passage", "corpus")
# Families that were trained with prompts but whose configuration does not carry them, by name.
FAMILIES: Mapping[str, Prompts] = {
    r"e5-[a-z0-9-]*instruct": {
        "query": "Instruct: Given a web search query, retrieve relevant passages that answer the"
        " query\nQuery: "
    },
    r"e5": {"query": "query: ", "document": "passage: "},
    r"bge-(small|base|large)-en": {
        "query": "Represent this sentence for searching relevant passages: "
    },
    r"bge-(small|base|large)-zh": {"query": "为这个句子生成表示以用于检索相关文章："},
}


class SentenceTransformersEncoder(Embeddings):
    def __init__(self, model: "SentenceTransformer", prompts: Prompts) -> None:
        """Roles without a prompt here are left to the model's own configuration."""
        self._model = model
        self._prompts = prompts
        self._lock = Lock()  # a tokenizer must not be set up by two threads at once

    @cached_property
    def dims(self) -> int:
        return len(self.embed_query("dimensions"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that decides a vector: the weights, whatever files they came from, the
        prompts, the pooling, and where a text is cut."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            values = tensor.detach().cpu().float().contiguous().numpy()  # numpy has no bfloat16
            digest.update(f"{name} {tensor.dtype} {values.shape}".encode())
            digest.update(values.tobytes())
        modes = [str(getattr(module, "pooling_mode", "")) for module in self._model]
        prompts = {**self._model.prompts, **self._prompts}
        settings = [prompts, modes, self._model.max_seq_length]
        digest.update(json.dumps(settings, sort_keys=True).encode())
        return digest.hexdigest()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._encode(self._model.encode_document, texts, "document")

    def embed_query(self, text: str) -> list[float]:
        return self._encode(self._model.encode_query, [text], "query")[0]

    def _encode(self, encode: Callable[..., Any], texts: list[str], role: str) -> list[list[float]]:
        with self._lock:
            vectors = encode(texts, prompt=self._prompts.get(role), show_progress_bar=False)
        return cast("list[list[float]]", vectors)  # an array serves as rows


@cache
def load(name: str) -> SentenceTransformersEncoder:
    model: SentenceTransformer = _load(_library().SentenceTransformer, name)
    return SentenceTransformersEncoder(model, family_prompts(name, model.prompts))


@cache
def load_cross_encoder(name: str) -> "CrossEncoder":
    """Its `predict` scores (question, passage) pairs: float32 (n,)."""
    model: CrossEncoder = _load(_library().CrossEncoder, name)
    if model.num_labels != 1:
        raise IngestError(f"{name} is no reranker: it gives {model.num_labels} scores a pair")
    return model


def family_prompts(name: str, configured: Mapping[str, str | None]) -> Prompts:
    """What the model was trained with; nothing when its configuration carries prompts itself."""
    if any(configured.get(role) for role in ROLES):
        return {}
    for family, prompts in FAMILIES.items():
        if re.search(rf"(?<![a-z0-9]){family}(?![a-z0-9])", name.lower()):
            return prompts
    return {}


def _library() -> Any:
    try:
        import sentence_transformers
    except ImportError as error:
        raise IngestError(
            "sentence-transformers is not installed;"
            " run: pip install 'firstline[sentence-transformers]'"
        ) from error
    return sentence_transformers


def _load(kind: Callable[..., Model], name: str) -> Model:
    try:
        return kind(name, trust_remote_code=False)
    except Exception as error:  # what damaged files raise depends on where the damage is
        reason = " ".join(str(error).split())  # in one line
        raise IngestError(
            f"cannot load the sentence-transformers model {name}: {reason}"
        ) from error
