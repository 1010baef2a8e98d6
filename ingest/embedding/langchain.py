"""Any embedding model LangChain knows, as `provider:model` (the provider's package is an extra)."""

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
    except Exception as error:  # each provider has its own
        # Not chained: the values that a validation error quotes may be keys.
        raise IngestError(f"cannot load the embedding model {model}: {_reason(error)}") from None
    if not isinstance(embeddings, Embeddings):
        raise IngestError(f"{model} is not an embedding model")
    return embeddings


def measure_dims(model: str, embeddings: Embeddings) -> int:
    """Asks the model, which has to be within reach."""
    try:
        return len(embeddings.embed_query("dimensions"))
    except Exception as error:
        kind = type(error).__name__
        raise IngestError(f"embedding model {model} failed: {kind}: {error}") from error


def _reason(error: Exception) -> str:
    """In the error's own words, but without the input that a validation error shows."""
    details = getattr(error, "errors", None)
    if not callable(details):
        return " ".join(str(error).split())  # in one line
    return "; ".join(
        f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}".removeprefix(": ")
        for detail in details()
    )
