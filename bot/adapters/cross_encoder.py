"""A cross-encoder reads question and passage together and orders the first passages anew."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import ModelUnavailable
from bot.domain.knowledge import ArticleImage, ArticlePage, Evidence, Passage
from bot.domain.text import strip_links
from bot.ports import IndexStatus, Query, Reranker, Retriever

log = logging.getLogger(__name__)

RERANKED = 12  # passages: what comes later hardly ever answers, and each costs a call of the model
QUESTION_CHARACTERS = 1_000
PASSAGE_CHARACTERS = 1_500
TIMEOUT_S = 3.0


class CrossEncoder(Protocol):
    def predict(self, pairs: list[tuple[str, str]], /, *, show_progress_bar: bool) -> Any:
        """A score for each (question, passage), float (n,); greater is better."""
        ...


class CrossEncoderReranker:
    """One thread: the model uses all cores at once. Who waits too long goes without."""

    def __init__(self, name: str, model: CrossEncoder, timeout_s: float = TIMEOUT_S) -> None:
        self._name = name
        self._model = model
        self._timeout_s = timeout_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rerank")

    async def rerank(self, question: str, passages: Sequence[Passage]) -> Sequence[Passage]:
        pairs = [
            (_encodable(question, QUESTION_CHARACTERS), _read(passage)) for passage in passages
        ]
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_s):
                scores = await loop.run_in_executor(self._thread, self._scores, pairs)
        except TimeoutError as error:
            raise ModelUnavailable(
                f"reranker {self._name} took longer than {self._timeout_s:g} s"
            ) from error
        order = np.argsort(-scores, kind="stable")
        return [passages[position] for position in order]

    def _scores(self, pairs: list[tuple[str, str]]) -> NDArray[np.float32]:
        try:
            scores = np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float32)
        except Exception as error:
            # The model's message may quote the question, its kind does not.
            kind = type(error).__name__
            raise ModelUnavailable(f"reranker {self._name} failed: {kind}") from error
        if scores.shape != (len(pairs),) or not np.isfinite(scores).all():
            raise ModelUnavailable(f"reranker {self._name} gave no score for each passage")
        return scores


class RerankedRetriever:
    """The retriever's passages in the reranker's order; the retriever's own when that fails."""

    def __init__(self, retriever: Retriever, reranker: Reranker) -> None:
        self._retriever = retriever
        self._reranker = reranker

    async def search(self, query: Query) -> Evidence:
        # Few results are the beginning of many, so that the best one may come from further below.
        wider = replace(query, limit=max(query.limit, RERANKED))
        evidence = await self._retriever.search(wider)
        passages = await self._reranked(query.text, evidence.passages)
        return replace(evidence, passages=_of_first_articles(passages, query.limit))

    async def article(self, path: str) -> ArticlePage | None:
        return await self._retriever.article(path)

    async def image(self, name: str) -> ArticleImage | None:
        return await self._retriever.image(name)

    async def refresh(self) -> IndexStatus:
        return await self._retriever.refresh()

    async def watch(self) -> None:
        await self._retriever.watch()

    def status(self) -> IndexStatus:
        return self._retriever.status()

    async def _reranked(self, question: str, passages: Sequence[Passage]) -> Sequence[Passage]:
        first, rest = passages[:RERANKED], passages[RERANKED:]
        if len(first) < 2:
            return passages
        try:
            ordered = await self._reranker.rerank(question, first)
        except ModelUnavailable as error:
            log.warning("not reranked: %s", error)
            return passages
        # The shares of belief stay with the ranks: a cross-encoder's scores are none.
        shares = sorted((passage.score for passage in first), reverse=True)
        ranked = (replace(p, score=share) for p, share in zip(ordered, shares, strict=True))
        return (*ranked, *rest)


def _read(passage: Passage) -> str:
    heading = " > ".join((passage.title, *passage.heading_path))
    return _encodable(f"{heading}\n{strip_links(passage.text)}", PASSAGE_CHARACTERS)


def _encodable(text: str, characters: int) -> str:
    """Cut, and without half surrogate pairs, which no tokenizer takes."""
    return text[:characters].encode("utf-8", "replace").decode("utf-8")


def _of_first_articles(passages: Sequence[Passage], limit: int) -> tuple[Passage, ...]:
    articles = list(dict.fromkeys(passage.path for passage in passages))[:limit]
    return tuple(passage for passage in passages if passage.path in articles)
