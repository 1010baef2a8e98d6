"""Which sentences of two articles cannot both be right."""

from dataclasses import replace

import pytest

from bot.domain.conversation import Locale
from bot.domain.knowledge import Block, Passage, Sentence
from bot.services.conflicts import disagree, find_conflict
from tests.services.passages import passage

DISAGREEING = [
    ("A project can have up to 10 members.", "Each project holds up to 15 members."),
    ("Deleted tasks stay in the trash for 30 days.", "The trash keeps deleted tasks for 14 days."),
    ("A file may be up to 250 MB.", "Files of up to 100 MB may be attached."),
    ("The link in the mail is valid for 24 hours.", "The link in the mail is valid for 2 days."),
    ("Guests can create boards.", "Guests cannot create boards."),
    ("Archived projects count towards the limit.", "Archived projects do not count to the limit."),
    ("已删除的任务在回收站保留 30 天。", "已删除的任务会在回收站保留 14 天。"),
    ("每个项目最多 10 名成员。", "每个项目最多可以有 15 名成员。"),
    ("单个附件最大 250 MB。", "单个附件最大为 100 MB。"),
    ("访客可以创建看板。", "访客不能创建看板。"),
]
AGREEING = [
    ("A project can have up to 10 members.", "Each project holds up to ten members."),
    ("The link in the mail is valid for 24 hours.", "The link in the mail is valid for 1 day."),
    ("Version 2.3.1 is needed here.", "Version 2.4.1 is needed here."),
    ("A project can have up to 10 members.", "A project can have up to 15 boards."),
    ("Basic keeps the trash for 30 days.", "Enterprise keeps the trash for 90 days."),
    ("The trash keeps deleted tasks for 30 days.", "On Premium the trash keeps tasks for 90 days."),
    ("The trial lasts 14 days.", "After the trial you have 30 days to export your data."),
    ("Guests cannot create boards.", "Members can create boards."),
    ("Guests can comment.", "Guests cannot invite others."),
    ("It takes 5 minutes, at most 10 minutes.", "It takes 5 minutes, at most 20 minutes."),
    ("Open the settings.", "Open the settings of the project."),
    ("基础版的回收站保留 30 天。", "企业版的回收站保留 90 天。"),
    ("每个项目最多 10 名成员。", "每个项目最多 15 个看板。"),
    ("试用期为 14 天。", "试用结束后，数据再保留 30 天。"),
    ("访客可以评论。", "访客不能邀请别人。"),
    ("每个项目最多 10 名成员。", "每个项目最多十名成员。"),
]


@pytest.mark.parametrize(("one", "two"), DISAGREEING)
def test_two_values_of_one_thing_disagree(one: str, two: str) -> None:
    assert disagree(one, two)
    assert disagree(two, one)


@pytest.mark.parametrize(("one", "two"), AGREEING)
def test_values_of_different_things_do_not(one: str, two: str) -> None:
    assert not disagree(one, two)
    assert not disagree(two, one)


def found(text: str, path: str, relevance: float = 0.8, score: float = 0.5) -> Passage:
    block = Block("paragraph", text, (Sentence(text, relevance),))
    return replace(passage(text, path=path), blocks=(block,), score=score)


TEN, FIFTEEN = DISAGREEING[0]
FIRST = found(TEN, "en/teams.md")
OTHER = found(FIFTEEN, "en/plans.md", relevance=0.75, score=0.2)


def test_both_sentences_are_kept_the_better_passage_first() -> None:
    between = found("Teams have a name.", "en/names.md")
    conflict = find_conflict((FIRST, between, OTHER))
    assert conflict is not None
    assert (conflict.one.passage, conflict.one.sentence) == (FIRST, TEN)
    assert (conflict.two.passage, conflict.two.sentence) == (OTHER, FIFTEEN)


@pytest.mark.parametrize(
    "other",
    [
        found(FIFTEEN, FIRST.path),
        found(FIFTEEN, "en/plans.md", relevance=0.6),
        found(FIFTEEN, "en/plans.md", score=0.1),
        replace(OTHER, locale=Locale.ZH),
        replace(OTHER, blocks=(replace(OTHER.blocks[0], kind="table"),)),
        found("Does each project hold up to 15 members?", "en/plans.md"),
    ],
    ids=["same article", "beside the question", "far behind", "other language", "row", "question"],
)
def test_what_would_not_have_been_quoted_disputes_nothing(other: Passage) -> None:
    assert find_conflict((FIRST, other)) is None


def test_nothing_found_disputes_nothing() -> None:
    assert find_conflict(()) is None
