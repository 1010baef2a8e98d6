from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.ranking import EVIDENCE_SIGNALS, FEATURES, Ranking, Rankings
from bot.adapters.snapshot_search import SnapshotSearch
from bot.domain.conversation import Locale
from bot.domain.knowledge import Evidence
from bot.ports import Query
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.ingest.knowledge import ARTICLES, hashed_space, write_articles

PAIRS = [f"{a}-{b}" for a in ("zh", "en") for b in ("zh", "en")]
WEIGHTS = dict(zip(FEATURES, (8.0, 2.0, 1.0, 2.0, 4.0, 0.0, 8.0, 2.0, 1.0, -0.1, 0.1), strict=True))
RANKING = Ranking(tuple(WEIGHTS.values()), (2.0,) * len(EVIDENCE_SIGNALS) + (-3.0,))
RANKINGS = Rankings({pair: {("english",): RANKING, (): RANKING} for pair in PAIRS})
INTERNAL = frozenset({"public", "internal"})


def open_search(tmp_path: Path, articles: dict[str, str] | None = None) -> SnapshotSearch:
    kb = write_articles(tmp_path / "kb", articles or ARTICLES)
    index = SnapshotIndex(tmp_path / "index")
    spaces = [hashed_space(), hashed_space("english", "en")]
    ingest(kb, index, spaces)
    return SnapshotSearch(index.load(), spaces, RANKINGS)


@pytest.fixture
def search(tmp_path: Path) -> SnapshotSearch:
    return open_search(tmp_path)


def paths(evidence: Evidence) -> list[str]:
    return [passage.path for passage in evidence.passages]


def test_the_article_that_answers_comes_first(search: SnapshotSearch) -> None:
    found = search.search(Query("how many columns does a board hold"))
    assert (found.passages[0].path, found.passages[0].anchor) == ("en/boards.md", "limits")
    assert found.snapshot == search.snapshot.id


def test_each_article_is_listed_once(search: SnapshotSearch) -> None:
    found = paths(search.search(Query("board column")))
    assert len(found) == len(set(found))


def test_more_passages_of_an_article_when_asked_for(search: SnapshotSearch) -> None:
    found = search.search(Query("board column", passages_per_article=2))
    assert paths(found).count("en/boards.md") == 2
    assert len({passage.id for passage in found.passages}) == len(found.passages)


def test_the_limit_counts_articles(search: SnapshotSearch) -> None:
    found = search.search(Query("board column password", limit=2, passages_per_article=3))
    assert len(set(paths(found))) == 2


def test_internal_articles_are_not_even_candidates(search: SnapshotSearch) -> None:
    public = search.search(Query("goodwill refunds of customers"))
    assert "en/refunds.md" not in paths(public)
    internal = search.search(Query("goodwill refunds of customers", audience=INTERNAL))
    assert paths(internal)[0] == "en/refunds.md"


def test_the_language_of_the_question_is_preferred_among_equals(tmp_path: Path) -> None:
    text = "---\ntitle: Webhook\nlocale: {0}\n---\nWebhook webhook webhook.\n"
    search = open_search(
        tmp_path, {f"{locale}/w.md": text.format(locale) for locale in ("en", "zh")}
    )
    for locale in Locale:
        found = search.search(Query("webhook", locale=locale))
        assert found.passages[0].locale is locale


def test_no_language_buries_the_other(search: SnapshotSearch) -> None:
    found = search.search(Query("看板 board 列", locale=Locale.ZH))
    assert {passage.locale for passage in found.passages} == set(Locale)


def test_the_translation_of_a_listed_article_is_moved_down(search: SnapshotSearch) -> None:
    found = paths(search.search(Query("board 看板 column 添加", locale=Locale.EN)))
    assert found.index("en/boards.md") < found.index("zh/boards.md")


def test_words_of_the_other_language_do_not_bring_its_articles(search: SnapshotSearch) -> None:
    query = Query("怎么 add column 到 board", locale=Locale.ZH)
    assert search.search(query).passages[0].path == "zh/boards.md"
    untranslated = replace(query, text="怎么 reset forgotten password")
    assert search.search(untranslated).passages[0].path == "en/login.md"


