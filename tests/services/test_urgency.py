"""What has happened and cannot wait; questions about such things are no reports."""

import pytest

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
