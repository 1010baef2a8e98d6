import numpy as np
import pytest
from numpy.typing import NDArray

from bot.adapters import ranking
from bot.adapters.ranking import (
    EVIDENCE_SIGNALS,
    EXPERTS,
    FEATURES,
    Ranking,
    Wording,
    evidence_signals,
    nearness,
)

PAIRS = {"zh-zh", "zh-en", "en-zh", "en-en"}
RANKINGS = [
    pytest.param(found, id=" ".join((pair, *experts)))
    for pair, by_experts in ranking.load().by_pair.items()
    for experts, found in by_experts.items()
]


def test_there_are_weights_for_every_pair_and_every_choice_of_its_experts() -> None:
    loaded = ranking.load().by_pair
    assert set(loaded) == set(EXPERTS) == PAIRS
    assert all(len(loaded[pair]) == 2 ** len(EXPERTS[pair]) for pair in PAIRS)


@pytest.mark.parametrize("weights", RANKINGS)
def test_the_committed_weights_fit_the_features(weights: Ranking) -> None:
    assert len(weights.weights) == len(FEATURES)
    assert len(weights.answerability) == len(EVIDENCE_SIGNALS) + 1


@pytest.mark.parametrize("weights", RANKINGS)
def test_a_better_match_scores_higher(weights: Ranking) -> None:
    weak = np.full((1, len(FEATURES)), 0.2, np.float32)
    strong = np.full((1, len(FEATURES)), 0.8, np.float32)
    scores = weights.scores(np.concatenate([weak, strong]))
    assert scores[1] > scores[0]


@pytest.mark.parametrize("weights", RANKINGS)
def test_answerability_is_a_probability_that_grows_with_the_match(weights: Ranking) -> None:
    weak, strong = (
        weights.answerable(np.full(len(EVIDENCE_SIGNALS), value, np.float32))
        for value in (0.05, 0.9)
    )
    assert 0 <= weak < strong <= 1


@pytest.mark.parametrize(
    ("spaces", "experts"),
    [
        ({"multilingual", "bilingual", "english"}, ("english", "bilingual")),
        ({"multilingual", "bilingual"}, ("bilingual",)),
        ({"sentences"}, ()),
    ],
)
def test_a_pair_is_ranked_by_the_experts_the_question_was_encoded_for(
    spaces: set[str], experts: tuple[str, ...]
) -> None:
    loaded = ranking.load()
    assert loaded.of("en-en", spaces) is loaded.by_pair["en-en"][experts]


def test_distances_of_the_bilingual_space_are_stretched() -> None:
    cosines = np.array([1, 0.9, 0.8], np.float32)
    np.testing.assert_allclose(nearness("bilingual", cosines), [1, 0.5, 0], atol=1e-6)
    assert (nearness("english", cosines) == cosines).all()


def signals(features: NDArray[np.float32], wording: Wording) -> dict[str, float]:
    scores = np.arange(len(features), 0, -1).astype(np.float32)
    values = evidence_signals(features, scores, wording).tolist()
    return dict(zip(EVIDENCE_SIGNALS, values, strict=True))


def test_signals_are_of_the_best_candidate_and_of_the_question() -> None:
    features = np.zeros((5, len(FEATURES)), np.float32)
    features[:, FEATURES.index("article")] = [0.25, 0.5, 0.5, 0.5, 0.5]
    assert signals(features, Wording(6, 10, 50)) == {
        "score": 5,
        "english": 0,
        "article": 0.25,
        "rarity": 0.25,
        "terms": 0.5,
        "length": 0.25,
    }


def test_the_english_expert_may_know_better_which_of_three_is_best() -> None:
    features = np.zeros((5, len(FEATURES)), np.float32)
    features[:, FEATURES.index("english")] = [0.125, 0.25, 0.5, 0.75, 0.75]
    assert signals(features, Wording(3, 1, 10))["english"] == 0.5


def test_more_words_than_enough_say_nothing_more() -> None:
    features = np.zeros((1, len(FEATURES)), np.float32)
    assert signals(features, Wording(12, 40, 200)) == signals(features, Wording(90, 900, 9_000))
