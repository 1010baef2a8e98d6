from dataclasses import replace

import pytest

from bot.domain.conversation import Locale
from bot.domain.knowledge import Block, Evidence, Sentence
from bot.services.parts import Part, parts_of, write
from tests.services.passages import passage


def parts(*blocks: Block, locale: Locale = Locale.EN) -> list[Part]:
    first = passage("", locale)
    return parts_of(Evidence((replace(first, blocks=blocks),), 0.9, "snapshot"))


def block(kind: str, markdown: str, *sentences: str) -> Block:
    return Block(kind, markdown, tuple(Sentence(text, 0.1 * n) for n, text in enumerate(sentences)))


def test_a_paragraph_falls_into_its_sentences() -> None:
    found = parts(block("paragraph", "One is here. Two is here.", "One is here.", "Two is here."))
    assert [(p.text, p.place, p.relevance) for p in found] == [
        ("One is here.", 0, 0.0),
        ("Two is here.", 1, 0.1),
    ]


def test_items_keep_the_lines_that_continue_them() -> None:
    found = parts(block("list", "1. Open it.\n   It is blue.\n2. Close it.", "Open it. Close it."))
    assert [p.markdown for p in found] == ["1. Open it.\n   It is blue.", "2. Close it."]
    assert found[0].is_step


def test_short_items_share_the_relevance_of_their_sentence() -> None:
    found = parts(block("list", "- Far\n- Open\n- Save", "Far", "Open Save"))
    assert [p.relevance for p in found] == [0.0, 0.1, 0.1]


def test_rows_come_without_the_head() -> None:
    table = block("table", "| A | B |\n|---|---|\n| one | 1 |\n| two | 2 |", "one 1", "two 2")
    found = parts(table)
    assert [p.text for p in found] == ["one 1", "two 2"]
    assert write(found[1:], table) == "| A | B |\n|---|---|\n| two | 2 |"


def test_a_question_of_the_article_goes_with_its_reply() -> None:
    found = parts(
        block("paragraph", "Can it fly?", "Can it fly?"), block("paragraph", "No.", "No.")
    )
    assert [p.text for p in found] == ["Can it fly? No."]


def test_a_question_before_a_list_stays_one() -> None:
    found = parts(block("paragraph", "What now?", "What now?"), block("list", "- Wait.", "Wait."))
    assert [p.text for p in found] == ["Wait."]


def test_other_languages_are_left_aside() -> None:
    both = (passage("", Locale.EN), passage("看板。", Locale.ZH))
    assert not [p for p in parts_of(Evidence(both, 0.9, "snapshot")) if p.passage == 1]


def test_labels_and_code_keep_their_marks() -> None:
    source = block(
        "paragraph",
        "Open **Settings > Billing** with `Ctrl+B`. See [plans](a.md).",
        "Open Settings > Billing with Ctrl+B.",
        "See plans.",
    )
    found = parts(source)
    assert write(found[:1], source) == "Open **Settings > Billing** with `Ctrl+B`."
    assert write(found[1:], source) == "See plans."


def test_lines_without_a_stop_stay_lines() -> None:
    source = block("paragraph", "Plan ahead\nApply now\nAbout us", "Plan ahead", "About us")
    assert write(parts(source), source) == "Plan ahead\nAbout us"


def test_half_of_a_mark_is_no_mark() -> None:
    source = block("paragraph", "**One is here. Two is here.**", "One is here.", "Two is here.")
    assert write(parts(source)[:1], source) == "One is here."


def test_inner_items_move_to_the_margin() -> None:
    source = block("list", "- Outer one:\n    - Inner one, or\n    - Inner two", "Inner one, or")
    assert write(parts(source)[1:2], source) == "- Inner one"


@pytest.mark.parametrize(
    ("text", "points_back"),
    [
        ("This is why.", True),
        ("(Only on Sundays.)", True),
        ("该设置无法恢复。", True),
        ("A board holds cards.", False),
        ("Items are sorted.", False),
    ],
)
def test_sentences_that_lean_on_the_one_before(text: str, points_back: bool) -> None:
    assert parts(block("paragraph", text, text))[0].points_back is points_back


@pytest.mark.parametrize(("text", "is_label"), [("Notes", True), ("It is so.", False)])
def test_words_that_end_like_a_heading(text: str, is_label: bool) -> None:
    assert parts(block("paragraph", text, text))[0].is_label is is_label
