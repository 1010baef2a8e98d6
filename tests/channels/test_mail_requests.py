"""Who asks after their ticket by mail is told; who was helped is asked once, and heard."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import Message as Mail

import pytest

from bot.channels.mail.requests import LONGEST_QUESTION, asks_for_status, rating_in
from bot.domain.conversation import Author
from bot.domain.mail import MailFate
from bot.domain.survey import SurveyAnswer
from bot.domain.ticket import TicketState
from tests.adapters.stores import Clock
from tests.channels.mail_office import MailOffice, answers, asks, mail_office, text_of
from tests.mail_server import CLOSE

PERSON = "I want to talk to a human"


@pytest.fixture
async def office() -> AsyncIterator[MailOffice]:
    """With a ticket of Ann's."""
    async with mail_office(clock=Clock()) as opened:
        await opened.take(asks(PERSON))
        yield opened


async def reply(office: MailOffice, text: str, n: int, to: Mail | None = None) -> MailFate:
    return await office.take(answers(to or office.sent[0], text, n))


async def resolve(office: MailOffice) -> Mail:
    """The survey."""
    await office.bot.hand_over.casework.resolve((await office.ticket()).id, "agent-1")
    await office.work()
    return office.sent[-1]


STATUS = (
    *("status", "Status?", "What is the status of my ticket?", "what's the status", "Any news?"),
    *(
        "any updates please",
        "进度",
        "查询进度",
        "请问处理进度如何？",
        "我的工单进展到哪了",
        "工单状态",
    ),
    *("ＳＴＡＴＵＳ", "目前进展怎么样？"),
)
OTHER = (
    *("", "The status of a task is wrong", "How do I change the status?", "Status quo ante"),
    *("怎么修改任务状态？", "进度条不动了", "任务的进度怎么填", "news", "status" + "?" * 9 + " x"),
    *("any news about SSO", "进度 " * LONGEST_QUESTION),
)


@pytest.mark.parametrize("text", STATUS)
def test_who_asks_how_it_stands(text: str) -> None:
    assert asks_for_status(text)


@pytest.mark.parametrize("text", OTHER)
def test_who_asks_something_else(text: str) -> None:
    assert not asks_for_status(text)


@pytest.mark.parametrize(
    ("text", "stars", "why"),
    [
        ("5", 5, None),
        ("４分。", 4, None),
        ("3 / 5\n\ntook long", 3, "took long"),
        ("2 stars\nslow", 2, "slow"),
        ("1星", 1, None),
    ],
)
def test_a_rating_is_a_number_in_the_first_line(text: str, stars: int, why: str | None) -> None:
    assert rating_in(text) == SurveyAnswer(csat=stars, comment=why)


@pytest.mark.parametrize(
    "text", ["", "5 days later it is back", "0", "6", "15", "five", "great\n5"]
)
def test_everything_else_is_no_rating(text: str) -> None:
    assert rating_in(text) is None


async def test_an_open_ticket_is_told_with_its_time_and_its_agents_hear_of_it(
    office: MailOffice,
) -> None:
    assert await reply(office, "Status?", 2) is MailFate.TAKEN
    ticket, told = await office.ticket(), office.sent[-1]
    assert f"Ticket {ticket.label} is open and with our team. Somebody will answer you " in text_of(
        told
    )
    assert told["In-Reply-To"] == "<mail-2@example.com>"
    assert told["Auto-Submitted"] == "auto-replied"
    assert [m.text for m in await office.said() if m.author is Author.CUSTOMER][1:] == ["Status?"]


async def test_once_somebody_answered_no_time_is_told(office: MailOffice) -> None:
    casework, ticket = office.bot.hand_over.casework, await office.ticket()
    await casework.reply(ticket.id, "agent-1", "I look into it", "k")
    await reply(office, "进度", 2)
    assert "Somebody will answer" not in text_of(office.sent[-2]) + text_of(office.sent[-1])


@pytest.mark.parametrize("again", [1, 2])
async def test_a_ticket_that_is_over_is_told_without_a_turn(office: MailOffice, again: int) -> None:
    await resolve(office)
    said, sent = await office.said(), len(office.sent)
    for _ in range(again):
        assert await reply(office, "status", 2) is MailFate.TAKEN
    assert await office.said() == said
    (told,) = office.sent[sent:]
    assert "is resolved. If something is still missing" in text_of(told)
    assert (await office.ticket()).state is TicketState.RESOLVED


async def test_a_ticket_that_was_merged_is_told_with_the_other_one(office: MailOffice) -> None:
    await office.take(asks(PERSON, 7, "Bob <bob@example.com>"))
    other = await office.ticket("bob@example.com")
    merge = office.bot.hand_over.casework.merge
    await merge((await office.ticket()).id, "agent-1", other.id, to_both_addresses=True)
    await reply(office, "status", 2)
    assert f"goes on in ticket {other.label}" in text_of(office.sent[-1])
    assert (await office.said())[-1].text == "status"  # heard by those who have the other one


