"""Ordinary questions: the own ones, without the dialogues that stand beside them."""

from bot.domain.conversation import Locale
from evals.ordinary import own_questions


def test_own_questions_are_of_both_languages_and_no_dialogues() -> None:
    questions = own_questions()
    assert len(questions) > 400
    assert {question.locale for question in questions} == set(Locale)
    assert not any(question.id.startswith("own-dialogue") for question in questions)
