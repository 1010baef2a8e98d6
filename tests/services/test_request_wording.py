"""What a model of requests is given to read, and that it has the last word."""

from collections.abc import Sequence

import pytest

from bot.domain.understanding import Intent
from bot.ports import RequestClause
from bot.services.intents import IntentClassifier
from bot.services.request_wording import RequestWords


class Said:
    """Says the same of every message; remembers what it read."""

    def __init__(self, log_odds: float) -> None:
        self.log_odds = log_odds
        self.read: list[str] = []

    def judge(self, clauses: Sequence[RequestClause]) -> float:
        self.read += [clause.text for clause in clauses]
        return self.log_odds


def test_sentences_their_parts_and_a_short_message_in_one_are_read() -> None:
    model = Said(-1.0)
    IntentClassifier.load(model).classify("It fails, again. A human please!")
    assert model.read == [
        "it fails, again",
        "it fails",
        "again",
        "a human please",
        "it fails, again a human please",
    ]


@pytest.mark.parametrize(("log_odds", "asks"), [(0.1, True), (-0.1, False)])
@pytest.mark.parametrize("text", ["talk to a human", "how do I print"])
def test_the_model_has_the_last_word(text: str, log_odds: float, asks: bool) -> None:
    reading = IntentClassifier.load(Said(log_odds)).classify(text)
    assert (reading.intent is Intent.PERSON) is asks


def test_a_message_is_judged_once() -> None:
    model = Said(-1.0)
    classifier = IntentClassifier.load(model)
    classifier.classify("print")
    classifier.classify("print")
    assert model.read == ["print"]


@pytest.mark.parametrize("text", ["a g e n t", "人 工", "转！人！工！"])
def test_spelt_out_words_are_closed_up(text: str) -> None:
    model = Said(-1.0)
    IntentClassifier.load(model).classify(text)
    assert model.read[0] in {"agent", "人工", "转人工"}


def test_patterns_are_among_the_signals() -> None:
    clauses = IntentClassifier.load().request_clauses("talk to a human")
    assert clauses[0].named["asks"] == clauses[0].named["kept"] == 1
    trapped = IntentClassifier.load().request_clauses("no need to talk to a human")
    assert trapped[0].named["trapped"] == trapped[0].named["negated"] == 1


def test_known_words_are_replaced_by_their_kind() -> None:
    clause = RequestWords.load().clause("connect me to your manager", {"asks": 1.0})
    assert clause.kinds.split() == ["REACH", "ME", "to", "YOURS", "STAFF"]
    assert clause.named["staff"] == clause.named["asks"] == 1
    assert clause.named["product"] == 0
