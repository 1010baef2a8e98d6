import re

import pytest

from bot.domain.understanding import Intent
from bot.services.intents import IntentClassifier

CLASSIFIER = IntentClassifier.load()

ASKS_FOR_A_PERSON = """
talk to a human
I'm on the Business plan and I want to talk to a person
can I get a real person, we pay for the Business plan
does the Business plan let me talk to a human? I need one now
do you have phone support? I need to talk to someone
assign this ticket to a real person please
is there a support phone number I can call
企业版客户，给我转人工
我是企业版用户，有没有人工客服
有没有客服电话
给我你们的客服电话
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
can i get some human help here
I'd love to chat with one of your people about our migration
how do i get through to somebody
your bot is useless, i want a manager
is there a customer care line
could you have someone ring me tomorrow at 10
just give me the support email, I'm done here
hand this over to a colleague of yours
I'd like to be contacted by your sales department
nobody is helping me, where are the humans
this chatbot is pointless. Human agent.
please forward my case to second level support
could you loop in an engineer
bring in a specialist please
do you guys have a phone
I want to raise this with your management
i wish to speak w/ a supervisor
any chance of speaking to a real human
let me out of this bot and to a person
open a ticket with a human for me
can you assign me a live rep
ok, next: a person, please
anybody real there?
Please ask your account executive to email me
I need to speak to whoever is in charge of billing
get your engineer to call our CTO
a real agent would be nice
agent now!!!
Talk 2 human
HUMAN AGENT PLZ
i need to talk to someone about a refund
can anyone from the company respond to me
this is not helping, can someone else take over
let me chat to a live operator
Would it be possible to have a call with support?
speak to an expert
i'm requesting a callback
hello human?
connect to agent
麻烦给我个人工
我想跟你们的工作人员直接沟通
能帮忙喊一下你们的技术吗
这里有没有能说人话的
别绕了，直接上人工
可不可以让售后联系一下我们
换真人来聊
我不要AI回答，要人
怎样才能接通客服
帮我接客服
客服热线是多少啊
能留个电话吗，我让你们的人打给我
叫个会的来
给个人工通道
有没有工作人员可以帮我看看
把我转到技术部
能不能帮我转技术支持
烦死了，人工！
我要跟人说话
找你们的人来看看
转客服
我需要人工帮助
安排工程师给我远程看一下
你们公司电话发我
我要和你们负责人通话
请客户经理联系我
麻煩幫我轉給專人處理
真人在线吗
你搞不定就找人来
我想打电话咨询
怎么打你们电话
不想和AI扯了
转人工转人工转人工
可以语音通话跟客服说吗
可以帮我提个工单给技术吗，让他们联系我
我要人工服務
請讓真人回覆我
人工客服在哪里找
转接人工
Could I please be put in touch with a member of staff?
you don't understand me, pass me on to somebody who does
I'd prefer human help
How can I get hold of a real person around here?
Any human available?
This is urgent, please have an engineer phone me
can u connect me w an agnt
I need to talk to ur manager rn
do you have live agents
may i talk with the person responsible for billing
give me a number to call
is it possible to talk to someone by phone
enough, human!
ask a colleague to contact me please
can I get support from a real person
I want to be transferred
please let a human answer this
you are just a machine, I want to chat with staff
Where do I find a human in this chat
can you get a technician to join
帮忙转一下人工吧
能找个真人跟我聊吗
有没有在线的客服人员
让技术来处理吧，机器人没用
能不能给个联系电话
我想找人工咨询
快点给我找人
我要和人工客服对话
可以帮我约个工程师电话沟通吗
你们有真人服务吗
麻烦派个工程师联系我们
不要机器人回答
客服在哪里，出来
这个你解决不了，叫你们技术来
請轉接真人
请问怎么和客服沟通
我需要跟你们销售经理谈一下
找客服投诉
喊个人来行不行
人工客服有吗
I'd rather speak with a human being if that's alright
Could you route this to your support engineers?
Is somebody from customer success available?
how can i talk to your staff
please stop, get me an operator
Who do I speak to about cancelling?
Human support, now please
I want to talk to a person not a robot
can you call me at 5pm
do you have a number for support
I demand a supervisor
could I get a human to look into this
switch me over to a live person
Need someone to call me asap
can I contact you by phone
I need assistance from an actual agent
let me speak to your boss
is a human there
connect me with support staff
给我接人工客服
我想找你们的技术聊聊
请安排专人联系我
有人工服务吗
能不能和你们经理通个电话
机器人解决不了，转人工吧
找个懂的人跟我说
叫客服来
我要真人服务
请问人工客服怎么转
你们电话多少
可以人工回复吗
想跟售后人员沟通一下
让你们主管给我回电
帮我连线人工
麻烦转给技术支持
要人工！
能帮我叫一下客服吗
人呢？出来个人啊
我需要有人打电话给我
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
does the Team plan include phone support
do you have phone support on the Business plan
which plans include live support
does Pro include live chat with an agent?
does the Business plan have human support?
is there phone support
how do I assign a task to a real person instead of a bot user
can I assign a task to an actual person
各套餐有电话支持吗
企业版有没有客服电话
团队版包含人工客服吗
哪些套餐有电话客服
商业版支持电话客服吗
各版本的客服热线有什么区别
how do I connect two tasks
can I put a task on hold
how to get people to fill in timesheets
what is the human resources template
which person gets the notification when a task is overdue
can I give someone read only access
someone from my team left, how do I reassign their tasks
find out who changed the status
how can I contact all members of a project at once
can the manager role approve time sheets
how do I put an engineer on a task
is there a way to call an external API when status changes
I need a report for my boss
how do I talk to the API from Python
does your product support phone verification
add a call to action button to a form
can anybody edit a public board?
is anyone allowed to export?
share board with someone outside
does support cost extra
is live chat integration available
can we connect our helpdesk
how do I route tickets to agents by skill
my colleague can't log in
let someone else manage billing
transfer billing ownership to our finance manager
please explain how escalation rules work
can an agent bot create tasks
How to create a contact form
how do I make a person an admin
where do i see a person's workload
what's the number of people allowed on free plan
don't want a person to see my salary field
the assignee must be a real person, can I enforce that?
we have 3 support engineers, which plan
who can see the phone number of a member
does the AI assistant use a human in the loop
someone please explain milestones
can I speak my tasks into the mobile app with voice input
customers call us a lot, can we log calls as tasks
do I need to talk to my admin to enable SSO?
怎么把人加进项目
怎么让某个人只能看
怎么给经理看报表
项目经理和项目负责人有什么区别
怎么转换任务类型
怎么转成子任务
如何通知到每个人
需要几个人审批
谁能删除项目
转让所有者要联系谁审批
人工费怎么计入成本
手动分配和自动分配人员的区别
怎么设置一个任务由多人完成
客户怎么提交工单
怎么统计每个人的工时
怎么查看别人的日程
怎么设置电话提醒
怎么接入企业微信
怎么叫停一个流程
能否找回已删除的人员
如何联系不上的成员移除
有人离职了怎么交接
换手机了怎么登录
换部门后主管还是原来的人
怎么让领导看不到我的草稿
能不能让客户直接评论
请假流程要主管审批怎么配
怎么给销售部建一个看板
技术支持团队适合哪种模板
怎么把售后工单转给研发
联系人字段怎么导入
任务来了怎么提醒我
怎么找到我负责的任务
同事收不到我的@
机器人推送到群怎么配
AI助手会不会读取我的数据
真人头像可以上传吗
怎么限制只有主管可以导出
没有人被通知到
让成员自己改密码可以吗
how do I mention a person in a comment
what is the phone support for mobile browsers
can I invite someone who has no email
how to make a task visible to my manager only
Do agents count as paid seats?
where can I see which person closed the sprint
is the support plan billed yearly
how do we call tasks something else
I want people to fill in the form without login
can a guest be made manager of a project
How do I connect my account with Google?
who gets notified when an approval is escalated
how to escalate overdue tasks to the project manager automatically
can somebody else see my drafts
how many people can join a call in the video integration
what's the difference between a service account and a human user
need a field to store customer phone numbers
please transfer task history to the new project, how?
how do I find the contact form settings
can the API return the assigned person's email
有没有人工天数的统计字段
项目负责人和任务负责人分别能做什么
怎么让客服也能看到这个任务
怎么把客服同事加进来
怎么换掉任务的负责人
能给每个人设置不同的电话提醒吗
怎么联系起两个任务
人工费用预算怎么填
销售团队有没有模板
找不到转让按钮
怎么转成 PDF
接口返回 401 找谁要权限
可以叫别的名字吗，这个工作区
技术文档在哪
换人之后历史记录还在吗
没有客服角色怎么办
为什么老板看不到报表
怎么请人审批
谁负责审批
真人实名认证怎么做
how to contact a project owner from the board
what happens when a support contract ends
can guests talk in comments
how do I switch to another account
who can I share a board with
Is it possible to assign a ticket to several agents?
how do I set office phone in my profile
can a team member leave a project on their own
do I need a manager role to see reports
how do I find out who deleted a task
can your API transfer attachments?
is there a person responsible field
how do I get someone's email address shown in exports
Does the bot hand over to agents automatically in Slack?
how to pass data to a webhook
please connect me the dots between goals and milestones
I'm an agent in your partner program, where do I log in
where do I see calls logged with customers
can I speak to text in comments
can people outside my company see my board
怎么把工单派给客服
人工和机器工时怎么分开
项目经理可以改预算吗
任务没有负责人会怎样
怎么联系任务的创建人
能不能让多个人同时编辑
客服部门怎么建子团队
怎么找管理员开权限
怎么导出联系人电话
换了负责人以后通知谁
可以按人统计吗
人员离职怎么处理
怎么给没接任务的人发提醒
有没有人员负载视图
怎么叫醒休眠的自动化
怎么给技术支持组加权限
同一个人能在两个部门吗
电话会议怎么加到日程
销售能看到研发的任务吗
请假的人怎么标出来
""".strip().splitlines()

