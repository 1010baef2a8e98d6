import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bot.adapters.cross_encoder import (
    PASSAGE_CHARACTERS,
    QUESTION_CHARACTERS,
    RERANKED,
    CrossEncoderReranker,
    RerankedRetriever,
)
from bot.bootstrap import build
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.errors import KnowledgeBaseUnavailable, ModelUnavailable
from bot.domain.knowledge import ArticlePage, Block, Evidence, Passage
from bot.ports import IndexStatus, Query
from bot.settings import load_settings
from bot.wiring.models import build_spaces
from ingest.embedding import sentence_transformers as models
from ingest.errors import IngestError
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.fakes import FakeRetriever
from tests.ingest.embedding.minilm import minilm
from tests.ingest.knowledge import HashedTerms, write_articles

Pairs = list[tuple[str, str]]


@dataclass
class FakeModel:
    """Scores pairs by `rate`, which sees the text of the passage."""

    rate: Callable[[str], float] = len
    asked: list[Pairs] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def predict(self, pairs: Pairs, /, *, show_progress_bar: bool) -> Any:
        assert not show_progress_bar
        self.asked.append(pairs)
        self.threads.add(threading.get_ident())
        return np.array([self.rate(text) for _, text in pairs], np.float32)


def passage(path: str, text: str = "Text.", score: float = 0.1) -> Passage:
    return Passage(
        path=path,
        ordinal=0,
        anchor=None,
        title="Boards",
        heading_path=("Columns", "Limits"),
        locale=Locale.EN,
        line=1,
        score=score,
        blocks=(Block("paragraph", text, ()),),
    )


@pytest.fixture(autouse=True)
def fresh_models() -> Iterator[None]:
    yield
    models.load_cross_encoder.cache_clear()


SHORT, LONGEST, LONG = passage("short"), passage("longest", "x" * 40), passage("long", "x" * 20)


def paths(passages: Sequence[Passage]) -> list[str]:
    return [p.path for p in passages]


def reranker(rate: Callable[[str], float] = len) -> CrossEncoderReranker:
    return CrossEncoderReranker("some-model", FakeModel(rate))


async def test_the_order_is_that_of_the_scores() -> None:
    ordered = await reranker().rerank("limits", [SHORT, LONGEST, LONG])
    assert paths(ordered) == ["longest", "long", "short"]


async def test_equal_scores_leave_the_order() -> None:
    passages = [passage(f"{number:02}", "x" * (number % 2)) for number in range(64)]
    ordered = await reranker().rerank("limits", passages)
    assert paths(ordered) == [f"{n:02}" for n in (*range(1, 64, 2), *range(0, 64, 2))]


async def test_the_model_reads_the_question_and_the_passage_under_its_heading() -> None:
    model = FakeModel()
    linked = passage("p", "See [limits](../limits.md).")
    await CrossEncoderReranker("some-model", model).rerank("what limits?", [linked])
    assert model.asked == [[("what limits?", "Boards > Columns > Limits\nSee limits.")]]


async def test_long_texts_are_cut_and_half_surrogate_pairs_replaced() -> None:
    model = FakeModel()
    long = [passage("p", "y" * 100_000)]
    await CrossEncoderReranker("some-model", model).rerank("\ud83d" * 100_000, long)
    ((question, text),) = model.asked[0]
    assert question == "?" * QUESTION_CHARACTERS
    assert len(text) == PASSAGE_CHARACTERS


async def test_one_thread_calls_the_model_and_it_is_not_the_event_loops() -> None:
    def think(text: str) -> float:
        time.sleep(0.002)
        return len(text)

    model = FakeModel(think)
    one = CrossEncoderReranker("some-model", model)
    await asyncio.gather(*(one.rerank("limits", [SHORT, LONG]) for _ in range(4)))
    assert len(model.asked) == 4
    assert len(model.threads - {threading.get_ident()}) == len(model.threads) == 1


