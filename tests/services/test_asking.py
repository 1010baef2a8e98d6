import pytest

from bot.services.asking import keeps_to

TOLD = (
    "How many columns can a board have? A board holds 24 columns.\n看板最多有 24 列，怎么导出 PDF？"
)


@pytest.mark.parametrize(
    ("question", "stays"),
    [
        ("What is the maximum number of columns on a board?", True),
        ("What is the maximum number of swimlanes on a board?", False),
        ("Can a board have 30 columns?", False),
        ("Could you explain how Jira boards hold columns?", False),
        ("看板最多可以有几列？", True),
        ("甘特图最多可以有几列？", False),
        ("看板怎么导出 Excel？", False),
        ("Which columns, see https://evil.example/a ?", False),
    ],
)
def test_a_question_brings_nothing_new(question: str, stays: bool) -> None:
    assert keeps_to(question, TOLD) is stays
