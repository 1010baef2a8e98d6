"""In channels of its own the bot speaks unasked, and only where it is sure."""

import pytest

from bot.channels.chat.auto import AutoAnswers
from bot.domain.conversation import INTERNAL, PUBLIC
from bot.domain.errors import KnowledgeBaseUnavailable


class Judge:
    def __init__(self, sure: float) -> None:
        self.sure = sure
        self.audiences: list[frozenset[str]] = []

    async def of(self, text: str, audience: frozenset[str] = PUBLIC) -> float:
        self.audiences.append(audience)
        if self.sure < 0:
            raise KnowledgeBaseUnavailable("no index")
        return self.sure


@pytest.mark.parametrize(
    ("channel", "sure", "wanted"),
    [
        ("CAUTO", 0.9, True),
        ("CAUTO", 0.8, True),
        ("CAUTO", 0.79, False),
        ("COTHER", 1.0, False),
        ("CAUTO", -1.0, False),
    ],
)
async def test_it_speaks_where_it_may_and_is_sure(channel: str, sure: float, wanted: bool) -> None:
    auto = AutoAnswers(Judge(sure), ["CAUTO"], [], 0.8)
    assert await auto.wants(channel, "How do I export?") is wanted


async def test_it_is_as_sure_as_its_readers_articles_make_it() -> None:
    judge = Judge(1.0)
    auto = AutoAnswers(judge, ["CIN", "COUT"], ["CIN"], 0.8)
    await auto.wants("CIN", "x")
    await auto.wants("COUT", "x")
    assert judge.audiences == [INTERNAL, PUBLIC]
