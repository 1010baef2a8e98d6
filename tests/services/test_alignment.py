import pytest

from bot.services.alignment import retells
from bot.services.statements import Source

SOURCE = Source.of(
    "A board shows the tasks of a sprint. To archive a board, open **Board settings** and click "
    "**Archive**. Move a task from the backlog to the sprint. Guests cannot edit tasks, but they "
    "can comment. Closed sprints are kept for 30 days.\n\n- Export the board as PDF.\n"
    "- Send the file to the lead.",
    ["Boards"],
)
ZH = Source.of(
    "项目管理员可以删除看板。把任务从待办列表移动到迭代。访客不能编辑任务，但可以评论。"
    "已关闭的迭代保留三十天。甘特图最多显示3个项目。",
    ["看板"],
)


@pytest.mark.parametrize(
    "claim",
    [
        "A board shows the tasks of a sprint.",
        "Open Board settings and click Archive to archive a board.",
        "Open Board settings, then choose Archive.",
        "It is possible for guests to comment, but they can't edit tasks.",
        "Closed sprints are kept for thirty days.",
        "Export the board as PDF, then send the file to the lead.",
        "A board shows the tasks of a sprint, and closed sprints are kept for ３０ days.",
    ],
)
def test_what_the_source_says_in_other_words(claim: str) -> None:
    assert retells(claim, [SOURCE])


@pytest.mark.parametrize(
    "claim",
    [
        "A board shows the tasks of a wiki.",
        "A sprint shows the tasks of a board.",
        "Move a task from the sprint to the backlog.",
        "To archive a board, open Board settings and click Export.",
        "Guests can edit tasks.",
        "Guests cannot edit tasks, but they cannot comment.",
        "Closed sprints are kept for 31 days.",
        "Closed boards are kept for 30 days.",
        "The invoice is sent once a month.",
    ],
)
def test_what_the_source_does_not_say(claim: str) -> None:
    assert not retells(claim, [SOURCE])


@pytest.mark.parametrize(
    "claim",
    ["看板可以由项目管理员删除。", "访客无法编辑任务，但能够评论。", "甘特图最多显示三个项目。"],
)
def test_chinese_in_other_words(claim: str) -> None:
    assert retells(claim, [ZH])


@pytest.mark.parametrize(
    "claim",
    [
        "项目管理员可以删除甘特图。",
        "把任务从迭代移动到待办列表。",
        "访客能编辑任务。",
        "甘特图最多显示四个项目。",
        "发票每月寄出。",
    ],
)
def test_chinese_that_is_not_said(claim: str) -> None:
    assert not retells(claim, [ZH])


def test_code_alone_claims_nothing() -> None:
    assert retells("  ", [SOURCE])
