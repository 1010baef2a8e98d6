"""What has happened and cannot wait; questions about such things are no reports."""

from collections.abc import Mapping

import pytest

from bot.domain.errors import ModelUnavailable
from bot.domain.understanding import Urgency
from bot.services.speech import hear
from bot.services.urgency import UrgencyDetector

DETECTOR = UrgencyDetector.load()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Urgency.OUTAGE, "nobody in our office can open the board since nine"),
        (Urgency.OUTAGE, "全公司都登不上，生产停了"),
        (Urgency.DATA_LOSS, "all our attachments are gone since this morning"),
        (Urgency.DATA_LOSS, "看板上的卡片全没了"),
        (Urgency.SECURITY, "our account has been hacked"),
        (Urgency.SECURITY, "我们的账号被盗了"),
        (Urgency.LOCKOUT, "our only admin left and his account is deactivated"),
        (Urgency.LOCKOUT, "唯一的管理员离职了，账号也进不去"),
        (Urgency.BILLING, "we were charged twice for October"),
        (Urgency.BILLING, "十月重复扣款了"),
        (Urgency.LEGAL, "please treat this as a legal notice"),
        (Urgency.LEGAL, "律师函已经准备好了"),
    ],
)
def test_what_has_happened(kind: Urgency, text: str) -> None:
    assert DETECTOR.kind(hear(text).spoken) is kind


@pytest.mark.parametrize(
    "text",
    [
        "how do I restore deleted tasks",
        "what happens to our data if the subscription ends",
        "where do I find the security settings",
        "can I export the audit log",
        "do you offer a template for outages",
        "Does it comply with GDPR?",
        "怎么防止数据丢失",
        "如果账号被盗怎么办",
        "安全设置在哪",
        "有事故复盘的模板吗",
        "账单模块能加字段吗",
    ],
)
def test_questions_are_no_reports(text: str) -> None:
    assert DETECTOR.kind(hear(text).spoken) is None


class Believing:
    """Believes whatever it is told to; a broken one cannot say."""

    def __init__(self, answer: Urgency | None = None, broken: bool = False) -> None:
        self.answer = answer
        self.broken = broken
        self.found: Mapping[str, float] = {}

    def kind(self, spoken: str, found: Mapping[str, float]) -> Urgency | None:
        self.found = found
        if self.broken:
            raise ModelUnavailable("no memory")
        return self.answer


def test_a_model_has_the_last_word() -> None:
    detector = UrgencyDetector.load(Believing(Urgency.LEGAL))
    assert detector.kind("our account has been hacked") is Urgency.LEGAL
    assert UrgencyDetector.load(Believing()).kind("our account has been hacked") is None


def test_a_model_is_given_what_the_patterns_find() -> None:
    model = Believing()
    UrgencyDetector.load(model).kind("how do i see whether an account was hacked?")
    assert (model.found["security"], model.found["hypothetical"], model.found["told"]) == (1, 1, 0)


def test_where_the_model_cannot_say_the_patterns_do() -> None:
    detector = UrgencyDetector.load(Believing(broken=True))
    assert detector.kind("our account has been hacked") is Urgency.SECURITY


def test_of_marks_alone_no_model_is_asked() -> None:
    assert UrgencyDetector.load(Believing(Urgency.OUTAGE)).kind("???") is None
