"""Logistic regression over vectors, pieces and signals: the committed weights and a toy."""

from typing import Any

import numpy as np
import pytest

from bot.adapters import vector_tone
from bot.adapters.space_similarity import SpaceSimilarity
from bot.adapters.vector_tone import ENGLISH_CHARS, Linear, ToneVectors, ToneWeights, VectorTone
from bot.adapters.wording_pieces import PLACES, places
from bot.ports import Affect
from ingest.embedding.space import Space

CALM = dict.fromkeys(
    ("last_failed", "continued", "same_answer", "calm_words", "curt", "upset_just_before"), 0.0
)


def linear(bias: float = 0.0, **named: float) -> dict[str, Any]:
    return {"named": named, "bias": bias}


WEIGHTS = ToneWeights.from_json(
    {
        "words": {
            "upset": linear(insult=2.0) | {"vector": [1.0, -1.0, 0.1, 0.0]},
            "hostile": linear(insult=1.0) | {"vector": [0.0, 0.0, 0.0, 0.0]},
        },
        "words_alone": {"upset": linear(insult=3.0), "hostile": linear(insult=1.0)},
        "whole": {
            "upset": linear(words_upset=6.0, same_answer=1.0),
            "hostile": linear(words_hostile=6.0),
            "need": linear(-1.0, upset=2.0),
        },
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


def vectors(broken: bool = False) -> ToneVectors:
    return ToneVectors(similarity(broken), similarity())


def test_vectors_and_signals_add_up() -> None:
    model = VectorTone(WEIGHTS, vectors())
    assert model.read("a", {"insult": 1.0}).upset == pytest.approx(3.1)
    assert model.read("b", {}).upset == pytest.approx(-1.0)
    assert model.read("", {"insult": 1.0}).upset == pytest.approx(2.0)


def test_the_english_space_reads_the_beginning_of_what_has_no_chinese_characters() -> None:
    of = vectors().of
    assert of("a").tolist() == [1, 0, 1, 0]
    assert of("a 啊").tolist() == [1, 0, 0, 0]
    assert of("b" * ENGLISH_CHARS + "a").tolist()[3] == 1


@pytest.mark.parametrize("spaces", [None, vectors(broken=True)])
def test_without_a_space_the_signals_are_weighed_alone(spaces: ToneVectors | None) -> None:
    assert VectorTone(WEIGHTS, spaces).read("a", {"insult": 1.0}).upset == pytest.approx(3.0)


def test_the_pieces_of_a_wording_add_up_to_length_one() -> None:
    found = Linear({}, None, np.full(PLACES, 0.5, np.float32), 1.0)
    there = len(places("a hammer"))
    assert found({}, spoken="a hammer") == pytest.approx(1.0 + 0.5 * there**0.5)
    assert found({}) == pytest.approx(1.0)


def test_a_judgement_has_its_reasons_strongest_first() -> None:
    known = {**CALM, "insult": 0.6, "same_answer": 1.0, "thanks": 0.0}
    judged = VectorTone(WEIGHTS).judge(Affect(6.0, -6.0), known)
    assert judged.upset > 0.99
    assert judged.hostile < 0.01
    assert judged.need > 0.7
    assert judged.reasons == ("insult", "same_answer")


def test_the_committed_weights_name_what_is_heard() -> None:
    weights = vector_tone.load()
    assert set(weights.whole) == {"upset", "hostile", "need"}
    vector = weights.words["upset"].vector
    assert vector is not None
    assert vector.shape == (512 + 384,)
    assert weights.words_alone["upset"].vector is None
    for group in (weights.words, weights.words_alone):
        assert all(
            len(model.pieces) == PLACES for model in group.values() if model.pieces is not None
        )
        assert all(model.pieces is not None for model in group.values())
    assert weights.words["upset"].named["insult"] > 0
