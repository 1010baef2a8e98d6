from dataclasses import replace

import pytest

from bot.domain.conversation import PUBLIC, Locale
from bot.domain.knowledge import Evidence
from bot.domain.policy import Thresholds
from bot.domain.understanding import CHOSEN, JOINED, REWRITTEN, Intent, Understanding
from bot.ports import Query
from bot.services.retrieval import Retrieval
from tests.fakes import FakeRetriever

JOINT = Understanding(
    text="thanks, who wins the cup",
    locale=Locale.EN,
    intent=Intent.QUESTION,
    question="reset it ; who wins the cup",
    context="reset it",
    rest="who wins the cup",
    rewriting=JOINED,
    clarified=True,
)
FOLLOWING = Understanding(
    text="who wins the cup",
    locale=Locale.EN,
    intent=Intent.QUESTION,
    question="who wins the cup",
    background="How do I export a board? ; Choose Export.",
    reliance=0.6,
)


class DividedRetriever(FakeRetriever):
    """Finds less by a message alone than by what it was joined to."""

    def __init__(self, alone: float, strange: float = 0.0) -> None:
        super().__init__()
        self.alone, self.strange = alone, strange

    async def search(self, query: Query) -> Evidence:
        found = await super().search(query)
        is_joint = query.background or query.text.startswith("reset it")
        answerability = 0.8 if is_joint else self.alone
        return replace(found, answerability=answerability, strange=self.strange)


async def look_up(
    understanding: Understanding, retriever: DividedRetriever
) -> tuple[Understanding, Evidence]:
    return await Retrieval(retriever, Thresholds()).look_up(understanding, PUBLIC)


@pytest.mark.parametrize("joint", [JOINT, FOLLOWING])
async def test_what_is_foreign_to_every_article_stands_alone(joint: Understanding) -> None:
    retriever = DividedRetriever(alone=0.05, strange=0.5)
    understanding, evidence = await look_up(joint, retriever)
    assert (understanding.question, understanding.context) == ("who wins the cup", "")
    assert (understanding.background, understanding.rewriting) == ("", None)
    assert evidence.answerability == 0.05
    assert retriever.queries[-1].text == "who wins the cup"


@pytest.mark.parametrize("joint", [JOINT, FOLLOWING])
async def test_what_has_to_do_with_an_article_is_joined(joint: Understanding) -> None:
    for retriever in (DividedRetriever(0.2, strange=0.9), DividedRetriever(0.2)):
        understanding, evidence = await look_up(joint, retriever)
        assert understanding is joint
        assert evidence.answerability == 0.8


@pytest.mark.parametrize(
    "joint",
    [
        replace(FOLLOWING, background="", reliance=0.0),
        FOLLOWING,
        replace(JOINT, clarified=False, leans=True),
        replace(JOINT, rewriting=CHOSEN),
        replace(JOINT, rewriting=REWRITTEN),
    ],
    ids=["a first question", "a follow-up of known words", "leaning", "chosen", "rewritten"],
)
async def test_where_nothing_is_in_doubt_it_is_looked_up_once(joint: Understanding) -> None:
    retriever = DividedRetriever(alone=0.0)
    assert (await look_up(joint, retriever))[0] is joint
    assert len(retriever.queries) == 1


async def test_a_message_in_words_of_another_subject_does_not_lean_whatever_points_in_it() -> None:
    leaning = replace(JOINT, clarified=False, leans=True)
    assert (await look_up(leaning, DividedRetriever(0.05, strange=0.8)))[0].context == ""
    assert (await look_up(leaning, DividedRetriever(0.05, strange=0.7)))[0] is leaning
