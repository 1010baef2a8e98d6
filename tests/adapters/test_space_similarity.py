from collections.abc import Sequence

import numpy as np
import pytest

from bot.adapters.space_similarity import SpaceSimilarity
from bot.domain.errors import ModelUnavailable
from ingest.embedding.space import Space


class Letters:
    """(share of a, share of b); counts what it is asked."""

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken
        self.asked: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.broken:
            raise RuntimeError("no memory")
        self.asked += texts
        return [[float(text.count("a")), float(text.count("b"))] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def similarity(model: Letters) -> SpaceSimilarity:
    space = Space("all", "letters", "0", 2, frozenset({"en", "zh"}), lambda: model)  # type: ignore[arg-type,return-value]
    return SpaceSimilarity(space)


def test_cosines_a_row_a_text() -> None:
    cosines = similarity(Letters()).compare(["a", "b"], ["aa", "ab", "b"])
    assert np.allclose(cosines, [[1, 0.7071, 0], [0, 0.7071, 1]], atol=1e-4)


@pytest.mark.parametrize(("texts", "others"), [([], ["a"]), (["a"], []), ([], [])])
def test_nothing_is_compared_with_nothing(texts: Sequence[str], others: Sequence[str]) -> None:
    assert similarity(Letters()).compare(texts, others) == [[] for _ in texts]


def test_a_sentence_is_encoded_once() -> None:
    model = Letters()
    comparing = similarity(model)
    comparing.compare(["a"], ["b"])
    comparing.compare(["ab"], ["b"])
    assert model.asked == ["a", "b", "ab"]


def test_a_broken_model_is_ours() -> None:
    with pytest.raises(ModelUnavailable, match="letters failed"):
        similarity(Letters(broken=True)).compare(["a"], ["b"])
