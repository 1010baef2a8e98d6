"""Agents who answer tickets in their mail program, and those who only seem to be agents."""

from collections.abc import AsyncIterator
from email.message import Message as Mail

import pytest

from bot.domain.conversation import Author
from bot.domain.desk_news import name_at_desk
from bot.domain.mail import MailFate
from bot.domain.ticket import TicketState
from tests.channels.mail_office import LEE, TEAM, MailOffice, answers, asks, mail_office, text_of
from tests.channels.mail_samples import bounce, mail, part, parts

PERSON = "I want to talk to a human"


@pytest.fixture
async def office() -> AsyncIterator[MailOffice]:
    async with mail_office(desk=True) as opened:
        await opened.take(asks(PERSON))
        yield opened


def ticket_mail(office: MailOffice) -> Mail:
    return office.sent_to(TEAM)[-1]


def replies(office: MailOffice, text: str, n: int = 50, sender: str = LEE) -> bytes:
    """On top of the whole ticket, as mail programs do."""
    quoted = "\n".join(f"> {line}" for line in text_of(ticket_mail(office)).splitlines())
    body = f"{text}\n\nOn Sun, Mar 1, 2026 at 3:00 PM Firstline wrote:\n{quoted}\n"
    subject = f"Re: {ticket_mail(office)['Subject']}"
    return mail(body, subject, sender, headers={"Message-ID": f"<reply-{n}@firstline.example>"})


async def test_an_escalation_is_one_mail_to_the_team(office: MailOffice) -> None:
    assert len(office.sent_to(TEAM)) == 1
    assert PERSON in text_of(ticket_mail(office))
    assert len(office.sent_to("ann@example.com")) == 1


async def test_an_agents_reply_reaches_the_customer_and_nobody_twice(office: MailOffice) -> None:
    for _ in range(3):
        assert await office.take(replies(office, "Your invoice is attached to your account.")) is (
            MailFate.DESK_REPLY
        )
    said = [one for one in await office.said() if one.author is Author.AGENT]
    assert [one.text for one in said] == ["Your invoice is attached to your account."]
    assert name_at_desk(said[0].agent or "") == "Lee"
    sent = office.sent_to("ann@example.com")
    assert len(sent) == 2
    assert text_of(sent[-1]).startswith("Your invoice is attached to your account.\n")
    assert "##-" not in text_of(sent[-1])
    assert str(sent[-1]["In-Reply-To"]) == "<mail-1@example.com>"
    assert len(office.sent_to(TEAM)) == 1  # no echo


async def test_the_customer_and_the_team_write_on(office: MailOffice) -> None:
    await office.take(replies(office, "Which one?"))
    last = office.sent_to("ann@example.com")[-1]
    await office.take(answers(last, "The one of March.", 2))
    assert "The one of March." in text_of(ticket_mail(office))
    await office.take(replies(office, "Thank you.", 51))
    assert text_of(office.sent_to("ann@example.com")[-1]).startswith("Thank you.")
    assert len(await office.conversations()) == 1


async def test_what_the_ticket_says_never_reaches_the_customer(office: MailOffice) -> None:
    ticket = text_of(ticket_mail(office))
    subject = str(ticket_mail(office)["Subject"])
    below = ticket[ticket.index("\n") :]
    for n, body in enumerate(
        (
            f"Done.{below}",  # the line was deleted, nothing is marked as quoted
            f"{subject}\nDone.",
            "Write above ##- this",
        )
    ):
        raw = mail(body, f"Re: {subject}", LEE, headers={"Message-ID": f"<q-{n}@x>"})
        assert await office.take(raw) is MailFate.REFUSED
    assert len(office.sent_to("ann@example.com")) == 1
    told = office.sent_to("lee@firstline.example")
    assert len(told) == 3
    assert "was not sent to the customer" in text_of(told[0])


async def test_an_empty_reply_is_sent_back_once(office: MailOffice) -> None:
    for _ in range(2):
        assert await office.take(replies(office, "")) is MailFate.REFUSED
    (told,) = office.sent_to("lee@firstline.example")
    assert "nothing stood above the line" in text_of(told)
    assert told["Auto-Submitted"] == "auto-replied"


