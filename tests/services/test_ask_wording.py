"""What a sentence of a customer does, in the words of both languages."""

import pytest

from bot.services.ask_wording import AskWording, Spoken, split

WORDING = AskWording.load()


def flags(spoken: Spoken) -> str:
    named = {
        "question": spoken.question,
        "asks": spoken.asks,
        "leans": spoken.leans,
        "denies": spoken.denies,
        "complains": spoken.complains,
        "settles": spoken.settles,
        "objects": spoken.objects,
    }
    return " ".join(name for name, is_so in named.items() if is_so)


@pytest.mark.parametrize(
    ("sentence", "does"),
    [
        ("How do I share a board with a client?", "question asks"),
        ("How do I share a board with a client", "asks"),
        ("Can guests see private tasks", "asks"),
        ("I need a copy of the June invoice.", "asks"),
        ("Please restore the project Orion.", "asks"),
        ("The import stops at row 300.", "asks"),
        ("We were charged twice in August.", "asks"),
        ("error 502 when saving", "asks"),
        ("calendar sync outlook", "asks"),
        ("This report shows nothing for May.", "asks"),
        ("And for subtasks?", "question leans"),
        ("the same for labels", "leans"),
        ("the second one", "leans"),
        ("That did not help.", "denies"),
        ("No luck.", "leans denies"),
        ("Tried that, same error.", "leans denies"),
        ("Works now, thank you.", "leans settles"),
        ("that did it", "leans settles"),
        ("Your bot is useless.", "complains"),
        ("I have asked three times already.", "complains"),
        ("This is the worst tool I have ever used.", "leans complains"),
        ("But we only have the free plan.", "leans objects"),
        ("Our contract forbids sharing with outsiders.", "objects"),
        ("That is no option, an auditor wants daily copies.", "leans objects"),
        ("There is no such menu on our tablets.", "denies objects"),
        ("怎么把看板分享给客户？", "question asks"),
        ("访客能看到私密任务吗", "question asks"),
        ("麻烦给我开一张六月的发票", "asks"),
        ("请帮我恢复项目猎户座", "asks"),
        ("导入到第 300 行就停了", "asks"),
        ("導入到第 300 行就停了", "asks"),
        ("八月被扣了两次款", "asks"),
        ("保存时报 502", "asks"),
        ("日历同步", "asks"),
        ("那子任务呢？", "question leans"),
        ("第二个", "leans"),
        ("还是不行", "leans denies"),
        ("试过了，一样", "leans denies"),
        ("你们这是什么破软件", "complains"),
        ("问了三遍了", "complains"),
        ("我们单位不允许装客户端", "objects"),
        ("不行，我用的是手机端", "leans denies objects"),
        ("后台根本没有导出按钮", "denies objects"),
    ],
)
def test_what_a_sentence_does(sentence: str, does: str) -> None:
    (spoken,) = WORDING.sentences(sentence)
    assert flags(spoken) == does
    assert spoken.text == sentence


@pytest.mark.parametrize(
    "courtesy",
    ["Hello, good morning!", "human please", "yes", "no", "…", "你好", "转人工", "好的"],
)
def test_courtesies_and_requests_for_a_person_say_nothing(courtesy: str) -> None:
    assert WORDING.sentences(courtesy) == []


@pytest.mark.parametrize(
    ("request_", "matter"),
    [
        ("Can I speak to somebody about moving to the yearly plan?", "moving to the yearly plan?"),
        ("I want an agent because the export fails", "the export fails"),
        ("找客服，导出一直失败", "导出一直失败"),
        ("Hi, how do I undo that merge?", "how do I undo that merge?"),
        ("我想問怎麼分享看板", "怎麼分享看板"),
        ("好的谢谢，那怎么撤销呢", "那怎么撤销呢"),
    ],
)
def test_of_what_is_wrapped_up_the_matter_is_read(request_: str, matter: str) -> None:
    (spoken,) = WORDING.sentences(request_)
    assert spoken.text == matter
    assert spoken.asks


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "Great, that did it.",
        "Works now, thank you.",
        "bye",
        "搞定了",
        "可以了，谢谢",
        "謝謝，可以了",
    ],
)
def test_what_thanks_or_settles(text: str) -> None:
    assert WORDING.is_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "ok thanks, and how do I undo it?",
        "Thanks, but we cannot use that because our server is offline.",
        "Thanks for nothing, useless bot",
        "How do I export?",
        "谢谢，不过归档后报表就统计不到了",
        "好的谢谢，那怎么撤销呢",
        "还是不行",
    ],
)
def test_what_goes_on_is_no_thanks(text: str) -> None:
    assert not WORDING.is_thanks(text)


def test_thanks_may_open_what_goes_on() -> None:
    assert WORDING.opens_with_thanks("Thanks! Where is the log?")
    assert WORDING.opens_with_thanks("谢谢！日志在哪里？")
    assert not WORDING.opens_with_thanks("Where is the log? Thanks!")


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("what about the phone?", True),
        ("手机上呢", True),
        ("And how do I export that report as a PDF every Monday?", False),
        ("How do I share a board?", False),
    ],
)
def test_what_cannot_be_understood_alone(text: str, needs: bool) -> None:
    assert WORDING.needs_context(text) is needs


def test_sentences_and_lines_as_they_were_written() -> None:
    text = "Version 4.2.1 fails. See a.b/c?\n导出失败！！重试也不行；求助\n\n..."
    assert list(split(text)) == [
        "Version 4.2.1 fails.",
        "See a.b/c?",
        "导出失败！！",
        "重试也不行；",
        "求助",
    ]