async def test_what_cannot_be_told_is_a_message_all_the_same(office: MailOffice) -> None:
    office.sink.answers = [("RCPT", CLOSE)]
    sent = len(office.sent)
    assert await reply(office, "status", 2) is MailFate.TAKEN
    assert len(office.sent) == sent
    assert (await office.said())[-1].text == "status"


async def test_without_a_ticket_it_is_a_question_like_any_other() -> None:
    async with mail_office() as office:
        await office.take(asks())
        await reply(office, "status", 2)
        assert [m.text for m in await office.said() if m.author is Author.CUSTOMER][1] == "status"


async def test_somebody_else_learns_nothing(office: MailOffice) -> None:
    mail = answers(office.sent[0], "status", 2, "Eve <eve@example.com>")
    await office.take(mail)
    ticket = await office.ticket()
    assert all(ticket.label not in text_of(one) for one in office.sent_to("eve@example.com"))


async def test_the_survey_is_asked_once_and_its_answer_is_no_message(office: MailOffice) -> None:
    survey, ticket = await resolve(office), await office.ticket()
    assert f"Ticket {ticket.label} is resolved. How satisfied" in text_of(survey)
    assert survey["Auto-Submitted"] == "auto-replied"
    said = await office.said()
    for n, text in enumerate(("5\n\nQuick and kind", "1"), 2):
        assert await reply(office, text, n, survey) is MailFate.TAKEN
    (kept,) = await office.store.surveys_of(ticket.conversation)
    assert (kept.csat, kept.comment, kept.ticket) == (5, "Quick and kind", ticket.id)
    assert kept.closed_at is not None
    assert await office.said() == said
    assert office.sent[-1]["Message-ID"] == survey["Message-ID"]


async def test_whose_ticket_was_merged_is_asked_too_and_one_answer_is_kept(
    office: MailOffice,
) -> None:
    await office.take(asks(PERSON, 7, "Bob <bob@example.com>"))
    other = await office.ticket("bob@example.com")
    casework = office.bot.hand_over.casework
    ticket = await office.ticket()
    await casework.merge(ticket.id, "agent-1", other.id, to_both_addresses=True)
    await casework.resolve(other.id, "agent-1")
    await office.work()
    first, second = (
        [one for one in office.sent_to(whose) if "How satisfied" in text_of(one)]
        for whose in ("ann@example.com", "bob@example.com")
    )
    await office.take(answers(first[0], "4", 2))
    await office.take(answers(second[0], "1", 8, "Bob <bob@example.com>"))
    (kept,) = await office.store.surveys_of(other.conversation)
    assert kept.csat == 4


async def test_a_ticket_that_is_resolved_twice_is_asked_about_once(office: MailOffice) -> None:
    await resolve(office)
    await office.bot.hand_over.casework.reopen((await office.ticket()).id, "agent-1")
    sent = len(office.sent)
    await resolve(office)
    assert len(office.sent) == sent


async def test_a_number_that_answers_something_else_is_a_message(office: MailOffice) -> None:
    survey = await resolve(office)
    await reply(office, "5", 2, office.sent[0])
    assert (await office.said())[-2].text == "5"
    await office.bot.hand_over.casework.reopen((await office.ticket()).id, "agent-1")
    await reply(office, "3\nIt is back", 3, survey)
    assert (await office.said())[-1].text == "3\nIt is back"
    (kept,) = await office.store.surveys_of((await office.ticket()).conversation)
    assert kept.csat is None


async def test_a_survey_that_could_not_leave_leaves_later(office: MailOffice) -> None:
    office.sink.answers = [("RCPT", CLOSE)]
    before = len(office.sent)
    await resolve(office)
    assert len(office.sent) == before
    clock = office.bot.hand_over.outbox._clock
    assert isinstance(clock, Clock)
    clock.advance(timedelta(minutes=1))
    await office.work()
    assert "How satisfied" in text_of(office.sent[-1])


async def test_in_chinese_too() -> None:
    async with mail_office() as office:
        await office.take(asks("我要找人工客服", subject="导出"))
        await reply(office, "进度", 2)
        ticket = await office.ticket()
        assert f"工单 {ticket.label} 正在由我们的团队处理。我们的同事会在" in text_of(
            office.sent[-1]
        )
        survey = await resolve(office)
        assert "您对这次服务满意吗" in text_of(survey)
        await reply(office, "４分", 3, survey)
        (kept,) = await office.store.surveys_of(ticket.conversation)
        assert kept.csat == 4
