"""Signals in the words of one message, in both languages alike."""

import pytest

from bot.services.speech import hear
from bot.services.tone_signals import ToneSignals

SIGNALS = ToneSignals.load()
CALM = {"thanks", "asking", "ease", "polite"}


def said(text: str) -> set[str]:
    signals = SIGNALS.of(hear(text))
    return {name for name in SIGNALS.names if signals[name] > 0}


@pytest.mark.parametrize(
    ("name", "texts"),
    {
        "insult": ("you useless bot", "你这个废物"),
        "profanity": ("wtf is this", "他妈的"),
        "annoyance": ("this is so frustrating", "真让人心累"),
        "persistence": ("it is still not working", "还是不行"),
        "counting": ("for the fourth time", "第四遍了"),
        "misheard": ("that's not what I asked", "答非所问"),
        "resignation": ("forget it", "算了"),
        "sarcasm": ("great, another crash", "同步了个寂寞"),
        "threat": ("you will hear from my lawyer", "我要投诉你们"),
        "silence": ("I haven't heard a single word", "石沉大海"),
        "dismissal": ("get to the point", "说重点"),
        "displeasure": ("I have been very patient", "我已经很有耐心了"),
        "thanks": ("that works, thank you", "搞定了，谢谢"),
        "ease": ("haha no rush", "哈哈不着急"),
    }.items(),
)
def test_a_signal_is_heard_in_both_languages(name: str, texts: tuple[str, str]) -> None:
    for text in texts:
        assert name in said(text), text


@pytest.mark.parametrize(
    "text",
    [
        "how do I delete a dead project",
        "can I kill a running task",
        "error 500 page design, where is it",
        "no complaints here",
        "not bad at all",
        "how do I restore a card from the trash",
        "can complaint tickets be red",
        "how do I close the tab of a sprint",
        "投诉工单能标红吗",
        "垃圾桶里的任务怎么恢复",
        "这个不难用",
        "紧急程度可以自定义吗",
        "怎么结束一个死掉的任务",
    ],
)
def test_calm_uses_of_scary_words_are_no_signal(text: str) -> None:
    assert said(text) <= CALM


@pytest.mark.parametrize("text", ["so frustating", "this is ridiculus", "absolutly useles bot"])
def test_slips_are_read_over(text: str) -> None:
    assert said(text) - CALM


def test_a_plain_request_is_one_without_any_complaint() -> None:
    plain = SIGNALS.of(hear("a human please"), asks_for_person=True)
    upset = SIGNALS.of(hear("you useless bot, a human please"), asks_for_person=True)
    assert (plain["plain_request"], upset["plain_request"]) == (1, 0)
