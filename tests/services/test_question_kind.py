import pytest

from bot.services.question_kind import QuestionKind


@pytest.mark.parametrize(
    "question",
    [
        "how many people fit on the free plan",
        "is there an upload limit",
        "最多几个人",
        "能传多大",
    ],
)
def test_quantities(question: str) -> None:
    assert QuestionKind.of(question).quantity


@pytest.mark.parametrize("question", ["how do I add a column", "where is the trash", "怎么新建"])
def test_ways(question: str) -> None:
    kind = QuestionKind.of(question)
    assert kind.how
    assert not kind.quantity


@pytest.mark.parametrize("question", ["can guests see the board", "访客能不能看", "支持导出吗"])
def test_yes_or_no(question: str) -> None:
    assert QuestionKind.of(question).yes_no


@pytest.mark.parametrize("question", ["why is it grey", "为什么按钮是灰的", "怎么登不进去，没反应"])
def test_reasons(question: str) -> None:
    assert QuestionKind.of(question).why
