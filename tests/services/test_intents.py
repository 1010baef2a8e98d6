import pytest

from bot.domain.understanding import Intent
from bot.services.intents import IntentClassifier

CLASSIFIER = IntentClassifier.load()

ASKS_FOR_A_PERSON = """
talk to a human
TALK TO A HUMAN
I want to speak with someone from support
can I speak to a representative
could you put me through to an actual person, please
put me thru to sb real
connect me with an agent
conect me to an agnet
transfer me to your billing department
please hand me over to a colleague
is anyone there?
anybody home??
is there a human I can chat with
I need a real person
i'd prefer to deal with a human being
get me your supervisor
let me speak to the manager
can someone call me?
please call me back on 555 0142
what's your support phone number?
do you have a hotline
what number can I ring to reach support
representative
operator!
human please
real person
live agent
customer service
who can I talk to about this invoice
how do I reach a human here
how can I talk to someone at your company
can a person look at this instead
I would rather discuss this with one of your engineers
stop it. human. now.
I don't want to talk to a bot
no more bots, give me a person
escalate this to your team lead
please escalate my case
forward this to someone who can actually help
may I have the email of your sales team
I asked how to export twice already, just let me talk to somebody. How do I export?
My manager wants me to speak to your account manager, can you arrange a call
can we schedule a call with your sales people
are there any humans working at this company
I want to file a complaint with your supervisor
transfer to human
switch to a live agent please
could an engineer get in touch with me
find me somebody competent
hi, human support please
Hello, may I speak with an advisor? My workspace is locked.
agent please
chat with a live person
can you get someone on the line
put a human on
转人工
转人工客服
轉人工
轉真人
转 人 工
转！人！工！
zrg
转人功
转仁工
人工服务
人工客服
真人
客服
找人工
我要人工
我要找客服
帮我接人工
给我转接人工座席
请转接人工，谢谢
能不能换个真人来
你是机器人吧，叫个人来
有没有真人啊
有人吗？
有人在吗
有没有人工客服
客服电话多少
你们的热线电话是多少
给我打个电话
请给我回电话
能让工程师联系我吗
麻烦安排一位顾问跟我们对接
让你们经理来
你们老板是谁，叫他来
找你们领导
我想和真人聊
不想跟机器人说话
别让机器人回复我了
我要投诉，找你们主管
怎么转人工
怎么联系人工客服
怎么才能找到真人客服
我导出了三次都失败，转人工，另外导出上限是多少
可以安排个销售和我联系吗
帮我叫客服
请技术支持的同事联系我
打电话给我
你们有售后电话吗
能不能派个懂的人来
please 转人工
转人工 please
求人工介入
人工在哪
呼叫人工
請問可以轉接客服專員嗎
我要跟你們的主管說話
""".strip().splitlines()

ASKS_FOR_NO_PERSON = """
how do I add an agent to my team
who can I assign tasks to
how can someone be removed from a project
Can I assign a task to a person who is not a member?
what does a human task do in a workflow
how much is an agent seat
where do I set the support role
how do I change the phone number in my profile
add a phone number field to a form
how do guests talk to each other in comments
can I call the API from a script
how do I connect my calendar
connect Slack to my workspace
how do I transfer ownership to another person
transfer a project to another manager
can a manager approve time entries
how do I find a person in the member list
does the mobile app support human readable dates
what is a user agent string
which user agent do you send with webhooks
do you support phone sign-in
I do not need a human, just tell me how to export
don't transfer me to an agent, just answer
no need for a person, thanks
A customer wrote "let me talk to a human" in our form, how do I filter for it?
can I rename the "Contact support" link
how do I get someone added as an owner
someone deleted my board, can I restore it
is anyone able to see private projects?
can anyone join my workspace with the link?
are you a real person or a bot?
am I talking to a human?
how do I hand over my tasks to a colleague before vacation
send a message to a member
how long does support take to answer
is support included in the free plan
what are the response times of support
how to put a person on leave in the workload view
who is the owner of a workspace
how do I escalate a ticket automatically in a workflow
can the bot transfer chats to an agent in the help widget
what does the manager role allow
how do I see who is online
call a webhook when a task is closed
I need a person field in my table
I want a manager to approve each request
my manager can't open the report
set up human resources board
how do I mention someone in a comment
can someone without an account see a shared board?
Is there a limit of people per team?
get me the list of all members
人工智能是什么
人工审批节点怎么配置
不用转人工，告诉我怎么导出就行
先不转人工
人工成本怎么统计
手动和人工录入工时有什么区别
客服团队的看板怎么建
怎么把任务转给同事
任务怎么换人负责
负责人字段怎么设置
怎么修改项目负责人
任务可以指派给两个人吗
有人能看到我的私有项目吗
有没有人数限制
怎么邀请客户经理加入
电话号码字段怎么加
怎么修改绑定的手机号
怎么联系项目管理员加权限
转让工作区给别人怎么操作
“转人工”这个按钮怎么改名
客户说“我要投诉”，能自动打标签吗
怎么叫流程自动执行
找不到成员怎么办
怎么找人
怎么给主管抄送
直属主管审批怎么设置
如何让经理只能查看
有人编辑的时候我还能改吗
周末有客服吗
客服多久回复
免费版有人工支持吗
为什么找不到负责人
换个人登录要怎么退出
怎么通知相关同事
怎么给客户打电话的记录加字段
专人工作量怎么看
转入工单怎么关闭
智能客服怎么接入
我们是做客服的，想要一个模板
销售漏斗模板在哪
老板要看周报，怎么导出
你是真人吗
安排个人任务怎么弄
怎么派任务给几个人
工程师这个角色能删掉吗
来电弹屏支持吗
""".strip().splitlines()