class Broken:
    def __init__(self, scores: Any) -> None:
        self.scores = scores

    def predict(self, pairs: Pairs, /, *, show_progress_bar: bool) -> Any:
        if isinstance(self.scores, Exception):
            raise self.scores
        return self.scores


@pytest.mark.parametrize(
    "scores",
    [
        [1.0],
        [1.0, 2.0, 3.0],
        [[1.0], [2.0]],
        [1.0, float("nan")],
        [1.0, float("inf")],
        ["a", "b"],
        None,
        RuntimeError("out of memory"),
    ],
)
async def test_what_is_no_score_for_each_passage_is_a_failure(scores: Any) -> None:
    broken = CrossEncoderReranker("some-model", Broken(scores))
    with pytest.raises(ModelUnavailable, match="reranker some-model"):
        await broken.rerank("limits", [SHORT, LONG])


async def test_a_failure_does_not_quote_the_question() -> None:
    broken = CrossEncoderReranker("some-model", Broken(ValueError("cannot read 'swordfish'")))
    with pytest.raises(ModelUnavailable) as failure:
        await broken.rerank("my password is swordfish", [SHORT, LONG])
    assert str(failure.value) == "reranker some-model failed: ValueError"


async def test_who_waits_too_long_goes_without() -> None:
    release = threading.Event()

    def wait(text: str) -> float:
        release.wait()
        return 0.0

    slow = CrossEncoderReranker("some-model", FakeModel(wait), timeout_s=0.01)
    try:
        with pytest.raises(ModelUnavailable, match=r"some-model took longer than 0\.01 s"):
            await slow.rerank("limits", [SHORT, LONG])
    finally:
        release.set()


@dataclass
class Found(FakeRetriever):
    """Articles `0`, `1`, ... of decreasing score, as many passages each as are asked for."""

    articles: int = 30

    async def search(self, query: Query) -> Evidence:
        self.queries.append(query)
        found = [
            replace(passage(str(number), "x" * number, 0.5**number), ordinal=ordinal)
            for number in range(min(self.articles, query.limit))
            for ordinal in range(query.passages_per_article)
        ]
        return Evidence(tuple(found), 0.7, "snapshot")

    async def article(self, path: str) -> ArticlePage | None:
        return ArticlePage(path, "Boards", Locale.EN, ())


async def test_the_first_passages_are_reranked_and_the_rest_stays() -> None:
    evidence = await RerankedRetriever(Found(), reranker()).search(Query("limits", limit=20))
    reranked = [str(number) for number in reversed(range(RERANKED))]
    assert paths(evidence.passages) == [*reranked, *map(str, range(RERANKED, 20))]
    assert (evidence.answerability, evidence.snapshot) == (0.7, "snapshot")


async def test_the_shares_of_belief_stay_with_the_ranks() -> None:
    query = Query("limits", limit=20)
    before = (await Found().search(query)).passages
    after = (await RerankedRetriever(Found(), reranker()).search(query)).passages
    assert [p.score for p in after] == [p.score for p in before]


@pytest.mark.parametrize("limit", [1, 3, RERANKED, 20])
async def test_fewer_results_are_the_beginning_of_more(limit: int) -> None:
    retriever = RerankedRetriever(Found(), reranker())
    many = await retriever.search(Query("limits", limit=30))
    few = await retriever.search(Query("limits", limit=limit))
    assert few.passages == many.passages[:limit]


async def test_the_limit_counts_articles_not_passages() -> None:
    query = Query("limits", limit=2, passages_per_article=2)
    evidence = await RerankedRetriever(Found(), reranker()).search(query)
    assert paths(evidence.passages) == ["5", "5", "4", "4"]


@pytest.mark.parametrize("articles", [0, 1])
async def test_what_has_no_order_is_not_reranked(articles: int) -> None:
    model = FakeModel()
    retriever = RerankedRetriever(
        Found(articles=articles), CrossEncoderReranker("some-model", model)
    )
    assert len((await retriever.search(Query("limits"))).passages) == articles
    assert model.asked == []


