"""How sure the bot is where nobody asked it: of an answer, or not at all."""

import pytest

from bot.domain.conversation import INTERNAL, Locale
from bot.domain.errors import KnowledgeBaseUnavailable
from bot.domain.policy import Thresholds
from bot.services.confidence import Confidence
from bot.services.hearing import Listener
from bot.services.intents import IntentClassifier
from bot.services.understanding import QuestionReader
from bot.services.weighing import Weigher
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage
from tests.services.test_hearing import Swearing

QUESTION = "How many columns can a board have?"


def confidence(retriever: ScriptedRetriever) -> Confidence:
    classifier = IntentClassifier.load()
    listener = Listener(Swearing(), None, classifier)
    reader = QuestionReader(None, classifier)
    return Confidence(reader, listener, retriever, Weigher(), Thresholds(0.5, 0.3), Locale.EN)  # type: ignore[arg-type]


async def test_it_is_as_sure_as_the_articles_are() -> None:
    retriever = ScriptedRetriever(passage(COLUMNS), answerability=0.87)
    assert await confidence(retriever).of(QUESTION) == 0.87


@pytest.mark.parametrize(
    "text",
    [
        "Thank you!",
        "hello everybody",
        "let me talk to a human",
        "our account was hacked",
        "ja das geht so nicht weiter mit dem board",
        "",
    ],
)
async def test_what_would_not_be_answered_is_left_to_people(text: str) -> None:
    retriever = ScriptedRetriever(passage(COLUMNS), answerability=0.99)
    assert await confidence(retriever).of(text) == 0.0


async def test_what_the_articles_do_not_carry_is_left_to_people() -> None:
    retriever = ScriptedRetriever(passage(COLUMNS), answerability=0.2)
    assert await confidence(retriever).of(QUESTION) == 0.0


async def test_internal_articles_count_where_they_may_be_read() -> None:
    retriever = ScriptedRetriever(passage(COLUMNS))
    await confidence(retriever).of(QUESTION, INTERNAL)
    assert retriever.queries[0].audience == INTERNAL


async def test_without_a_knowledge_base_nobody_is_sure() -> None:
    retriever = ScriptedRetriever()
    retriever.broken = True
    with pytest.raises(KnowledgeBaseUnavailable):
        await confidence(retriever).of(QUESTION)