def test_a_synonym_of_the_glossary_finds_what_is_worded_otherwise(tmp_path: Path) -> None:
    articles = ARTICLES | {"en/gantt.md": "# Gantt chart\n\nBars on a calendar.\n"}
    plain = open_search(tmp_path / "plain", articles)
    write_articles(
        tmp_path / "with" / "kb", {"glossary.yaml": "terms:\n- {en: [Gantt chart, waterfall]}\n"}
    )
    helped = open_search(tmp_path / "with", articles)
    query = Query("waterfall")
    assert paths(helped.search(query))[0] == "en/gantt.md"
    assert helped.search(query).answerability > plain.search(query).answerability


def test_a_follow_up_is_found_through_its_context(search: SnapshotSearch) -> None:
    query = Query("forgot my password and the link?", own_text="and the link?")
    assert paths(search.search(query))[0] == "en/login.md"


def test_what_was_said_last_finds_what_the_question_does_not_name(search: SnapshotSearch) -> None:
    said = "I forgot my password ; Use the link in the mail."
    query = Query("how about colleagues", background=said)
    assert paths(search.search(replace(query, reliance=0.0)))[0] == "en/boards.md"
    assert paths(search.search(replace(query, reliance=1.0)))[0] == "en/login.md"


def test_what_no_article_speaks_of_is_not_about_what_was_said_last(search: SnapshotSearch) -> None:
    query = Query("what is the weather", background="how many columns has a board", reliance=0.7)
    assert search.search(query) == search.search(replace(query, background=""))
    known = replace(query, text="what is the password")
    assert search.search(known) != search.search(replace(known, background=""))


@pytest.mark.parametrize(
    ("query", "strange"),
    [
        (Query("what is the weather"), 1.0),
        (Query("board of the weather"), 0.5),
        (Query("how many columns has a board"), 0.0),
        (Query("a board of the weather", own_text="the weather"), 1.0),
        (Query("天气怎么样", locale=Locale.ZH), 1.0),
        (Query("el tiempo", foreign=True), 0.0),
    ],
)
def test_evidence_tells_how_strange_a_question_is(
    search: SnapshotSearch, query: Query, strange: float
) -> None:
    assert search.search(query).strange == strange


def test_a_language_without_articles_is_not_strange(tmp_path: Path) -> None:
    search = open_search(tmp_path, {"en/boards.md": "# Boards\n\nColumns.\n"})
    assert search.search(Query("看板有几列", locale=Locale.ZH)).strange == 0.0


def test_a_synonym_is_not_strange(search: SnapshotSearch) -> None:
    assert search.search(Query("kanban")).strange == 0.0


def test_the_background_does_not_make_a_question_answerable(search: SnapshotSearch) -> None:
    query = Query("is there a discount for nuns", background="how many columns", reliance=0.5)
    alone = search.search(replace(query, background=""))
    assert search.search(query).answerability == pytest.approx(alone.answerability, abs=0.1)


def test_the_share_of_belief_is_one_in_all(search: SnapshotSearch) -> None:
    found = search.search(Query("board columns"))
    shares = [passage.score for passage in found.passages]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1.0001


def test_a_question_in_a_third_language_finds_passages(search: SnapshotSearch) -> None:
    assert search.search(Query("board columns", foreign=True)).passages


def test_a_question_of_stop_words_is_no_error(search: SnapshotSearch) -> None:
    assert 0 <= search.search(Query("how do I")).answerability <= 1


def test_a_snapshot_of_one_language_answers_the_other(tmp_path: Path) -> None:
    search = open_search(tmp_path, {"en/boards.md": ARTICLES["en/boards.md"]})
    assert paths(search.search(Query("看板", locale=Locale.ZH))) == ["en/boards.md"]


def test_a_language_with_internal_articles_alone_is_no_error(tmp_path: Path) -> None:
    internal = ARTICLES["en/refunds.md"].replace("locale: en", "locale: zh")
    search = open_search(tmp_path, {"en/boards.md": ARTICLES["en/boards.md"], "zh/r.md": internal})
    assert paths(search.search(Query("board"))) == ["en/boards.md"]
    assert paths(search.search(Query("退款", locale=Locale.ZH))) == ["en/boards.md"]