async def test_a_failing_reranker_leaves_the_order_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = CrossEncoderReranker("some-model", Broken(RuntimeError("out of memory")))
    query = Query("limits", limit=4)
    with caplog.at_level(logging.WARNING):
        evidence = await RerankedRetriever(Found(), broken).search(query)
    assert evidence == await Found().search(query)
    assert [r.getMessage() for r in caplog.records] == [
        "not reranked: reranker some-model failed: RuntimeError"
    ]


async def test_a_missing_index_is_the_retrievers_to_report() -> None:
    retriever = RerankedRetriever(FakeRetriever(index=IndexStatus(None)), reranker())
    with pytest.raises(KnowledgeBaseUnavailable):
        await retriever.search(Query("limits"))


async def test_everything_else_is_the_retrievers() -> None:
    class Watched(Found):
        watched = False

        async def watch(self) -> None:
            self.watched = True

    inner = Watched(index=IndexStatus("s", "damaged"))
    retriever = RerankedRetriever(inner, reranker())
    assert retriever.status() == IndexStatus("s", "damaged")
    assert await retriever.refresh() == IndexStatus("s", "damaged")
    assert await retriever.article("en/boards.md") == await inner.article("en/boards.md")
    await retriever.watch()
    assert inner.watched


async def test_search_and_dialogue_use_the_reranker_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = FakeModel(lambda text: "Forgotten" in text)
    model.num_labels = 1  # type: ignore[attr-defined]
    put(monkeypatch, "sentence_transformers", CrossEncoder=lambda name, **options: model)
    put(monkeypatch, "langchain", embeddings=None)
    put(monkeypatch, "langchain.embeddings", init_embeddings=lambda name: HashedTerms())
    settings = load_settings(
        home=tmp_path,
        embedding={"provider": "langchain", "model": "acme:embed", "reranker": "some/reranker"},
    )
    ingest(write_articles(tmp_path / "kb"), SnapshotIndex(settings.index), build_spaces(settings))
    bot = build(settings)

    found = await bot.searcher.search("board columns and a forgotten password", 1)
    assert [p.anchor for p in found.evidence.passages] == ["forgotten-password"]
    conversation = Conversation("test")
    await bot.store.add_conversation(conversation)
    message = Message(conversation.id, Author.CUSTOMER, "How many columns has a board?")
    await (await bot.turns.submit(message)).result()
    assert [pairs[0][0] for pairs in model.asked][1:] == ["How many columns has a board?"]


def put(monkeypatch: pytest.MonkeyPatch, name: str, **content: object) -> None:
    module = ModuleType(name)
    vars(module).update(content)
    monkeypatch.setitem(sys.modules, name, module)


def test_a_reranker_that_cannot_be_loaded_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    settings = load_settings(home=tmp_path, embedding={"reranker": "some/reranker"})
    with pytest.raises(IngestError, match=r"pip install 'firstline\[sentence-transformers\]'"):
        build(settings)


async def test_a_real_cross_encoder_orders_passages_by_its_scores() -> None:
    """The weights' head is random, so that only the mechanics are tested, not the order."""
    folder = minilm()
    import torch

    torch.manual_seed(0)
    model = models.load_cross_encoder(folder)
    real = CrossEncoderReranker("all-MiniLM-L6-v2", model, timeout_s=60)
    texts = ["A board has 24 columns.", "Invoices are monthly.", "", "看板最多 24 列。", "x " * 900]
    passages = [passage(str(number), text) for number, text in enumerate(texts)]
    ordered = await real.rerank("how many columns", passages)

    heading = "Boards > Columns > Limits\n"
    pairs = [("how many columns", (heading + text)[:PASSAGE_CHARACTERS]) for text in texts]
    scores = model.predict(pairs, show_progress_bar=False)
    assert len(scores) == len(texts)
    assert paths(ordered) == [str(n) for n in np.argsort(-scores, kind="stable")]
    assert paths(ordered) != paths(passages)