SMALL_TALK = {
    Intent.GREETING: "hi|Hello!|hi there|hey 👋|good morning|Good evening everyone|你好|您好！|你好，在吗|在吗|哈喽|早上好|嗨|你好呀～|hello, are you there?",
    Intent.THANKS: "thanks|thank you so much!|thx that did the trick, have a nice weekend :)|great, that works now, thanks|cheers|ty|perfect|谢谢|多谢啦|好的明白了，谢谢啦|搞定了，谢谢|谢谢你的帮助|太好了，感谢！|辛苦了|謝謝|no thanks|不用了，谢谢|got it, thank you very much for your help",
    Intent.FAREWELL: "bye|goodbye!|see you later|have a nice day|再见|拜拜|下次再聊|回头见|周末愉快|ok bye",
    Intent.ABOUT_BOT: "who are you?|are you a bot|are you a real person or a bot?|what can you do|am I talking to a human?|hi, are you human?|你是谁|你是机器人吗|你是真人吗？|你好，你能做什么|你会什么|你是真人还是机器人|what are you",
    Intent.EMPTY: "?|...|👍|😀😀|？？？|！|。。。|   |help|i have a question|can you help me?|请问|我有个问题|帮帮我|在吗？我有个问题想请教",
}  # fmt: skip

QUESTIONS = {
    "hi, how do I reset my password": "how do I reset my password",
    "Hello! Can I export a board?": "Can I export a board?",
    "谢谢，那怎么导出？": "那怎么导出？",
    "你好请问怎么新建项目": "怎么新建项目",
    "您好，甘特图在哪里": "甘特图在哪里",
    "thanks! and how do I undo that?": "and how do I undo that?",
    "how do I export a board? thanks!": "how do I export a board?",
    "导出失败怎么办，谢谢": "导出失败怎么办",
    "好的，那费用呢": "那费用呢",
    "thanks to your article I know how to export, but how to import?": "thanks to your article I know how to export, but how to import?",
    "hi-res images are not shown": "hi-res images are not shown",
    "你好像没有回答我的问题": "你好像没有回答我的问题",
    "谢谢页怎么设置": "谢谢页怎么设置",
    "what can you do with a Gantt chart": "what can you do with a Gantt chart",
    "can you help me export a board?": "can you help me export a board?",
    "good morning report is not sent": "good morning report is not sent",
    "再见页面模板怎么删": "再见页面模板怎么删",
    "403": "403",
    "bye-bye animation cannot be turned off": "bye-bye animation cannot be turned off",
    "好的标签怎么删": "好的标签怎么删",
}


@pytest.mark.parametrize("text", ASKS_FOR_A_PERSON)
def test_a_request_for_a_person_is_heard(text: str) -> None:
    assert CLASSIFIER.classify(text).intent is Intent.PERSON


@pytest.mark.parametrize("text", ASKS_FOR_NO_PERSON)
def test_a_question_that_mentions_people_is_no_request(text: str) -> None:
    assert CLASSIFIER.classify(text).intent is not Intent.PERSON


@pytest.mark.parametrize(
    ("intent", "text"),
    [(intent, text) for intent, texts in SMALL_TALK.items() for text in texts.split("|")],
)
def test_small_talk_is_a_message_that_is_nothing_else(intent: Intent, text: str) -> None:
    assert CLASSIFIER.classify(text).intent is intent


@pytest.mark.parametrize(("text", "rest"), QUESTIONS.items())
def test_a_question_is_kept_and_its_courtesies_are_not(text: str, rest: str) -> None:
    reading = CLASSIFIER.classify(text)
    assert (reading.intent, reading.rest) == (Intent.QUESTION, rest)
