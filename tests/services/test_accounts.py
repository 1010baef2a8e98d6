"""Which questions only somebody who can look into the account can answer."""

from typing import Any

import pytest

from bot.services.accounts import AccountQuestions
from evals.cases import OWN_CASES, read_rows

QUESTIONS = AccountQuestions.load()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("why was our workspace suspended", "cause"),
        ("why did you charge us twice in october", "cause"),
        ("Why was my invioce so high this month?", "cause"),
        ("who deleted our marketing board yesterday", "actor"),
        ("did the import I started this morning finish", "progress"),
        ("has my refund been processed", "progress"),
        ("how many seats do we have left", "balance"),
        ("are we on yearly or monthly billing", "standing"),
        ("when does our subscription renew", "standing"),
        ("can you check why jane@northwind.example can't log in", "lookup"),
        ("is ticket 88213 done", "record"),
        ("when did max leave our workspace", "event"),
        ("为什么我的账号被停用了", "cause"),
        ("為什麼我們的帳號被鎖了", "cause"),
        ("昨天是谁把我们的看板删了", "actor"),
        ("我的退款到账了没有", "progress"),
        ("我们公司还剩多少席位", "balance"),
        ("我们的订阅哪天到期", "standing"),
        ("帮我查一下我的订单", "lookup"),
        ("工单 20391 怎么还没人回", "record"),
        ("昨天我们的接口触发了没", "event"),
    ],
)
def test_what_happened_in_an_account_is_told_by_its_wording(text: str, kind: str) -> None:
    assert QUESTIONS.kind(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "how do I change my password",
        "where is my invoice",
        "can I restore my deleted board",
        "my Gantt chart is empty",
        "how do I see who deleted a task",
        "we were charged twice, what should we do",
        "why can't I see my boards",
        "my import fails with error 413",
        "how long does a refund take",
        "is our data encrypted",
        'it says "who deleted my board yesterday"; which setting is that',
        "怎么修改我的密码",
        "我的发票在哪里下载",
        "我删掉的看板能恢复吗",
        "我的甘特图是空的",
        "怎么查看谁删除了任务",
        "我们被重复扣款了该怎么办",
        "退款一般多久到账",
        "谁可以删除看板",
        "我的数据加密了吗",
        "设置时报错：工单 4521 不能有上级",
        "",
    ],
)
def test_what_articles_can_answer_is_left_to_them(text: str) -> None:
    assert QUESTIONS.kind(text) is None


def test_a_long_story_is_left_to_the_articles() -> None:
    asked = "why was our workspace suspended"
    assert QUESTIONS.kind(f"{asked}?{' ' + 'well' * 20}") is not None
    assert QUESTIONS.kind(f"{asked}? {'well ' * 60}") is None


def test_of_the_own_questions_at_most_one_in_a_hundred_is_taken_for_one() -> None:
    rows = [row for name in ("questions", "follow_ups", "ambiguous") for row in _rows(name)]
    assert len(rows) > 300
    taken = [row["query"] for row in rows if QUESTIONS.kind(row["query"])]
    assert len(taken) <= len(rows) / 100, taken


def test_most_own_account_questions_are_told() -> None:
    rows = [row for row in _rows("unanswerable") if row["kind"] == "needs_account_data"]
    told = [row["query"] for row in rows if QUESTIONS.kind(row["query"])]
    assert len(told) >= 0.6 * len(rows)


def _rows(name: str) -> list[dict[str, Any]]:
    return list(read_rows(OWN_CASES / f"{name}.jsonl"))
