import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from pydantic import BaseModel, field_validator

from bot.adapters.snapshot_retriever import SnapshotRetriever
from bot.domain.errors import ModelUnavailable
from bot.ports import Query
from ingest.embedding import langchain as models
from ingest.embedding.catalogue import choose_spaces
from ingest.errors import IngestError
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.adapters.test_snapshot_search import RANKINGS
from tests.ingest.knowledge import DIMS, HashedTerms, write_articles

Install = Callable[[Callable[[str], object]], None]
MODEL = "acme:embed-1"


class Remote(HashedTerms):
    """A provider that can be out of reach."""

    reachable = True

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self._call()
        return super().embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        self._call()
        return super().embed_query(text)

    def _call(self) -> None:
        if not self.reachable:
            raise ConnectionError("no route to embeddings.example")


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a stand-in for LangChain's `init_embeddings` where it is imported from."""

    def put(init_embeddings: Callable[[str], object]) -> None:
        module = ModuleType("langchain.embeddings")
        vars(module)["init_embeddings"] = init_embeddings
        monkeypatch.setitem(sys.modules, "langchain", ModuleType("langchain"))
        monkeypatch.setitem(sys.modules, "langchain.embeddings", module)

    return put


def test_the_model_is_asked_for_by_its_name(install: Install) -> None:
    known: dict[str, Embeddings] = {MODEL: DeterministicFakeEmbedding(size=8)}
    install(known.__getitem__)
    embeddings = models.load(MODEL)
    assert embeddings is known[MODEL]
    assert models.measure_dims(MODEL, embeddings) == 8


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain.embeddings", None)
    with pytest.raises(IngestError, match=r"pip install 'firstline\[langchain\]'"):
        models.load(MODEL)


@pytest.mark.parametrize(
    "error",
    [
        ImportError("pip install langchain-acme"),
        ValueError("unknown\n provider"),
        RuntimeError("ACME_API_KEY is not set"),  # providers have exceptions of their own
    ],
)
def test_what_the_provider_says_is_passed_on(install: Install, error: Exception) -> None:
    def init_embeddings(model: str) -> Embeddings:
        raise error

    install(init_embeddings)
    with pytest.raises(IngestError, match=f"cannot load the embedding model {MODEL}: ") as failure:
        models.load(MODEL)
    assert str(failure.value).endswith(" ".join(str(error).split()))


class Acme(BaseModel):
    api_key: str
    retries: int = 2

    @field_validator("api_key")
    @classmethod
    def check_key(cls, value: str) -> str:
        if not value.startswith("key-"):
            raise ValueError("a key begins with key-")
        return value


def test_a_wrong_key_is_not_shown(install: Install) -> None:
    install(lambda model: Acme(api_key="hidden", retries="hidden"))  # type: ignore[arg-type]
    with pytest.raises(IngestError) as failure:
        models.load(MODEL)
    assert "api_key: Value error, a key begins with key-; retries: " in str(failure.value)
    assert "hidden" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_something_else_than_an_embedding_model_is_refused(install: Install) -> None:
    install(lambda model: Acme(api_key="key-1"))
    with pytest.raises(IngestError, match=f"{MODEL} is not an embedding model"):
        models.load(MODEL)


def test_a_provider_out_of_reach_is_named_at_start(install: Install) -> None:
    remote = Remote()
    remote.reachable = False
    install(lambda model: remote)
    with pytest.raises(IngestError, match=f"{MODEL} failed: ConnectionError: no route"):
        choose_spaces("langchain", MODEL)


async def test_a_provider_that_fails_leaves_the_published_snapshot(
    install: Install, tmp_path: Path
) -> None:
    remote = Remote()
    install(lambda model: remote)
    kb = write_articles(tmp_path / "kb")
    index = SnapshotIndex(tmp_path / "index")
    spaces = choose_spaces("langchain", MODEL)
    assert [space.dims for space in spaces] == [DIMS]
    published = ingest(kb, index, spaces).snapshot

    remote.reachable = False
    write_articles(kb, {"en/new.md": "# New\n\nA page that has to be embedded.\n"})
    with pytest.raises(IngestError, match=f"{MODEL} failed: ConnectionError: no route"):
        ingest(kb, index, spaces)
    pointer = index.current()
    assert pointer is not None
    assert pointer.snapshot == published

    retriever = SnapshotRetriever(index.folder, spaces, RANKINGS)
    with pytest.raises(ModelUnavailable, match=f"{MODEL} failed: ConnectionError$"):
        await retriever.search(Query("how many columns"))
    remote.reachable = True
    assert (await retriever.search(Query("how many columns"))).passages


def test_the_installed_langchain_names_what_is_missing() -> None:
    pytest.importorskip("langchain", reason="langchain is not installed; it is an extra")
    with pytest.raises(IngestError, match=r"langchain-mistralai"):
        models.load("mistralai:mistral-embed")
    with pytest.raises(IngestError, match="nonesuch"):
        models.load("nonesuch:model")