async def test_who_attaches_a_file_learns_that_it_was_not_sent_on(office: MailOffice) -> None:
    subject = str(ticket_mail(office)["Subject"])
    named = 'Content-Disposition: attachment; filename="invoice.pdf"'
    raw = parts(
        "mixed",
        part("text/plain", "Here it is."),
        part("application/pdf", "", named),
        subject=subject,
        sender=LEE,
    )
    for _ in range(2):
        assert await office.take(raw) is MailFate.DESK_REPLY
    assert text_of(office.sent_to("ann@example.com")[-1]).startswith("Here it is.")
    (told,) = office.sent_to("lee@firstline.example")
    assert "without its files (invoice.pdf)" in text_of(told)


@pytest.mark.parametrize(
    "sender", ["Eve <eve@example.com>", "Lee <lee@firstline.example.evil.com>", "ann@example.com"]
)
async def test_only_agents_answer(office: MailOffice, sender: str) -> None:
    assert await office.take(replies(office, "Send me money.", sender=sender)) is (
        MailFate.NOT_AN_AGENT
    )
    assert len(office.sent_to("ann@example.com")) == 1
    assert len(await office.conversations()) == 1


async def test_an_agents_address_alone_is_not_enough(office: MailOffice) -> None:
    subject = str(ticket_mail(office)["Subject"])
    token = subject[subject.index(".") + 1 : subject.index("]")]
    for forged in (f"[T-1.{'a' * 16}]", f"[T-2.{token}]"):
        raw = mail("Send me money.", forged, LEE)
        assert await office.take(raw.replace(b"sample-1", forged[1:5].encode())) is MailFate.FORGED
    assert len(office.sent_to("ann@example.com")) == 1


async def test_letters_that_only_look_alike_are_no_mark(office: MailOffice) -> None:
    raw = mail("How?", f"[T-1.{'ſ' * 16}]", LEE, headers={"Message-ID": "<x@firstline.example>"})
    assert await office.take(raw) is MailFate.TAKEN


async def test_with_a_trusted_host_an_agent_is_proved() -> None:
    async with mail_office(desk=True, trusted_host="mx.test") as office:
        await office.take(asks(PERSON))
        assert await office.take(replies(office, "Hello")) is MailFate.FORGED
        proof = b"Authentication-Results: mx.test; dmarc=pass\r\n"
        assert await office.take(proof + replies(office, "Hello", 51)) is MailFate.DESK_REPLY


async def test_who_answers_a_resolved_ticket_opens_it_again(office: MailOffice) -> None:
    ticket = await office.ticket()
    await office.bot.hand_over.casework.resolve(ticket.id, "agent-1")
    await office.work()
    for _ in range(2):
        assert await office.take(replies(office, "One more thing.")) is MailFate.DESK_REPLY
    assert (await office.ticket()).state is TicketState.OPEN
    await office.bot.hand_over.casework.return_to_bot(ticket.id, "agent-1")
    await office.work()
    assert await office.take(replies(office, "And another.", 51)) is MailFate.REFUSED
    assert "the ticket is closed" in text_of(office.sent_to("lee@firstline.example")[-1])


async def test_a_known_reply_does_not_open_a_ticket_again(office: MailOffice) -> None:
    ticket = await office.ticket()
    await office.take(replies(office, "Done."))
    await office.bot.hand_over.casework.resolve(ticket.id, "agent-1")
    await office.take(replies(office, "Done."))
    assert (await office.ticket()).state is TicketState.RESOLVED


async def test_an_absence_note_of_the_team_goes_nowhere(office: MailOffice) -> None:
    raw = replies(office, "I am away.").replace(
        b"MIME-Version", b"Auto-Submitted: auto-replied\r\nMIME-Version"
    )
    assert await office.take(raw) is MailFate.AUTOMATIC
    assert len(office.sent_to("ann@example.com")) == 1


async def test_the_team_reads_what_agents_note_and_what_came_back(office: MailOffice) -> None:
    ticket = await office.ticket()
    casework = office.bot.hand_over.casework
    await casework.note(ticket.id, "agent-1", "Check the log first")
    await casework.reply(ticket.id, "agent-1", "Here it is.", "k")
    await office.work()
    await office.take(bounce(str(office.sent_to("ann@example.com")[-1]["Message-ID"]).strip("<>")))
    read = "\n".join(text_of(one) for one in office.sent_to(TEAM))
    assert "not for the customer:\n\nCheck the log first" in read
    assert "mail server noted" in read
    assert "came back" in read
    assert all("Check the log" not in text_of(one) for one in office.sent_to("ann@example.com"))
