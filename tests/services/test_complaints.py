"""What is nothing but a complaint is not looked up; what holds a question is."""

import pytest

from bot.services.complaints import Complaints
from bot.services.speech import hear
from bot.services.tone_signals import ToneSignals

COMPLAINTS = Complaints.load(ToneSignals.load())


@pytest.mark.parametrize(
    "text",
    [
        "你是复读机吗？一直给我一样的回答，烦死了",
        "你这机器人根本听不懂人话",
        "问了三遍都是一样的废话，服了",
        "能不能别再复制粘贴了",
        "又是这一套，浪费我时间",
        "this is useless, you keep saying the same thing",
        "You're just copy-pasting the same answer over and over again.",
        "third time I get this reply. unbelievable",
        "are you even reading what I write?",
        "how many times do I have to repeat myself",
    ],
)
def test_nothing_but_a_complaint(text: str) -> None:
    assert COMPLAINTS.is_all(hear(text).spoken)


@pytest.mark.parametrize(
    "text",
    [
        "你是复读机吗？我问的是怎么导出发票",
        "烦死了，导出一直失败怎么办",
        "什么破看板，拖都拖不动",
        "发票呢？等了一个星期了",
        "这个报表怎么又不对，烦",
        "this is useless, the export still fails",
        "you keep saying the same thing, I asked how to change the billing address",
        "useless. where do I find the api key?",
        "Stop sending me that link, I need the invoice for March",
        "Your app logged me out AGAIN",
    ],
)
def test_a_complaint_that_is_about_something(text: str) -> None:
    assert not COMPLAINTS.is_all(hear(text).spoken)
