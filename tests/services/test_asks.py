"""What is wanted and what of it is open: own dialogues, each with what an agent should read."""

from collections.abc import Sequence

import pytest

from bot.domain.conversation import Author, Message, Outcome
from bot.services.asks import CHARACTERS, AskReader

OUTCOMES = {
    "+": Outcome.ANSWERED,
    "-": Outcome.ABSTAINED,
    "?": Outcome.CLARIFIED,
}
READER = AskReader()


def dialogue(*turns: str) -> list[Message]:
    """What the customer says; what the bot says opens with how it ended."""
    return [
        Message("c", Author.BOT, turn[1:].strip(), outcome=OUTCOMES[turn[0]])
        if turn[0] in OUTCOMES
        else Message("c", Author.CUSTOMER, turn)
        for turn in turns
    ]


DIALOGUES: Sequence[tuple[tuple[str, ...], str, tuple[str, ...]]] = [
    (
        ("Hi! How do I export the board as CSV?", "+ Use Export.", "Talk to a human please"),
        "How do I export the board as CSV?",
        ("How do I export the board as CSV?",),
    ),
    (
        ("How do I export the board?", "+ Use Export.", "thanks!", "where can I rename a label?"),
        "where can I rename a label?",
        ("where can I rename a label?",),
    ),
    (
        ("Can guests comment?", "+ Yes.", "And can they attach files?", "- I do not know."),
        "Can guests comment? And can they attach files?",
        ("Can guests comment? And can they attach files?",),
    ),
    (
        (
            "The calendar shows no tasks since Monday.",
            "+ Check the filter.",
            "This is ridiculous.",
            "+ Check the filter.",
            "Are you even reading this? Get me a person.",
        ),
        "The calendar shows no tasks since Monday.",
        ("The calendar shows no tasks since Monday.",),
    ),
    (
        (
            "I was charged twice for May. Can you check the invoice?",
            "- I cannot see invoices.",
            "How do I change the card we pay with?",
            "+ Under Billing.",
            "I want to talk to a human",
        ),
        "I was charged twice for May. Can you check the invoice?",
        (
            "I was charged twice for May. Can you check the invoice?",
            "How do I change the card we pay with?",
        ),
    ),
    (
        ("Can I talk to somebody about moving our data to another region?",),
        "moving our data to another region?",
        ("moving our data to another region?",),
    ),
    (("human please",), "", ()),
    (
        (
            "Need an invoice copy for April",
            "- I cannot see it.",
            "Also need the VAT ID on it",
            "- No.",
        ),
        "Need an invoice copy for April / Also need the VAT ID on it",
        ("Need an invoice copy for April / Also need the VAT ID on it",),
    ),
    (
        ("Our posts come twice in chat", "+ Reconnect it.", "did that, still twice", "- Sorry."),
        "Our posts come twice in chat",
        ("Our posts come twice in chat",),
    ),
    (
        ("怎么批量改负责人", "+ 勾选。", "可以了，谢谢！那截止日期也能批量改吗", "转人工吧"),
        "那截止日期也能批量改吗",
        ("那截止日期也能批量改吗",),
    ),
    (
        (
            "手机上收不到推送",
            "+ 打开通知权限。",
            "权限开着的",
            "+ 打开通知权限。",
            "还是不行，换个人吧",
        ),
        "手机上收不到推送",
        ("手机上收不到推送",),
    ),
    (
        ("Upload stops at 99 percent", "? Which file?", "a 2 GB video", "- Sorry."),
        "Upload stops at 99 percent",
        ("Upload stops at 99 percent",),
    ),
    (
        ("Can I lock a date?", "+ Yes, click the lock.", "Works now, thank you"),
        "Can I lock a date?",
        (),
    ),
    (
        ("你好，怎么把看板导出成表格？", "+ 点导出。", "转人工"),
        "怎么把看板导出成表格？",
        ("怎么把看板导出成表格？",),
    ),
    (
        ("怎么把看板导出成表格？", "+ 点导出。", "好的谢谢", "标签在哪里改名", "- 没有找到。"),
        "标签在哪里改名",
        ("标签在哪里改名",),
    ),
    (
        (
            "日历从周一开始就不显示任务了",
            "+ 请检查筛选。",
            "你是复读机吗",
            "+ 请检查筛选。",
            "垃圾，叫人来",
        ),
        "日历从周一开始就不显示任务了",
        ("日历从周一开始就不显示任务了",),
    ),
    (
        ("五月被扣了两次款，帮我查一下", "- 我看不到账单。", "真是无语，浪费时间"),
        "五月被扣了两次款，帮我查一下",
        ("五月被扣了两次款，帮我查一下",),
    ),
    (("转人工", "? 请问是什么问题？", "听不懂人话吗？人工！"), "", ()),
    (
        ("附件上传到一半就失败", "? 多大的文件？", "2 GB 的视频", "- 抱歉。"),
        "附件上传到一半就失败",
        ("附件上传到一半就失败",),
    ),
    (
        ("访客能评论吗？", "+ 能。", "那能上传附件吗？", "- 没有找到。"),
        "访客能评论吗？那能上传附件吗？",
        ("访客能评论吗？那能上传附件吗？",),
    ),
    (
        ("How do I restore a task?", "+ From the trash.", "thanks. 另外怎么把甘特图导出成 PDF？"),
        "另外怎么把甘特图导出成 PDF？",
        ("另外怎么把甘特图导出成 PDF？",),
    ),
]

