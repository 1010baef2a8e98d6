import pytest

from bot.services.followups import FollowUpDetector

DETECTOR = FollowUpDetector.load()

LEANING = """
and for guests?
what about subtasks
is the monthly one cheaper?
how often does that run?
can I undo it
did that, nothing changed
why?
how much?
but only on mobile
what else could it be
for archived ones too?
they don't see it
still not working
is that recorded somewhere?
same thing but for guests
btw, and for guests?
那怎么删掉它？
那访客呢
访客呢
这个要收费吗
能改吗
为什么
但是我没有这个按钮
试过了，还是不行
刚才那个链接打不开
他们能看到吗
第二个怎么弄
第二种是什么意思？
第三步在哪里点
第10条没看懂
第五点呢
还要设置别的吗
我说的是整个公司
传错了，能换吗
另外，那怎么删掉它？
""".strip().splitlines()

STANDING_ALONE = """
how do I export a board as csv
reset password
what is a milestone
is it possible to import tasks from a spreadsheet
how do I make sure that guests only see their project
can two people edit the same task at once
where can I change the language of my workspace
When I duplicate a project, does it keep the attachments?
which browsers are supported
it keeps telling me that the subject is missing
btw how do I export a board as csv
how do I move one task to another project
怎么导出甘特图
新手引导第三步怎么跳过
第一个项目怎么创建
甘特图怎么用
如何邀请外部成员加入项目
工时报表里为什么没有这周的数据
能不能把两个任务合并成一个
成员离职以后任务归谁
自定义字段最多可以建几个
接口调用频率有限制吗
这个月的账单在哪里下载
可以用手机号登录吗
去年封存的那个项目怎么重新启用
顺便问一下怎么导出甘特图
""".strip().splitlines()


@pytest.mark.parametrize("text", LEANING)
def test_links_pointers_and_fragments_lean_on_what_was_said(text: str) -> None:
    assert DETECTOR.leans(text)


@pytest.mark.parametrize("text", STANDING_ALONE)
def test_a_whole_question_stands_alone(text: str) -> None:
    assert not DETECTOR.leans(text)


def test_a_long_message_stands_alone() -> None:
    assert DETECTOR.leans("and it fails")
    assert not DETECTOR.leans("and it fails " * 20)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("and for guests?", "guests in projects"),
        ("archived tasks", "how do I export all archived tasks of a project as a spreadsheet"),
        ("那访客呢", "访客"),
        ("老员工怎么办", "离职的老员工名下的任务和附件怎么批量转给新来的同事"),
    ],
)
def test_who_leans_or_says_little_relies_more_on_what_was_said(more: str, less: str) -> None:
    assert 1 > DETECTOR.reliance(more) > DETECTOR.reliance(less) > 0


@pytest.mark.parametrize(
    "text",
    [
        "by the way, is there an RSS feed",
        "next question: can people log in by LDAP",
        "另外，匿名投票怎么发",
        "换个话题，回调失败会重试吗",
        "and it fails " * 20,
    ],
)
def test_another_topic_relies_on_nothing(text: str) -> None:
    assert DETECTOR.reliance(text) == 0


def test_what_leans_after_a_change_of_topic_still_relies_on_something() -> None:
    assert DETECTOR.reliance("by the way, is it free?") > 0.5


def test_two_chinese_characters_are_a_word() -> None:
    assert DETECTOR.words("导出甘特图") == 2.5
    assert DETECTOR.words("how do I export a chart") == 2
