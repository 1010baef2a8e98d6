import pytest

from bot.domain.conversation import Locale
from evals.rewordings import list_to_sentence, rewordings


@pytest.mark.parametrize(
    ("sentence", "rule", "expected"),
    [
        ("If it is late, close the board.", "condition moved", "Close the board if it is late."),
        ("To save it, press the key.", "purpose moved", "Press the key to save it."),
        ("You can open 3 boards.", "impersonal", "It is possible to open 3 boards."),
        ("You can open the board.", "voice", "The board can be opened."),
        ("Keep 3 boards.", "spelled numbers", "Keep three boards."),
        ("Keep 3 boards.", "full-width digits", "Keep ３ boards."),
        ("Select the board.", "other words", "Choose the board."),
        ("The board shows tasks, their owners.", "shortened", "The board shows tasks."),
        ("您可以保留3个看板。", "impersonal", "能够保留3个看板。"),
        ("保留3个看板。", "spelled numbers", "保留三个看板。"),
        ("点击保存。", "other words", "单击保存。"),
    ],
)
def test_a_rule_says_the_same(sentence: str, rule: str, expected: str) -> None:
    locale = Locale.EN if sentence.isascii() else Locale.ZH
    assert dict(rewordings(sentence, "", locale))[rule] == expected


def test_two_sentences_become_one() -> None:
    assert dict(rewordings("Save it.", "Then close it.", Locale.EN))["joined"] == (
        "Save it, and then close it."
    )


def test_a_list_becomes_a_sentence() -> None:
    assert list_to_sentence(["Open it.", "Close the board."], Locale.EN) == (
        "Open it, then close the board."
    )
    assert list_to_sentence(["打开", "关闭"], Locale.ZH) == "打开，再关闭。"
    assert list_to_sentence(["Why? Because.", "b"], Locale.EN) == ""