# What stands against an answer, although nobody asks anything with it.
OBJECTIONS: Sequence[tuple[tuple[str, ...], str]] = [
    (
        (
            "How do I stop a vendor from seeing other projects?",
            "+ Make them a guest.",
            "This does not work for us because vendors need their own calendar.",
        ),
        "How do I stop a vendor from seeing other projects? "
        "This does not work for us because vendors need their own calendar.",
    ),
    (
        (
            "How do I get our tasks into the data warehouse?",
            "+ Use the cloud connector.",
            "Thanks, but we can't because the warehouse has no internet access.",
            "+ Open port 443.",
            "Not allowed. Our security policy forbids it.",
            "a human please",
        ),
        "How do I get our tasks into the data warehouse? "
        "but we can't because the warehouse has no internet access. "
        "Not allowed. Our security policy forbids it.",
    ),
    (
        (
            "How can I print the timeline?",
            "+ Click Print.",
            "Useless, there is no Print on the tablet. Get me a person!",
        ),
        "How can I print the timeline? Useless, there is no Print on the tablet.",
    ),
    (
        (
            "How do I lock a finished task?",
            "+ Archive it.",
            "Our company policy rules that out. Is there a read-only mode?",
        ),
        "How do I lock a finished task? Our company policy rules that out. "
        "Is there a read-only mode?",
    ),
    (
        (
            "怎么不让供应商看到别的项目？",
            "+ 设为访客。",
            "这个对我们不适用，因为供应商要用自己的日历",
            "转人工",
        ),
        "怎么不让供应商看到别的项目？这个对我们不适用，因为供应商要用自己的日历",
    ),
    (
        ("怎么打印时间线？", "+ 点打印。", "谢谢，不过平板上根本没有打印这一项"),
        "怎么打印时间线？不过平板上根本没有打印这一项",
    ),
    (
        (
            "怎样把任务同步到数据仓库？",
            "+ 用云连接器。",
            "我们是内网环境，连不上云",
            "+ 打开 443 端口。",
            "公司规定不能开端口",
        ),
        "怎样把任务同步到数据仓库？我们是内网环境，连不上云 / 公司规定不能开端口",
    ),
]


@pytest.mark.parametrize(("turns", "main"), OBJECTIONS)
def test_objections_stand_beside_what_they_are_about(turns: tuple[str, ...], main: str) -> None:
    asks = READER.read(dialogue(*turns))
    assert asks.main == main
    assert asks.open == (main,)


@pytest.mark.parametrize(
    "said",
    [
        "That did not help.",
        "still not working",
        "no luck",
        "This is ridiculous, you stupid bot.",
        "还是不行",
        "没用，垃圾",
    ],
)
def test_that_it_did_not_help_is_no_objection(said: str) -> None:
    for question in ("How can I print the timeline?", "怎么打印时间线？"):
        assert READER.read(dialogue(question, "+ Click Print.", said)).main == question


def test_what_is_new_is_no_objection() -> None:
    said = "Nobody can sign in any more, the page shows error 500."
    turns = dialogue("How can I print the timeline?", "+ Click Print.", said)
    assert said in AskReader(Alike(0.05)).read(turns).open
    assert AskReader(Alike(0.3)).read(turns).open == ("How can I print the timeline? " + said,)


def test_objections_are_told_as_far_as_there_is_room() -> None:
    reasons = [f"We can't do that because rule {n} forbids exports to {n} hosts." for n in range(9)]
    turns = [each for reason in reasons for each in ("+ Click Export.", reason)]
    asks = READER.read(dialogue("How do I export?", *turns))
    assert asks.main.startswith("How do I export? We can't do that because rule 0")
    assert len(asks.main) <= CHARACTERS
    assert asks.main.endswith("hosts.")


@pytest.mark.parametrize(("turns", "main", "pending"), DIALOGUES)
def test_what_an_agent_reads(turns: tuple[str, ...], main: str, pending: tuple[str, ...]) -> None:
    asks = READER.read(dialogue(*turns))
    assert asks.main == main
    assert asks.open == pending


def test_nothing_said_is_nothing_asked() -> None:
    asks = READER.read([])
    assert (asks.main, asks.open) == ("", ())


def test_an_ask_is_as_long_as_one_reads_at_a_glance() -> None:
    asks = READER.read(dialogue("Why does the report show " + "wrong totals, " * 200 + "?"))
    assert 0 < len(asks.main) <= CHARACTERS + 1


class Alike:
    """Everything is alike, or nothing."""

    def __init__(self, cosine: float) -> None:
        self.cosine = cosine

    def compare(self, texts: Sequence[str], others: Sequence[str]) -> Sequence[Sequence[float]]:
        return [[self.cosine for _ in others] for _ in texts]


@pytest.mark.parametrize(("cosine", "count"), [(0.9, 1), (0.1, 2)])
def test_questions_that_are_alike_are_one_ask(cosine: float, count: int) -> None:
    turns = dialogue("How do I mute a project?", "- No.", "Where can I switch off notices?")
    assert len(AskReader(Alike(cosine)).read(turns).open) == count
