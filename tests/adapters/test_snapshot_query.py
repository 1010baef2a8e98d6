from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.snapshot_query import EncodedQuery, QueryEncoder
from bot.adapters.snapshot_sections import Unit
from bot.domain.conversation import Locale
from bot.ports import Query
from ingest.pipeline import ingest
from ingest.publishing import SnapshotIndex
from tests.ingest.knowledge import hashed_space, write_articles

Encode = Callable[[Query], EncodedQuery]


@pytest.fixture
def encode(tmp_path: Path) -> Encode:
    index = SnapshotIndex(tmp_path / "index")
    spaces = [hashed_space(), hashed_space("english", "en")]
    ingest(write_articles(tmp_path / "kb"), index, spaces)
    return QueryEncoder(index.load(), spaces).encode


def test_a_common_synonym_needs_no_glossary(encode: Encode) -> None:
    asked = encode(Query("kanban", locale=Locale.EN))
    assert asked.terms == {"kanban"}
    assert asked.matches.terms.max() > 0
    assert asked.evidence_in(Unit.read("The board")) > asked.evidence_in(Unit.read("The wall"))


@pytest.mark.parametrize(
    ("question", "is_for_a_quantity"),
    [("how many columns has a board", True), ("看板最多有多少列", True), ("add columns", False)],
)
def test_a_question_for_a_quantity_prefers_a_sentence_with_one(
    encode: Encode, question: str, is_for_a_quantity: bool
) -> None:
    encoded = encode(Query(question))
    with_one, without = (
        encoded.evidence_in(Unit.read(f"A board has {n} columns")) for n in ("24", "some")
    )
    assert (with_one > without) is is_for_a_quantity


def test_a_question_in_a_third_language_is_for_the_space_of_all_languages(
    encode: Encode,
) -> None:
    encoded = encode(Query("tablero", foreign=True))
    assert set(encoded.vectors) == {"hashed"}


def test_a_mistyped_question_is_the_one_that_was_meant(encode: Encode) -> None:
    asked = encode(Query("add a colunm ; to the baord", own_text="to the baord", locale=Locale.EN))
    assert asked.query.text == "add a column ; to the board"
    assert asked.query.own_text == "to the board"
    assert asked.terms >= {"column", "board"}
    assert asked.strange == 0
    meant = encode(Query("add a column ; to the board", own_text="to the board"))
    assert (asked.vectors["hashed"] == meant.vectors["hashed"]).all()


def test_what_was_said_last_is_read_as_it_was_meant_too(encode: Encode) -> None:
    asked = encode(Query("how many", background="the baord"))
    assert asked.background is not None
    assert asked.background.query.text == "the board ; how many"


def test_a_question_in_a_third_language_has_no_typing_errors(encode: Encode) -> None:
    assert encode(Query("colunm", foreign=True)).query.text == "colunm"
