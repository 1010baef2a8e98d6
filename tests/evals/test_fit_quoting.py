from dataclasses import replace

import numpy as np
import pytest

from bot.domain.knowledge import Block, Evidence, Sentence
from bot.services.quoting import FEATURES
from evals.fit_quoting import Example, as_example, by_collection, by_question, fit, rank_of
from tests.services.passages import passage


def examples(number: int, telling: int) -> list[Example]:
    """One of four parts answers, and only one feature tells which."""
    generator = np.random.default_rng(1)
    made = []
    for n in range(number):
        features = generator.random((4, len(FEATURES)))
        gold = np.arange(4) == n % 4
        features[:, telling] = gold
        made.append(Example("ab"[n % 2], features, gold))
    return made


def test_the_feature_that_tells_gets_the_weight() -> None:
    model = fit(examples(40, telling=3))
    assert int(np.argmax(model.weights)) == 3


@pytest.mark.parametrize("judge", [by_question, by_collection])
def test_every_example_is_judged_once_by_a_model_that_has_not_seen_it(judge: object) -> None:
    assert callable(judge)
    judged = list(judge(examples(20, telling=0)))
    assert len({id(example) for example, _ in judged}) == 20
    assert {rank_of(example, shares) for example, shares in judged} == {1}


def test_the_part_that_holds_the_span_answers() -> None:
    block = Block("paragraph", "", (Sentence("Far away.", 0.2), Sentence("It holds **24**.", 0.1)))
    found = Evidence((replace(passage(""), blocks=(block,)),), 0.9, "snapshot")
    example = as_example("own", found, "how many", "holds 24")
    assert example.gold.tolist() == [False, True]
    assert example.features.shape == (2, len(FEATURES))
