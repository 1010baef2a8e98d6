from dataclasses import replace
from random import Random

from bot.domain.conversation import Locale
from evals.corruptions import Corpus, corruptions
from tests.services.passages import passage

BOARDS = passage("Click **Add column** on the **Team board**. Guests cannot edit.", title="Boards")
OTHER = passage("Use **Gantt chart** or **Time sheet**.", title="Charts")
EN = Corpus.of([BOARDS, replace(OTHER, heading_path=("Note",))], Locale.EN)
ZH = Corpus.of(
    [passage("点击 **看板** 和 **甘特图**，还有 **工时表**。", Locale.ZH, title="看板")], Locale.ZH
)


def made(sentence: str, corpus: Corpus) -> dict[str, str]:
    return dict(corruptions(sentence, corpus, Random(1)))  # noqa: S311


def test_terms_are_labels_names_and_titles() -> None:
    assert {"Add column", "Team board", "Gantt chart", "Boards", "Charts"} <= set(EN.terms)
    assert "Note" not in EN.terms
    assert set(ZH.terms) == {"看板", "甘特图", "工时表"}


def test_each_kind_changes_one_thing() -> None:
    wrong = made("Open the Team board, which can show the Gantt chart for 30 days.", EN)
    assert wrong["unit"] == "Open the Team board, which can show the Gantt chart for 30 weeks."
    assert wrong["order"] == "Open the Gantt chart, which can show the Team board for 30 days."
    assert "cannot show" in wrong["negation added"]
    assert "30" not in wrong["number"].split()
    assert wrong["entity"].count("chart") + wrong["entity"].count("board") < 2
    assert "negation removed" not in wrong


def test_chinese_is_changed_too() -> None:
    wrong = made("从看板打开甘特图，不能保留三个。", ZH)
    assert wrong["order"] == "从甘特图打开看板，不能保留三个。"
    assert wrong["negation removed"] == "从看板打开甘特图，能保留三个。"
    assert "三个" not in wrong["number"]
    assert "工时表" in wrong["entity"]


def test_a_list_in_another_order_is_not_wrong() -> None:
    assert "order" not in made("Use the Team board and Gantt chart.", EN)


def test_what_the_corpus_says_is_not_wrong() -> None:
    assert "negation added" not in made("Guests can edit.", EN)
