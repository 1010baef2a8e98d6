"""Retrieval without an answer: what the command line and the search route show."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.conversation import PUBLIC, Locale, Message
from bot.domain.knowledge import Evidence, Passage
from bot.ports import Query, Retriever
from bot.services.understanding import QuestionReader

EXCERPT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class SearchResult:
    query: str
    standalone_query: str
    evidence: Evidence
    latency_ms: float

    def as_json(self) -> dict[str, Any]:
        """The contract's search object."""
        return {
            "query": self.query,
            "standalone_query": self.standalone_query,
            "results": [_shown(passage) for passage in self.evidence.passages],
            "answerable": round(self.evidence.answerability, 4),
            "latency_ms": round(self.latency_ms, 1),
        }


class Searcher:
    def __init__(self, reader: QuestionReader, retriever: Retriever, default: Locale) -> None:
        self._reader = reader
        self._retriever = retriever
        self._default_locale = default

    async def search(
        self,
        text: str,
        k: int,
        locale: Locale | None = None,
        audience: frozenset[str] = PUBLIC,
        history: Sequence[Message] = (),
    ) -> SearchResult:
        """`k` counts distinct articles; raises KnowledgeBaseUnavailable."""
        started = time.perf_counter()
        understanding = await self._reader.understand(text, history, locale, self._default_locale)
        evidence = await self._retriever.search(Query.of(understanding, k, audience))
        latency_ms = (time.perf_counter() - started) * 1000
        return SearchResult(text, understanding.question, evidence, latency_ms)


def _shown(passage: Passage) -> dict[str, Any]:
    excerpt = " ".join(passage.text.split())
    return {
        "path": passage.path,
        "anchor": passage.anchor,
        "title": passage.title,
        "heading_path": list(passage.heading_path),
        "locale": passage.locale.value,
        "score": round(passage.score, 4),
        "excerpt": excerpt[:EXCERPT_CHARACTERS],
    }