SMALL_TALK = {
    Intent.GREETING: """
hi | Hello! | hi there | hey 👋 | good morning | Good evening everyone | 你好 | 您好！
你好，在吗 | 在吗 | 哈喽 | 早上好 | 嗨 | 你好呀～ | hello, are you there?
    """,
    Intent.THANKS: """
thanks | thank you so much! | thx that did the trick, have a nice weekend :)
great, that works now, thanks | cheers | ty | perfect | 谢谢 | 多谢啦 | 好的明白了，谢谢啦
搞定了，谢谢 | 谢谢你的帮助 | 太好了，感谢！ | 辛苦了 | 謝謝 | no thanks | 不用了，谢谢
got it, thank you very much for your help
    """,
    Intent.FAREWELL: """
bye | goodbye! | see you later | have a nice day | 再见 | 拜拜 | 下次再聊 | 回头见 | 周末愉快
ok bye
    """,
    Intent.ABOUT_BOT: """
who are you? | are you a bot | are you a real person or a bot? | what can you do
am I talking to a human? | hi, are you human? | 你是谁 | 你是机器人吗
你是真人吗？ | 你好，你能做什么
你会什么 | 你是真人还是机器人 | what are you
    """,
    Intent.EMPTY: """
? | ... | 👍 | 😀😀 | ？？？ | ！ | 。。。 |     | help | i have a question
can you help me? | 请问 | 我有个问题 | 帮帮我 | 在吗？我有个问题想请教
    """,
}

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
    "thanks to the article I can export": "thanks to the article I can export",
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
    [
        (intent, text.strip())
        for intent, texts in SMALL_TALK.items()
        for text in re.split(r"[|\n]", texts.strip())
    ],
)
def test_small_talk_is_a_message_that_is_nothing_else(intent: Intent, text: str) -> None:
    assert CLASSIFIER.classify(text).intent is intent


@pytest.mark.parametrize(("text", "rest"), QUESTIONS.items())
def test_a_question_is_kept_and_its_courtesies_are_not(text: str, rest: str) -> None:
    reading = CLASSIFIER.classify(text)
    assert (reading.intent, reading.rest) == (Intent.QUESTION, rest)
