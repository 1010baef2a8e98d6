"""A mail to support becomes a conversation, and what is said in it comes back in the thread."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.channels.mail.intake import LONGEST_TEXT, MOST_MAILS
from bot.domain.conversation import Author, ConversationStatus
from bot.domain.customer import Customer, Tier
from bot.domain.mail import MailFate
from bot.domain.reply import HandoffReason
from tests.adapters.stores import Clock
from tests.channels.mail_office import (
    QUESTION,
    SUPPORT,
    TEAM,
    MailOffice,
    answers,
    asks,
    html_of,
    mail_office,
    text_of,
)
from tests.channels.mail_samples import bounce, part, parts
from tests.mail_server import CLOSE

PERSON = "I want to talk to a human"


@pytest.fixture
async def office() -> AsyncIterator[MailOffice]:
    async with mail_office() as opened:
        yield opened


async def test_a_question_is_answered_in_its_thread_with_sources(office: MailOffice) -> None:
    assert await office.take(asks()) is MailFate.TAKEN
    (sent,) = office.sent
    assert sent["To"] == "ann@example.com"
    assert sent["Subject"] == "Re: Boards"
    assert sent["In-Reply-To"] == "<mail-1@example.com>"
    assert sent["References"] == "<mail-1@example.com>"
    assert sent["Auto-Submitted"] == "auto-replied"
    (_, reply) = await office.said()
    assert reply.text in text_of(sent)
    assert "Sources:\n[1] " in text_of(sent)
    assert "https://help.example.com/kb/" in text_of(sent)
    assert "a program" in text_of(sent)
    assert '<a href="https://help.example.com/kb/' in html_of(sent)


async def test_the_customer_asks_on_in_the_same_conversation(office: MailOffice) -> None:
    await office.take(asks())
    (first,) = office.sent
    await office.take(answers(first, "And how many boards?", 2))
    assert len(await office.conversations()) == 1
    assert [message.text for message in await office.said()][2] == "And how many boards?"
    sent = office.sent[-1]
    assert sent["In-Reply-To"] == "<mail-2@example.com>"
    assert str(sent["References"]).split() == [
        "<mail-1@example.com>",
        first["Message-ID"],
        "<mail-2@example.com>",
    ]
    assert sent["Subject"] == "Re: Boards"


async def test_chinese_is_answered_in_chinese(office: MailOffice) -> None:
    raw = asks("看板最多可以有几列？", sender="周敏 <zhou@example.cn>", subject="看板")
    assert await office.take(raw) is MailFate.TAKEN
    (sent,) = office.sent
    assert sent["Subject"] == "Re: 看板"
    assert "来源" in text_of(sent)
    assert "程序" in text_of(sent)


async def test_the_subject_is_asked_where_the_text_leaves_it_out(office: MailOffice) -> None:
    await office.take(asks("", subject=f"Fwd: {QUESTION}"))
    assert (await office.said())[0].text == QUESTION
    await office.take(asks(f"Hello, {QUESTION}", 2, sender="bob@example.com", subject=QUESTION))
    assert (await office.said("bob@example.com"))[0].text == f"Hello, {QUESTION}"


async def test_attachments_are_named_and_not_opened(office: MailOffice) -> None:
    named = 'Content-Disposition: attachment; filename="a.pdf"'
    await office.take(
        parts("mixed", part("text/plain", QUESTION), part("application/pdf", "", named))
    )
    assert "a.pdf" in (await office.said())[0].text


async def test_a_mail_that_is_too_long_says_that_it_goes_on(office: MailOffice) -> None:
    await office.take(asks(f"{QUESTION} {'log ' * 2000}"))
    text = (await office.said())[0].text
    assert len(text) > LONGEST_TEXT
    assert text.endswith("(The mail goes on; the whole of it is in the mailbox.)")
    await office.take(asks(f"{QUESTION} {'log ' * 900}", 2, sender="bob@example.com"))
    assert "goes on" not in (await office.said("bob@example.com"))[0].text


async def test_whoever_was_sent_a_copy_begins_a_conversation_of_their_own(
    office: MailOffice,
) -> None:
    await office.take(asks())
    await office.take(answers(office.sent[0], "I see!", 2, sender="Eve <eve@example.com>"))
    ann, eve = await office.conversations()
    assert (ann.address, eve.address) == ("ann@example.com", "eve@example.com")
    assert len(await office.said()) == 2
    assert len(office.sent_to("ann@example.com")) == 1


async def test_a_reply_to_lets_nobody_into_the_conversation_of_another(office: MailOffice) -> None:
    await office.take(asks())
    eve = answers(office.sent[0], "Write to eve@evil.com from now on.", 2, "eve@evil.com")
    await office.take(b"Reply-To: ann@example.com\r\n" + eve)
    ann, other = await office.conversations()
    assert len(await office.store.messages(ann.id)) == 2
    assert len(await office.store.messages(other.id)) == 2


async def test_who_wants_answers_elsewhere_goes_on_in_one_conversation(office: MailOffice) -> None:
    await office.take(asks(Reply_To="team@example.com"))
    more = answers(office.sent[-1], "And how many boards?", 2)
    await office.take(b"Reply-To: team@example.com\r\n" + more)
    await office.take(answers(office.sent[-1], "And cards?", 3, "team@example.com"))
    assert len(await office.conversations()) == 1
    assert len(office.sent_to("team@example.com")) == 3


async def test_an_address_proves_nobody(office: MailOffice) -> None:
    await office.store.save_customer(
        Customer("u-1", "Ann", "ann@example.com", "Harbour", Tier.ENTERPRISE)
    )
    await office.take(asks(PERSON))
    assert (await office.conversation()).customer is None
    ticket = await office.ticket()
    assert not ticket.packet.requester.verified
    assert ticket.packet.requester.email == "ann@example.com"
    assert ticket.tier is Tier.BASIC


@pytest.mark.parametrize(("result", "fate"), [("fail", "forged"), ("pass", "taken")])
async def test_what_the_trusted_host_finds_forged_is_left_alone(result: str, fate: str) -> None:
    async with mail_office(trusted_host="mx.firstline.example") as office:
        raw = asks(Authentication_Results=f"mx.firstline.example; dmarc={result}")
        assert (await office.take(raw)).value == fate
        assert len(office.sent) == (fate == "taken")


# A person


async def test_a_person_has_the_conversation_by_mail(office: MailOffice) -> None:
    await office.take(asks(PERSON))
    ticket = await office.ticket()
    assert ticket.reason is HandoffReason.ASKED_FOR_HUMAN
    assert (ticket.contact, ticket.packet.channel) == ("ann@example.com", "mail")
    (told,) = office.sent
    assert ticket.label in text_of(told)
    assert "cancel" not in text_of(told)  # there is no button in a mail
    await office.take(answers(told, "It is about the invoice.", 2))
    assert len(office.sent) == 1  # the bot is mute
    assert (await office.conversation()).status is ConversationStatus.OPEN

    await office.bot.hand_over.casework.reply(ticket.id, "agent-1", "Here it is.", "k")
    await office.work()
    sent = office.sent[-1]
    assert text_of(sent).startswith("Here it is.")
    assert sent["In-Reply-To"] == "<mail-2@example.com>"
    assert sent["Auto-Submitted"] is None  # an absence note may answer it
    await office.bot.hand_over.casework.resolve(ticket.id, "agent-1")
    await office.work()
    assert len(office.sent) == 3  # what the system notes is no mail; the survey is one
    await office.take(answers(sent, QUESTION, 3))
    assert len(office.sent) == 4  # the bot has it again
    assert len(await office.conversations()) == 1


async def test_agents_learn_that_their_mail_came_back(office: MailOffice) -> None:
    await office.take(asks(PERSON))
    ticket = await office.ticket()
    await office.bot.hand_over.casework.reply(ticket.id, "agent-1", "Here it is.", "k")
    await office.work()
    for _ in range(2):
        assert await office.take(bounce(office.sink.ids[-1])) is MailFate.BOUNCED
    (note,) = await office.store.notes(ticket.id)
    assert "came back" in note.text


async def test_what_the_team_did_not_get_is_not_said_of_the_customer() -> None:
    async with mail_office(desk=True) as office:
        await office.take(asks(PERSON))
        ticket = await office.ticket()
        (to_team,) = office.sent_to(TEAM)
        assert await office.take(bounce(str(to_team["Message-ID"]).strip("<>"))) is MailFate.BOUNCED
        assert not await office.store.notes(ticket.id)


# Nothing twice, no loops


async def test_the_same_mail_is_answered_once(office: MailOffice) -> None:
    for _ in range(3):
        assert await office.take(asks()) is MailFate.TAKEN
    assert len(office.sent) == 1
    assert len(await office.said()) == 2


async def test_the_same_mail_many_times_at_once_is_answered_once(office: MailOffice) -> None:
    await asyncio.gather(*(office.intake.take(asks()) for _ in range(8)))
    await office.work()
    assert len(office.sent) == 1
    assert len(await office.said()) == 2


@pytest.mark.parametrize(
    ("raw", "fate"),
    [
        (asks(Auto_Submitted="auto-replied"), MailFate.AUTOMATIC),
        (asks(Precedence="list"), MailFate.AUTOMATIC),
        (asks(Return_Path="<>"), MailFate.AUTOMATIC),
        (asks(subject="自动回复：您好"), MailFate.AUTOMATIC),
        (asks(sender=f"Us <{SUPPORT}>"), MailFate.OWN),
        (asks(Reply_To=SUPPORT), MailFate.AUTOMATIC),
        (asks("", subject=""), MailFate.EMPTY),
        (asks("> You wrote this.", References="<a@b>"), MailFate.EMPTY),
        (b"no mail", MailFate.UNREADABLE),
        (bounce("somebody@else"), MailFate.AUTOMATIC),
    ],
)
async def test_machines_and_nonsense_are_left_alone(
    office: MailOffice, raw: bytes, fate: MailFate
) -> None:
    for _ in range(2):
        assert await office.take(raw) is fate
    assert office.sent == []
    assert await office.conversations() == []


async def test_a_mail_of_ours_that_comes_round_or_back_is_known(office: MailOffice) -> None:
    await office.take(asks())
    (raw,) = office.sink.mails
    assert await office.take(raw.replace(SUPPORT.encode(), b"x@example.com")) is MailFate.OWN
    assert await office.take(bounce(office.sink.ids[0])) is MailFate.BOUNCED
    assert len(office.sent) == 1


async def test_two_machines_stop_answering_each_other() -> None:
    clock = Clock()
    async with mail_office(clock=clock) as office:
        for n in range(MOST_MAILS + 5):
            clock.advance(timedelta(seconds=5))
            await office.take(asks(n=n))
        assert len(office.sent) == MOST_MAILS
        assert await office.take(asks(n=1)) is MailFate.TAKEN  # known: no further one
        assert len(office.sent) == MOST_MAILS
        await office.take(asks(n=100, sender="bob@example.com"))
        assert len(office.sent_to("bob@example.com")) == 1


async def test_a_mail_that_was_kept_and_not_worked_on_is_taken_up_again(
    office: MailOffice,
) -> None:
    store, submitted = office.store, office.bot.turns.submit

    async def die(_: object) -> None:
        raise RuntimeError("the process ends here")

    office.bot.turns.submit = die  # type: ignore[method-assign, assignment]
    with pytest.raises(RuntimeError):
        await office.intake.take(asks())
    office.bot.turns.submit = submitted  # type: ignore[method-assign]
    assert len(await store.mails_of((await office.conversation()).id)) == 1
    assert await office.take(asks()) is MailFate.TAKEN
    assert len(office.sent) == 1


# Servers that misbehave


@pytest.mark.parametrize(
    "answer", [("RCPT", "451 greylisted"), ("DATA", CLOSE), ("TAKEN", CLOSE), ("RCPT", CLOSE)]
)
async def test_an_answer_that_cannot_leave_leaves_later_and_once(answer: tuple[str, str]) -> None:
    clock = Clock()
    async with mail_office(clock=clock) as office:
        office.sink.answers = [answer]
        await office.take(asks())
        clock.advance(timedelta(seconds=6))
        await office.work()
        assert set(office.sink.ids) == {office.sink.ids[0]}
        assert len(office.sink.ids) == 1 + (answer[0] == "TAKEN")
        clock.advance(timedelta(days=3))
        await office.work()
        assert len(office.sink.ids) == 1 + (answer[0] == "TAKEN")


async def test_what_is_refused_for_good_is_a_dead_letter_that_can_be_replayed(
    office: MailOffice,
) -> None:
    office.sink.answers = [("RCPT", "550 no such mailbox")]
    await office.take(asks())
    (dead,) = await office.store.dead_deliveries()
    assert (dead.name, dead.ticket) == ("mail", None)
    assert "550" in (dead.error or "")
    assert "ann@example.com" not in (dead.error or "")
    assert await office.store.replay_delivery(dead.key)
    await office.work()
    assert len(office.sent) == 1


async def test_a_server_that_is_down_for_a_day_loses_nothing() -> None:
    clock = Clock()
    async with mail_office(clock=clock) as office:
        office.sink.answers = [("RCPT", "421 down")] * 6
        await office.take(asks())
        for hours in (1, 1, 3, 6, 11, 11):
            clock.advance(timedelta(hours=hours))
            await office.work()
        assert len(office.sent) == 1
        assert await office.store.dead_deliveries() == ()


async def test_each_reply_reaches_whom_it_answers(office: MailOffice) -> None:
    await office.intake.take(asks(QUESTION, 1))
    await office.intake.take(asks(QUESTION, 2, sender="bob@example.com"))
    await office.work()
    to = sorted(str(one["To"]) for one in office.sent)
    assert to == ["ann@example.com", "bob@example.com"]
    authors = [message.author for message in await office.said("bob@example.com")]
    assert authors == [Author.CUSTOMER, Author.BOT]
