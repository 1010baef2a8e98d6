"""Words, signals and vectors of clauses add up; the loudest clause decides."""

from typing import Any

import pytest

from bot.adapters import vector_request
from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.vector_request import NOTHING, RequestWeights, VectorRequest, buckets
from bot.ports import RequestClause
from ingest.embedding.space import Space


def clause(text: str, **named: float) -> RequestClause:
    return RequestClause(text, text, named)


def linear(bias: float = 0.0, word: str = "", **named: float) -> dict[str, Any]:
    own = set(buckets(clause(word))) - set(buckets(clause("a"))) - set(buckets(clause("b")))
    ngrams = {str(bucket): 1.0 for bucket in own} if word else {}
    return {"named": named, "ngrams": ngrams, "bias": bias}


WEIGHTS = RequestWeights.from_json(
    {
        "words": linear(-1.0, "human", asks=2.0) | {"vector": [1.0, -1.0]},
        "words_alone": linear(-1.0, asks=3.0),
    }
)


class Letters:
    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.broken:
            raise RuntimeError("no memory")
        return [[float(text.count("a")), float(text.count("b"))] for text in texts]


def similarity(broken: bool = False) -> SpaceSimilarity:
    model = Letters(broken)
    space = Space("all", "letters", "0", 2, frozenset({"en", "zh"}), lambda: model)  # type: ignore[arg-type,return-value]
    return SpaceSimilarity(space)


def test_signals_and_vector_add_up() -> None:
    model = VectorRequest(WEIGHTS, similarity())
    assert model.judge([clause("a", asks=1.0)]) == pytest.approx(2.0)
    assert model.judge([clause("b")]) == pytest.approx(-2.0)


def test_words_speak_for_a_request() -> None:
    model = VectorRequest(WEIGHTS, similarity())
    assert model.judge([clause("human")]) > model.judge([clause("table")])


def test_the_loudest_clause_decides() -> None:
    model = VectorRequest(WEIGHTS, similarity())
    said = [clause("b"), clause("a", asks=1.0), clause("bb")]
    assert model.judge(said) == pytest.approx(2.0)


def test_nothing_said_is_no_request() -> None:
    assert VectorRequest(WEIGHTS, similarity()).judge([]) == NOTHING


@pytest.mark.parametrize("space", [None, similarity(broken=True)])
def test_without_a_space_the_words_are_weighed_alone(space: SpaceSimilarity | None) -> None:
    model = VectorRequest(WEIGHTS, space)
    assert model.judge([clause("a", asks=1.0)]) == pytest.approx(2.0)


def test_the_committed_weights_are_those_of_the_space() -> None:
    weights = vector_request.load()
    assert weights.words.vector is not None
    assert weights.words.vector.shape == (512,)
    assert weights.words_alone.vector is None
    assert weights.words.named["kept"] > 0
    assert vector_request.WEIGHTS.stat().st_size <= 200_000
