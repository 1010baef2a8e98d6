"""First whether anything is told, then of what kind it is; the vectors are those of tone."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.adapters import vector_urgency
from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.vector_tone import Linear, ToneVectors
from bot.adapters.vector_urgency import TOLD, VectorUrgency
from bot.domain.errors import ModelUnavailable
from bot.domain.understanding import Urgency
from ingest.embedding.space import Space


class Letters:
    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.broken:
            raise RuntimeError("no memory")
        return [[float(text.count("a")), float(text.count("b"))] for text in texts]


def linear(bias: float, vector: list[float], **named: float) -> Linear:
    data: dict[str, Any] = {"named": named, "bias": bias, "vector": vector}
    return Linear.from_json(data)


WEIGHTS = {
    TOLD: linear(-1.0, [2.0, 2.0, 0.0, 0.0], told=3.0),
    **{kind: linear(-5.0, [0.0] * 4) for kind in Urgency},
    Urgency.OUTAGE: linear(0.0, [1.0, -1.0, 0.0, 0.0]),
    Urgency.LEGAL: linear(0.0, [-1.0, 1.0, 0.0, 0.0]),
}


def model(broken: bool = False, weights: Mapping[str, Linear] = WEIGHTS) -> VectorUrgency:
    letters = Letters(broken)
    space = Space("all", "letters", "0", 2, frozenset({"en", "zh"}), lambda: letters)  # type: ignore[arg-type,return-value]
    similarity = SpaceSimilarity(space)
    return VectorUrgency(weights, ToneVectors(similarity, similarity))


@pytest.mark.parametrize(("spoken", "kind"), [("a", Urgency.OUTAGE), ("b", Urgency.LEGAL)])
def test_the_loudest_kind_of_what_is_told(spoken: str, kind: Urgency) -> None:
    assert model().kind(spoken, {}) is kind


def test_of_what_tells_nothing_there_is_no_kind() -> None:
    assert model().kind("c", {}) is None


def test_what_patterns_find_is_weighed_too() -> None:
    assert model().kind("c", {"told": 1.0}) is not None


def test_what_the_model_takes_for_no_kind_is_what_patterns_found() -> None:
    weights = {
        **WEIGHTS,
        Urgency.OUTAGE: linear(-1.0, [0.0] * 4),
        Urgency.LEGAL: linear(-1.0, [0.0] * 4),
    }
    found = {"told": 1.0, Urgency.SECURITY.value: 1.0}
    assert model(weights=weights).kind("c", found) is Urgency.SECURITY
    assert model(weights=weights).kind("c", {"told": 1.0}) is Urgency.OUTAGE


def test_a_space_that_fails_is_said_to_be_unavailable() -> None:
    with pytest.raises(ModelUnavailable):
        model(broken=True).kind("a", {})


def test_the_committed_weights_are_those_of_the_spaces() -> None:
    weights = vector_urgency.load()
    assert set(weights) == {TOLD, *Urgency}
    assert {one.vector.shape for one in weights.values() if one.vector is not None} == {(896,)}
    assert weights[TOLD].named["told"] > 0
    assert vector_urgency.WEIGHTS.stat().st_size <= 250_000
