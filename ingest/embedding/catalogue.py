"""Which spaces a snapshot gets: the settings' provider and model become a list of spaces."""

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.embedding.bundled import E5, ENGLISH, MULTILINGUAL
from ingest.embedding.space import Space
from ingest.errors import IngestError

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

ALL_LANGUAGES = frozenset({"zh", "en"})
GRAPHS_VERSION = 2  # of the operators that are made of the bundled files: they shape the vectors
EXPERTS = ("english", "bilingual")
PROVIDERS = ("bundled", "sentence-transformers", "langchain")


def choose_spaces(
    provider: str = "bundled", model: str = "", experts: Collection[str] = EXPERTS
) -> list[Space]:
    """The first space covers all languages and carries the vectors of headings and sentences.

    `experts`, bundled only, are further spaces; one that has no package for this machine is left
    out.
    """
    match provider:
        case "bundled":
            return [multilingual(), *_experts(experts)]
        case "sentence-transformers" if model:
            return [sentence_transformers(model)]
        case "langchain" if model:
            return [langchain(model)]
        case "sentence-transformers" | "langchain":
            raise IngestError(f"embedding provider {provider} needs a model: set embedding.model")
        case _:
            known = ", ".join(PROVIDERS)
            raise IngestError(f"unknown embedding provider {provider!r}; one of {known}")


def _experts(names: Collection[str]) -> Iterator[Space]:
    if "english" in names:
        yield english()
    if "bilingual" in names and E5.is_installed():
        yield bilingual()


def multilingual() -> Space:
    def load() -> "Embeddings":
        from ingest.embedding import onnx_multilingual

        return onnx_multilingual.load()

    name = f"universal-sentence-encoder-multilingual-3-int8/{GRAPHS_VERSION}"
    return Space("multilingual", name, MULTILINGUAL.sha256, 512, ALL_LANGUAGES, load)


def english() -> Space:
    def load() -> "Embeddings":
        from ingest.embedding import onnx_english

        return onnx_english.load()

    name = f"all-minilm-l6-v2-int8/{GRAPHS_VERSION}"
    return Space("english", name, ENGLISH.sha256, 384, frozenset({"en"}), load)


def bilingual() -> Space:
    def load() -> "Embeddings":
        from ingest.embedding import onnx_e5

        return onnx_e5.load()

    name = f"multilingual-e5-small-int8/{GRAPHS_VERSION}"
    return Space("bilingual", name, E5.sha256, 384, ALL_LANGUAGES, load)


def sentence_transformers(model: str) -> Space:
    from ingest.embedding import sentence_transformers as models

    encoder = models.load(model)
    # A folder may lie elsewhere on the next machine; the digest tells whether it is the same model.
    known_as = Path(model).resolve().name if Path(model).is_dir() else model
    name = f"sentence-transformers/{known_as}"
    return Space("sentences", name, encoder.digest, encoder.dims, ALL_LANGUAGES, lambda: encoder)


def langchain(model: str) -> Space:
    """A remote model has no file to hash: its name stands for it."""
    from ingest.embedding import langchain as models

    embeddings = models.load(model)
    dims = models.measure_dims(model, embeddings)
    digest = hashlib.sha256(model.encode()).hexdigest()
    return Space("langchain", model, digest, dims, ALL_LANGUAGES, lambda: embeddings)
