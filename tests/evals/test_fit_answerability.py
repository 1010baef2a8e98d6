import numpy as np
import pytest

from bot.adapters.ranking import EVIDENCE_SIGNALS
from evals.fit_answerability import SHARES, Kind, Model, Question
from evals.fit_ranking import PAIRS


def questions(collection: str, each: int, level: float = 0.0) -> list[Question]:
    """Of every kind; one signal tells what can be answered, at a level of the collection's own."""
    generator = np.random.default_rng(each)
    made = []
    for number in range(each):
        for kind in Kind:
            signals = generator.random(len(EVIDENCE_SIGNALS))
            signals[0] = level + generator.normal(2 if kind is Kind.ANSWERABLE else 0, 0.5)
            pair = PAIRS[number % len(PAIRS)]
            made.append(Question(kind, collection, collection, pair, signals))
    return made


def test_what_tells_is_learned_and_the_rest_is_not() -> None:
    asked = questions("help", 60)
    model = Model.fit(asked)
    right = [model.answerable(question) > 0.5 for question in asked if question.is_answerable]
    wrong = [model.answerable(question) > 0.5 for question in asked if not question.is_answerable]
    assert np.mean(right) > 0.9
    assert np.mean(wrong) < 0.1


def test_the_probability_follows_the_shares_however_many_of_a_kind_there_are() -> None:
    asked = questions("help", 400)
    few = [question for question in asked if question.kind is not Kind.FOREIGN]
    foreign = [question for question in asked if question.kind is Kind.FOREIGN]
    once, often = Model.fit([*few, *foreign]), Model.fit([*few, *foreign * 5])
    guesses = [[model.answerable(question) for question in asked] for model in (once, often)]
    assert np.mean(guesses[0]) == pytest.approx(np.mean(guesses[1]), abs=0.03)


def test_a_pair_of_languages_that_was_never_asked_gets_the_scale_of_all() -> None:
    asked = [question for question in questions("help", 40) if question.pair != "zh-en"]
    model = Model.fit(asked)
    assert all(np.isfinite(model.weights["zh-en"]))


def test_the_shares_are_of_one_whole() -> None:
    assert set(SHARES) == set(Kind)
    assert sum(SHARES.values()) == pytest.approx(1)
