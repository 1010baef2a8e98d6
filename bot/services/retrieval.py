"""Looks up what was understood: after what was said before, or alone if it is something else."""

from bot.domain.knowledge import Evidence
from bot.domain.policy import Thresholds, is_foreign, may_stand_alone
from bot.domain.understanding import Understanding
from bot.ports import Query, Retriever

PASSAGES_PER_ARTICLE = 4
ARTICLES = 6


class Retrieval:
    def __init__(self, retriever: Retriever, thresholds: Thresholds) -> None:
        self._retriever = retriever
        self._thresholds = thresholds

    async def look_up(
        self, understanding: Understanding, audience: frozenset[str]
    ) -> tuple[Understanding, Evidence]:
        """What is foreign to every article by itself is no question about what was said before it;
        then the understanding says no more that it is."""
        evidence = await self._retriever.search(
            Query.of(
                understanding,
                limit=ARTICLES,
                audience=audience,
                passages_per_article=PASSAGES_PER_ARTICLE,
                whole_sections=True,
            )
        )
        if may_stand_alone(understanding, evidence):
            alone = understanding.alone
            found = await self._retriever.search(Query.of(alone, 1, audience))
            if is_foreign(found, self._thresholds):
                return alone, found
        return understanding, evidence
