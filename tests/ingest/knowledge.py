"""A small knowledge base and a space whose vectors are counts of hashed terms."""

from pathlib import Path
from zlib import crc32

import numpy as np
from langchain_core.embeddings import Embeddings

from ingest.embedding.space import Space
from ingest.lexical import tokenise

DIMS = 64


class HashedTerms(Embeddings):
    """Texts that share terms are near each other; counts what it was asked."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded.extend(texts)
        return [self._vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self._vector(text)

    def _vector(self, text: str) -> list[float]:
        vector = np.full(DIMS, 1e-3)
        for term in tokenise(text):
            vector[crc32(term.encode()) % DIMS] += 1
        return vector.tolist()


def hashed_space(name: str = "hashed", *languages: str, model: str = "hashed-terms") -> Space:
    encoder = HashedTerms()
    return Space(name, model, "0" * 64, DIMS, frozenset(languages or ("zh", "en")), lambda: encoder)


def embedded_by(space: Space) -> list[str]:
    encoder = space.embeddings
    assert isinstance(encoder, HashedTerms)
    return encoder.embedded


ARTICLES = {
    "en/boards.md": (
        "---\ntitle: Boards\nlocale: en\n---\nA board shows tasks as cards in columns.\n\n"
        "## Add a column\n\nChoose **Add column** at the right end of the board.\n\n"
        "## Limits\n\nA board holds at most 24 columns.\n"
    ),
    "en/login.md": (
        "---\ntitle: Sign in\nlocale: en\n---\nYou sign in with your mail address.\n\n"
        "## Forgotten password\n\n1. Choose **Forgot password**.\n2. Open the link in the mail.\n"
    ),
    "zh/boards.md": (
        "---\ntitle: 看板\nlocale: zh\ntranslation_of: en/boards.md\n---\n看板用卡片显示任务。\n\n"
        "## 添加列\n\n点击看板最右边的 **添加列**。\n"
    ),
    "en/refunds.md": (
        "---\ntitle: Goodwill refunds\nlocale: en\naudience: internal\n---\n"
        "The shift lead approves goodwill refunds of customers.\n"
    ),
}


def write_articles(root: Path, articles: dict[str, str] | None = None) -> Path:
    for path, text in (articles or ARTICLES).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root
