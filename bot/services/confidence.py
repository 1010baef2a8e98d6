"""How sure the bot is of an answer before it was asked for one, where speaking up is a choice."""

import asyncio

from bot.domain.conversation import PUBLIC, ConversationStatus, Locale
from bot.domain.policy import Thresholds, decide
from bot.domain.reply import DecisionKind
from bot.domain.understanding import Intent
from bot.ports import Query, Retriever
from bot.services.hearing import Listener
from bot.services.retrieval import ARTICLES, PASSAGES_PER_ARTICLE
from bot.services.understanding import QuestionReader
from bot.services.weighing import Weigher


class Confidence:
    def __init__(
        self,
        reader: QuestionReader,
        listener: Listener,
        retriever: Retriever,
        weigher: Weigher,
        thresholds: Thresholds,
        default_locale: Locale,
    ) -> None:
        self._reader = reader
        self._listener = listener
        self._retriever = retriever
        self._weigher = weigher
        self._thresholds = thresholds
        self._default_locale = default_locale

    async def of(self, text: str, audience: frozenset[str] = PUBLIC) -> float:
        """The probability that its articles answer the text, 0 where a turn would do anything but
        answer it: ask back, offer or bring a person, talk. Raises KnowledgeBaseUnavailable."""
        understanding = await self._reader.understand(text, (), None, self._default_locale)
        if understanding.intent is not Intent.QUESTION or understanding.foreign:
            return 0.0
        heard = await asyncio.to_thread(self._listener.hear, understanding, (), 0)
        evidence = self._weigher.weigh(
            await self._retriever.search(
                Query.of(heard, ARTICLES, audience, PASSAGES_PER_ARTICLE, whole_sections=True)
            )
        )
        decision = decide(ConversationStatus.PENDING, heard, evidence, self._thresholds)
        if decision.kind is not DecisionKind.ANSWER or decision.offers_person:
            return 0.0
        return evidence.answerability
