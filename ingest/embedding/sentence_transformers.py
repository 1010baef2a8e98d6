"""Any sentence-transformers model by name or path, with its query and passage prompts."""

import hashlib
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from ingest.errors import IngestError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Models that were trained with prefixes but whose configuration does not carry them.
PROMPTS = {
    "e5": {"query": "query: ", "document": "passage: "},
    "bge-small-en": {"query": "Represent this sentence for searching relevant passages: "},
    "bge-base-en": {"query": "Represent this sentence for searching relevant passages: "},
    "bge-large-en": {"query": "Represent this sentence for searching relevant passages: "},
}


class SentenceTransformersEncoder(Embeddings):
    def __init__(self, model: str) -> None:
        self.model = _load_model(model)
        self._prompts = prompts_for(model, self.model.prompts)

    @property
    def dims(self) -> int:
        dims = self.model.get_sentence_embedding_dimension()
        if dims is None:
            raise IngestError("the sentence-transformers model does not state its dimensions")
        return int(dims)

    def digest(self) -> str:
        """SHA-256 over the weights, whatever files they came from."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self.model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._encode(texts, "document")

    def embed_query(self, text: str) -> list[float]:
        return self._encode([text], "query")[0]

    def _encode(self, texts: list[str], role: str) -> list[list[float]]:
        vectors = self.model.encode(
            texts,
            prompt=self._prompts.get(role, ""),
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return vectors  # type: ignore[no-any-return]  # an array serves as rows


def prompts_for(name: str, configured: dict[str, str | None]) -> dict[str, str]:
    """The prompts of the model's own configuration, else those its family was trained with."""
    own = {
        "query": configured.get("query") or "",
        "document": configured.get("document") or configured.get("passage") or "",
    }
    if any(own.values()):
        return own
    family = next((prompts for key, prompts in PROMPTS.items() if key in name.lower()), {})
    return {**own, **family}


def _load_model(name: str) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise IngestError(
            "sentence-transformers is not installed; run: pip install 'firstline[sentence-transformers]'"
        ) from error
    try:
        return SentenceTransformer(name, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise IngestError(f"cannot load the sentence-transformers model {name}: {error}") from error
