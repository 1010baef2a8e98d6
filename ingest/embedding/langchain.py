"""Any embedding model that LangChain knows, as `provider:model` (the provider's package is an extra)."""

from langchain_core.embeddings import Embeddings

from ingest.errors import IngestError


def load(model: str) -> Embeddings:
    try:
        from langchain.embeddings import init_embeddings
    except ImportError as error:
        raise IngestError(
            "langchain is not installed; run: pip install 'firstline[langchain]'"
        ) from error
    try:
        embeddings = init_embeddings(model)
    except (ImportError, ValueError) as error:
        raise IngestError(f"cannot load the embedding model {model}: {error}") from error
    if not isinstance(embeddings, Embeddings):
        raise IngestError(f"{model} is not an embedding model")
    return embeddings
