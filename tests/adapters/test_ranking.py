import numpy as np

from bot.adapters import ranking
from bot.adapters.ranking import EVIDENCE_SIGNALS, FEATURES, evidence_signals

PAIRS = {"zh-zh", "zh-en", "en-zh", "en-en"}


def test_the_committed_weights_fit_the_features() -> None:
    loaded = ranking.load()
    assert set(loaded.weights) == set(loaded.answerability) == PAIRS
    assert all(len(weights) == len(FEATURES) for weights in loaded.weights.values())
    assert all(len(w) == len(EVIDENCE_SIGNALS) + 1 for w in loaded.answerability.values())


def test_a_better_match_scores_higher_for_every_pair() -> None:
    weak = np.full((1, len(FEATURES)), 0.2, np.float32)
    strong = np.full((1, len(FEATURES)), 0.8, np.float32)
    for pair in PAIRS:
        question, passage = pair.split("-")
        scores = ranking.load().scores(question, passage, np.concatenate([weak, strong]))
        assert scores[1] > scores[0]


def test_answerability_is_a_probability_that_grows_with_the_match() -> None:
    for pair in PAIRS:
        question, passage = pair.split("-")
        weak, strong = (
            ranking.load().answerable(
                question, passage, np.full(len(EVIDENCE_SIGNALS), value, np.float32)
            )
            for value in (0.05, 0.9)
        )
        assert 0 <= weak < strong <= 1


def test_signals_take_the_best_of_the_three_best_candidates() -> None:
    features = np.zeros((5, len(FEATURES)), np.float32)
    features[:, 0] = [0.1, 0.2, 0.3, 0.4, 0.9]
    scores = np.array([5, 4, 3, 2, 1], np.float32)
    signals = dict(zip(EVIDENCE_SIGNALS, evidence_signals(features, scores, 6), strict=True))
    assert signals["chunk"] == np.float32(0.3)
    assert signals["margin"] == np.float32(5 - 2.5)
    assert signals["terms"] == np.float32(0.5)


def test_a_single_candidate_has_no_margin() -> None:
    features = np.zeros((1, len(FEATURES)), np.float32)
    assert evidence_signals(features, np.zeros(1, np.float32), 3)[5] == 0
