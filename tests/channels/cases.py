"""Escalations of sample customers, as a desk has them on a working day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.conversation import Author, Conversation, Locale, Message, Outcome, now
from bot.domain.customer import Customer, Tier
from bot.domain.knowledge import Citation
from bot.domain.packet import (
    Draft,
    Packet,
    Requester,
    SimilarTicket,
    TranscriptLine,
    UnusedPassage,
)
from bot.domain.reply import AbstainReason, Abstention, Answer, HandoffReason, Reply
from bot.domain.ticket import SYSTEM, Priority, Ticket, TicketEvent, TicketEventKind
from bot.domain.understanding import Tone, ToneLabel
from bot.ports import Escalation, Storage, TurnTrace

BILLING = Citation(
    1,
    "en/billing/payment-and-invoices.md",
    "change-the-billing-details",
    "Payment and invoices",
    "kb/en/billing/payment-and-invoices.md#change-the-billing-details",
    "An owner changes the billing details under **Settings > Billing**.",
)


@dataclass(frozen=True)
class Said:
    """What the customer said, and the bot after it."""

    text: str
    answer: str = ""
    tone: ToneLabel = ToneLabel.CALM
    score: float = 0.08
    citation: Citation | None = BILLING


@dataclass(frozen=True)
class Scene:
    said: Sequence[Said]
    summary: str
    reason: HandoffReason
    customer: Customer | None = None
    locale: Locale = Locale.EN
    ago: timedelta = timedelta(minutes=20)
    priority: Priority = Priority.NORMAL
    asks: Sequence[str] = ()
    next_step: str = ""
    draft: str = ""
    unused: Sequence[UnusedPassage] = ()
    similar: Sequence[SimilarTicket] = ()
    page: str | None = "/projects/atlas/billing"
    channel: str = "widget"
    timezone: str | None = "Europe/Lisbon"
    desks: tuple[str, ...] = ()


@dataclass
class SceneClock:
    """For the store: the time of the scene, else of the world."""

    time: datetime | None = None

    def __call__(self) -> datetime:
        return self.time or now()


async def enact(store: Storage, scene: Scene, clock: SceneClock) -> Ticket:
    """The conversation, turn by turn, and its escalation; gives the ticket."""
    began = clock() - scene.ago
    customer = scene.customer
    if customer is not None:
        await store.save_customer(customer)
    conversation = Conversation(
        scene.channel,
        locale=scene.locale,
        created_at=began,
        customer=customer.id if customer else None,
    )
    await store.add_conversation(conversation)
    lines: list[TranscriptLine] = []
    for number, said in enumerate(scene.said):
        clock.time = began + timedelta(minutes=number)
        lines += await _turn(store, conversation, scene, said, clock.time)
    clock.time = None
    opened = began + timedelta(minutes=len(scene.said))
    ticket = Ticket(
        await store.take_number(),
        conversation.id,
        1,
        scene.reason,
        _packet(scene, lines),
        tier=customer.tier if customer else Tier.BASIC,
        priority=scene.priority,
        opened_at=opened,
        timezone=scene.timezone,
        desks=scene.desks,
    )
    text = {"en": f"Ticket {ticket.label} was opened.", "zh": f"工单 {ticket.label} 已创建。"}
    notice = Message(conversation.id, Author.SYSTEM, text[scene.locale.value], created_at=opened)
    event = TicketEvent(ticket.id, TicketEventKind.OPENED, SYSTEM, opened)
    return await store.open_ticket(Escalation(ticket, event, notice))


async def _turn(
    store: Storage, conversation: Conversation, scene: Scene, said: Said, at: datetime
) -> list[TranscriptLine]:
    message = Message(conversation.id, Author.CUSTOMER, said.text, created_at=at)
    await store.accept(message)
    tone = Tone(said.tone, said.score)
    lines = [TranscriptLine(message.id, Author.CUSTOMER, said.text, at, tone=tone)]
    await store.claim(message.id, "scene", at + timedelta(hours=1))
    reply_id = Message(conversation.id, Author.BOT, said.answer).id
    act: Answer | Abstention = Abstention(said.answer or "…", AbstainReason.NO_SOURCE)
    if said.citation is not None and said.answer:
        act = Answer(said.answer, (said.citation,))
    reply = Reply(act, scene.locale, tone, message=reply_id, conversation=conversation.id)
    trace = TurnTrace(message.id, reply.decision.value, None, None, None)
    await store.finish(message.id, "scene", reply, trace)
    outcome = Outcome.ANSWERED if isinstance(act, Answer) else Outcome.ABSTAINED
    citations = reply.citations
    lines.append(TranscriptLine(reply_id, Author.BOT, act.text, at, outcome, citations))
    return lines


def _packet(scene: Scene, lines: Sequence[TranscriptLine]) -> Packet:
    return Packet(
        requester=Requester.of(scene.customer),
        locale=scene.locale,
        channel=scene.channel,
        reason=scene.reason,
        summary=scene.summary,
        page=scene.page,
        asks=tuple(scene.asks),
        transcript=tuple(lines),
        unused=tuple(scene.unused),
        next_step=scene.next_step,
        draft=Draft(scene.draft, (BILLING,) if scene.draft else ()),
        similar=tuple(scene.similar),
    )


MARTA = Customer(
    "c-marta", "Marta Oliveira", "marta@atlas.example", "Atlas Travel", Tier.ENTERPRISE, Locale.EN
)
CHEN = Customer("c-chen", "陈思远", "siyuan@beiwei.example", "北纬设计", Tier.PREMIUM, Locale.ZH)
TOM = Customer("c-tom", "Tom Becker", "tom@becker.example", "Becker & Sons", Tier.BASIC, Locale.EN)
AMIRA = Customer("c-amira", "Amira Haddad", "amira@nord.example", "Nordlicht", Tier.PREMIUM)

CHARGE = Scene(
    (
        Said(
            "Why were we charged for 34 seats this month? We only have 28 people.",
            "Every member with a paid role counts as a seat, also those who were invited and have "
            "not signed in yet. You find them under **Settings > Billing > Seats** [1].",
        ),
        Said(
            "I looked there. It says 28. The invoice says 34. That does not explain anything.",
            "An invoice counts the highest number of seats within the month [1].",
            ToneLabel.FRUSTRATED,
            0.63,
        ),
        Said(
            "We never had 34! This is the second month in a row. I want somebody who can look at "
            "our account and refund this.",
            "",
            ToneLabel.ANGRY,
            0.91,
        ),
    ),
    "Was billed for 34 seats although the workspace has 28, for the second month, and wants a "
    "refund of the difference.",
    HandoffReason.FRUSTRATED,
    MARTA,
    ago=timedelta(minutes=52),
    priority=Priority.HIGH,
    asks=(
        "Where do the 34 seats on the invoice come from?",
        "Refund of six seats for two months",
    ),
    next_step="Compare the seat history of the last two months with both invoices; guests who "
    "were made members count from that day.",
    draft="I have looked at your invoices together with the history of your seats. A seat is "
    "counted from the day an invitation is accepted or a guest becomes a member, and an invoice "
    "shows the highest number within the month [1]. I am checking which six seats these were, and "
    "if they were counted wrongly, we refund the difference for both months.",
    unused=(
        UnusedPassage(
            "en/support/agent-refunds.md",
            "who-gets-a-refund",
            "Refunds (for agents)",
            "A wrongly counted seat is refunded for up to **three months** back.",
            0.71,
        ),
        UnusedPassage(
            "en/administration/guests.md",
            None,
            "Guests",
            "A guest who becomes a member takes a seat from that day on.",
            0.64,
        ),
    ),
    similar=(
        SimilarTicket(
            "0" * 32,
            "T-7",
            "Charged for more seats than members",
            "Four guests had been made members by an automation. We refunded the month and "
            "switched the rule off.",
            0.83,
        ),
    ),
)
LOST = Scene(
    (
        Said(
            "导入之后看板上的任务全都不见了，客户下午要看！",
            "导入会按文件中的“状态”列重新排列任务，可以在**筛选**中选择“全部状态”查看 [1]。",
            ToneLabel.FRUSTRATED,
            0.58,
        ),
        Said("筛选都清空了，一个任务都没有。能不能直接恢复？急！", "", ToneLabel.ANGRY, 0.86),
    ),
    "导入后看板上的任务全部消失，下午要给客户演示，希望直接恢复数据。",
    HandoffReason.URGENT,
    CHEN,
    Locale.ZH,
    ago=timedelta(minutes=38),
    priority=Priority.URGENT,
    asks=("恢复导入前看板上的任务", "下午演示之前能否完成"),
    next_step="在“导入记录”中撤销最近一次导入；超过 24 小时才需要从备份恢复。",
    draft="您好！请先不要再次导入或删除任何内容。导入后 24 小时内可以在“设置 > 导入记录”中撤销，"
    "任务会恢复到导入之前的状态 [1]。我这边同时在核查，确保下午演示之前可以看到。",
    page="/boards/launch",
    timezone="Asia/Shanghai",
)
SINGLE_SIGN_ON = Scene(
    (
        Said(
            "Our single sign-on stopped accepting anybody since this morning.",
            "",
            ToneLabel.FRUSTRATED,
            0.47,
        ),
    ),
    "Single sign-on refuses everybody since this morning; nobody of the company can work.",
    HandoffReason.URGENT,
    AMIRA,
    ago=timedelta(minutes=75),
    priority=Priority.URGENT,
    page="/sign-in",
    timezone="Europe/Berlin",
)
EXPORT = Scene(
    (
        Said(
            "Can I export a Gantt chart as PDF with the comments?",
            "A Gantt chart is exported as PDF or PNG under **Share > Export** [1].",
        ),
        Said("And the comments?", "", citation=None),
        Said("I'd like to talk to a person."),
    ),
    "Wants to export a Gantt chart as PDF together with its comments.",
    HandoffReason.ASKED_FOR_HUMAN,
    TOM,
    ago=timedelta(hours=3),
    asks=("Do comments go into the PDF?",),
    page="/projects/hall/gantt",
)
VISITOR = Scene(
    (Said("忘记了注册邮箱，登录不了怎么办？", "", citation=None), Said("转人工")),
    "忘记注册邮箱，无法登录，也收不到重置邮件。",
    HandoffReason.ASKED_FOR_HUMAN,
    None,
    Locale.ZH,
    ago=timedelta(minutes=9),
    page="/login",
    timezone="Asia/Shanghai",
)
REPEATED = Scene(
    (
        Said("How do I move a recurring task to another project?", "", citation=None),
        Said("moving a repeating task into a different project", "", citation=None),
        Said("recurring task, other project???", "", ToneLabel.FRUSTRATED, 0.52, None),
    ),
    "Cannot move a recurring task to another project; the bot found nothing three times.",
    HandoffReason.REPEATED_FAILURE,
    MARTA,
    ago=timedelta(hours=5),
    asks=("Move a recurring task with its series",),
    page="/tasks/recurring",
)
WORKING_DAY = (CHARGE, LOST, SINGLE_SIGN_ON, EXPORT, VISITOR, REPEATED)
