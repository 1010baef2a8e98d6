import pytest

from bot.services import facts
from bot.services.premises import affirmed, corrects, is_affirmed_falsely


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Yes, fields stay.", "fields stay."),
        ("Yes.", ""),
        ("**Yes**, it is.", "it is."),
        ("是的，可以恢复。", "可以恢复。"),
        ("可以，点击保存。", "点击保存。"),
        ("Yesterday it was.", None),
        ("可以在设置里打开。", None),
        ("是否必填由项目决定。", None),
        ("No, it is not.", None),
    ],
)
def test_a_yes_at_the_beginning(text: str, rest: str | None) -> None:
    assert affirmed(text) == rest


SOURCE = facts.known("A project has up to 60 fields. 最多 60 个字段。")


@pytest.mark.parametrize(
    ("question", "opening", "falsely"),
    [
        ("Can a project have 60 fields?", "Yes, up to 60 fields.", False),
        ("Can a project have 100 fields?", "Yes, up to 60 fields.", True),
        ("Can a project have 100 fields?", "A project has up to 60 fields.", False),
        ("Can I undo it?", "Yes, it cannot be undone.", True),
        ("Is it true that it cannot be undone?", "Yes, it cannot be undone.", False),
        ("Can I undo it?", "Yes", True),
        ("能建 100 个字段吗？", "可以，项目里有字段。", True),
        ("删除后能恢复吗？", "能，删除后无法恢复。", True),
        ("能建字段吗？", "可以，最多 60 个字段。", False),
    ],
)
def test_only_what_the_source_says_is_affirmed(question: str, opening: str, falsely: bool) -> None:
    assert is_affirmed_falsely(question, opening, SOURCE) is falsely


@pytest.mark.parametrize(
    ("sentence", "question", "corrected"),
    [
        ("Guests cannot edit tasks.", "Can guests edit tasks?", True),
        ("Guests can edit tasks.", "Can guests edit tasks?", False),
        ("The trash keeps tasks for 30 days.", "Does the trash keep tasks for 90 days?", True),
        ("The trash keeps tasks for 90 days.", "Does the trash keep tasks for 90 days?", False),
        ("Guests cannot edit tasks.", "How do guests edit tasks?", False),
        ("Invoices cannot be changed.", "Can guests edit tasks?", False),
        ("访客不能编辑任务。", "访客能编辑任务吗？", True),
        ("回收站的任务保留 30 天。", "回收站的任务保留 90 天吗？", True),
    ],
)
def test_a_sentence_that_denies_what_is_supposed(
    sentence: str, question: str, corrected: bool
) -> None:
    assert corrects(sentence, question) is corrected
