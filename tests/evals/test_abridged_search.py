from pathlib import Path

import pytest

from bot.adapters.ranking import EVIDENCE_SIGNALS, EXPERTS, FEATURES, Ranking, Rankings
from bot.domain.conversation import Locale
from bot.ports import Query
from evals.abridged_search import AbridgedSearch, Omission
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.ingest.knowledge import ARTICLES, hashed_space, write_articles

RANKING = Ranking((1.0,) * len(FEATURES), (1.0,) * (len(EVIDENCE_SIGNALS) + 1))
COLUMNS = Query("how many columns does a board hold")


@pytest.fixture
def search(tmp_path: Path) -> AbridgedSearch:
    index = SnapshotIndex(tmp_path / "index")
    ingest(write_articles(tmp_path / "kb", ARTICLES), index, [hashed_space()])
    rankings = Rankings({pair: {(): RANKING} for pair in EXPERTS})
    return AbridgedSearch(index.load(), [hashed_space()], rankings)


def paths(search: AbridgedSearch, query: Query = COLUMNS) -> set[str]:
    return {passage.path for passage in search.search(query).passages}


def test_an_article_is_omitted_with_its_translation(search: AbridgedSearch) -> None:
    assert {"en/boards.md", "zh/boards.md"} <= paths(search)
    with search.without(Omission(frozenset({"en/boards.md"}))):
        assert not {"en/boards.md", "zh/boards.md"} & paths(search)
    assert {"en/boards.md", "zh/boards.md"} <= paths(search)


def test_a_language_is_omitted_with_all_its_articles(search: AbridgedSearch) -> None:
    with search.without(Omission(locale=Locale.EN)):
        pair, _ = search.evidence_signals(COLUMNS) or ("", None)
        assert pair == "en-zh"


def test_what_is_not_there_cannot_be_omitted(search: AbridgedSearch) -> None:
    assert search.has(["en/boards.md", "en/missing.md"])
    assert not search.has(["en/missing.md"])
    with search.without(Omission(frozenset({"en/missing.md"}))):
        assert "en/boards.md" in paths(search)
