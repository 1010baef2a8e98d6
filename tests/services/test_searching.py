"""Retrieval as `firstline search` and the search route show it."""

import asyncio

import pytest

from bot.domain.conversation import INTERNAL, Author, Locale, Message
from bot.domain.errors import KnowledgeBaseUnavailable
from bot.domain.knowledge import Block, Evidence, Passage
from bot.ports import IndexStatus, Query
from bot.services.searching import EXCERPT_CHARACTERS, Searcher, SearchResult
from bot.services.understanding import QuestionReader
from tests.fakes import SNAPSHOT, FakeRetriever


@pytest.fixture
def retriever() -> FakeRetriever:
    return FakeRetriever()


@pytest.fixture
def searcher(retriever: FakeRetriever) -> Searcher:
    return Searcher(QuestionReader(), retriever, Locale.EN)


def passage(markdown: str, score: float = 0.5) -> Passage:
    return Passage(
        path="zh/看板.md",
        ordinal=2,
        anchor=None,
        title="看板",
        heading_path=("看板", "列"),
        locale=Locale.ZH,
        line=3,
        score=score,
        blocks=(Block("paragraph", markdown, ()),),
    )


def shown(passages: tuple[Passage, ...], answerability: float = 0.5) -> SearchResult:
    return SearchResult("q", "sq", Evidence(passages, answerability, SNAPSHOT), 12.3456)


async def test_the_question_goes_to_the_retriever_as_it_was_asked(
    searcher: Searcher, retriever: FakeRetriever
) -> None:
    found = await searcher.search("How do I create a team?", k=3)
    (query,) = retriever.queries
    assert (query.text, query.own_text) == ("How do I create a team?", "")
    assert (query.locale, query.limit) == (Locale.EN, 3)
    assert found.query == found.standalone_query == "How do I create a team?"
    assert found.evidence == await retriever.search(query)


@pytest.mark.parametrize(
    ("text", "asked", "locale"),
    [
        ("怎么创建团队？", None, Locale.ZH),
        ("SSO", None, Locale.EN),
        ("SSO", Locale.ZH, Locale.ZH),
    ],
)
async def test_the_text_decides_the_locale_then_what_is_asked_then_the_default(
    searcher: Searcher, retriever: FakeRetriever, text: str, asked: Locale | None, locale: Locale
) -> None:
    await searcher.search(text, k=1, locale=asked)
    assert retriever.queries[0].locale is locale


async def test_only_public_articles_are_searched_unless_internal_ones_are_asked_for(
    searcher: Searcher, retriever: FakeRetriever
) -> None:
    await searcher.search("How do I refund a customer?", k=1)
    await searcher.search("How do I refund a customer?", k=1, audience=INTERNAL)
    assert [sorted(query.audience) for query in retriever.queries] == [
        ["public"],
        ["internal", "public"],
    ]


async def test_a_follow_up_is_searched_with_what_it_leans_on(
    searcher: Searcher, retriever: FakeRetriever
) -> None:
    history = [Message("c", Author.CUSTOMER, "How do I create a team?")]
    found = await searcher.search("And how do I delete it?", k=1, history=history)
    (query,) = retriever.queries
    assert "create a team" in query.text
    assert "delete it" in query.text
    assert query.own_text == "And how do I delete it?"
    assert query.background == "How do I create a team?"
    assert query.reliance > 0.5
    assert (found.query, found.standalone_query) == (query.own_text, query.text)


async def test_the_latency_is_that_of_the_whole_search_in_milliseconds() -> None:
    class SlowRetriever(FakeRetriever):
        async def search(self, query: Query) -> Evidence:
            await asyncio.sleep(0.02)
            return await super().search(query)

    found = await Searcher(QuestionReader(), SlowRetriever(), Locale.EN).search("Teams?", k=1)
    assert found.latency_ms > 15  # a clock's tick less than was slept


async def test_without_an_index_it_fails(searcher: Searcher, retriever: FakeRetriever) -> None:
    retriever.index = IndexStatus(snapshot=None)
    with pytest.raises(KnowledgeBaseUnavailable):
        await searcher.search("How do I create a team?", k=1)


def test_a_result_as_json_is_that_of_the_contract() -> None:
    assert shown((passage("Text\n\n  of two\nlines", 0.123456),), 0.98765).as_json() == {
        "query": "q",
        "standalone_query": "sq",
        "results": [
            {
                "path": "zh/看板.md",
                "anchor": None,
                "title": "看板",
                "heading_path": ["看板", "列"],
                "locale": "zh",
                "score": 0.1235,
                "excerpt": "Text of two lines",
            }
        ],
        "answerable": 0.9877,
        "latency_ms": 12.3,
    }


def test_an_excerpt_is_cut_at_its_length() -> None:
    first, second = shown((passage("字" * 1_000), passage("b"))).as_json()["results"]
    assert first["excerpt"] == "字" * EXCERPT_CHARACTERS
    assert second["excerpt"] == "b"
