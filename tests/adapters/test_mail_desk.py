"""A team's mailbox keeps what every desk has to keep, and shows the whole packet."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.adapters.desk_wording import DeskWording
from bot.adapters.mail_desk import MailDesk
from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.adapters.smtp_mailer import SmtpMailer
from bot.domain.conversation import Author, Locale, Message
from bot.domain.desk_news import actor_at
from bot.domain.mail import TicketTokens, own_message_id
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.ticket import Ticket, TicketEventKind
from bot.settings import Settings
from tests.adapters.desk_contract import DeskContract, Outage, Seen, delivery_of
from tests.adapters.test_ticket_store import FULL, opened, started
from tests.channels.mail_office import SUPPORT, TEAM, text_of
from tests.mail_server import CLOSE, SmtpSink, smtp_sink

SECRET = "s" * 32


def desk_of(store: MemoryStore, sink: SmtpSink, locale: Locale = Locale.EN) -> MailDesk:
    prompts = PromptFiles(Settings().prompts)
    return MailDesk(
        SmtpMailer(sink.address(), SUPPORT, timeout_s=5.0),
        store,
        TicketTokens(SECRET),
        DeskWording(prompts, locale, ZoneInfo("UTC")),
        prompts,
        locale,
        TEAM,
        ("lee@firstline.example",),
    )


@pytest.fixture
async def sink() -> AsyncIterator[SmtpSink]:
    async with smtp_sink(SmtpSink()) as server:
        yield server


@pytest.fixture
def mails() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def ticket(mails: MemoryStore) -> Ticket:
    return await opened(mails, await started(mails), packet=FULL)


@pytest.fixture
def desk(mails: MemoryStore, sink: SmtpSink) -> MailDesk:
    return desk_of(mails, sink)


class TestMailDesk(DeskContract):
    @pytest.fixture
    def seen(self, sink: SmtpSink, ticket: Ticket) -> Seen:
        """The thread of each mail, and the key its Message-ID is of."""
        keys = {own_message_id(f"{ticket.id}.{n}", SUPPORT): f"{ticket.id}.{n}" for n in range(9)}

        async def look() -> list[tuple[str | None, str]]:
            threads = [str(one["In-Reply-To"] or one["Message-ID"]) for one in sink.read]
            return [(thread, keys[one]) for thread, one in zip(threads, sink.ids, strict=True)]

        return look

    @pytest.fixture
    def outage(self, sink: SmtpSink) -> Outage:
        @contextmanager
        def broken() -> Iterator[None]:
            sink.answers = [("RCPT", "421 down")]
            yield

        return broken


async def test_the_whole_packet_can_be_read(desk: MailDesk, ticket: Ticket, sink: SmtpSink) -> None:
    await desk.deliver(delivery_of(ticket, TicketEventKind.OPENED), ticket, None)
    (sent,) = sink.sent
    assert sent["To"] == TEAM
    assert str(sent["Subject"]).startswith("[T-1.")
    assert "导出不了" in str(sent["Subject"])
    assert str(sent["Subject"]).count("T-1") == 1
    text = text_of(sent)
    assert text.startswith("##- ")
    for part in ("Mei", "Harbour Ltd", "怎么导出？", "导出不了！", "Look into it.", "Hello", "T-1"):
        assert part in text
    assert sent["Auto-Submitted"] == "auto-replied"


async def test_what_follows_stands_in_the_same_thread(
    desk: MailDesk, ticket: Ticket, sink: SmtpSink
) -> None:
    reference = await desk.deliver(delivery_of(ticket, TicketEventKind.OPENED), ticket, None)
    message = Message(ticket.conversation, Author.CUSTOMER, "Any news?")
    later = replace(delivery_of(ticket, TicketEventKind.CUSTOMER_WROTE, 2), reference=reference)
    assert await desk.deliver(later, ticket, message) == reference
    first, second = sink.sent
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"] == f"<{reference}>"
    assert second["Subject"] == f"Re: {first['Subject']}"
    assert "Any news?" in text_of(second)


@pytest.mark.parametrize("locale", list(Locale))
async def test_it_speaks_the_agents_language(
    mails: MemoryStore, sink: SmtpSink, ticket: Ticket, locale: Locale
) -> None:
    desk = desk_of(mails, sink, locale)
    await desk.deliver(delivery_of(ticket, TicketEventKind.OPENED), ticket, None)
    assert ("请在此行上方回复" in text_of(sink.sent[0])) is (locale is Locale.ZH)


async def test_nobody_is_sent_what_they_wrote_themselves(
    desk: MailDesk, ticket: Ticket, sink: SmtpSink
) -> None:
    theirs = Message(ticket.conversation, Author.AGENT, "Done.", agent=actor_at("mail", "Lee"))
    ours = Message(ticket.conversation, Author.AGENT, "Done.", agent="agent-1")
    replied = TicketEventKind.AGENT_REPLIED
    await desk.deliver(delivery_of(ticket, replied, 2), ticket, theirs)
    assert sink.mails == []
    await desk.deliver(delivery_of(ticket, replied, 3), ticket, ours)
    assert len(sink.mails) == 1


async def test_what_changes_nothing_for_the_team_is_not_sent(
    desk: MailDesk, ticket: Ticket, sink: SmtpSink
) -> None:
    await desk.deliver(delivery_of(ticket, TicketEventKind.ASSIGNED, 2), ticket, None)
    assert sink.mails == []


@pytest.mark.parametrize(
    ("answer", "again"),
    [
        (("RCPT", "451 greylisted"), True),
        (("DATA", CLOSE), True),
        (("TAKEN", CLOSE), True),
        (("RCPT", "550 no such mailbox"), False),
        (("DATA", "554 spam"), False),
    ],
)
async def test_one_delivery_is_one_mail_or_none(
    desk: MailDesk, ticket: Ticket, sink: SmtpSink, answer: tuple[str, str], again: bool
) -> None:
    sink.answers = [answer]
    opening = delivery_of(ticket, TicketEventKind.OPENED)
    with pytest.raises(DeskUnavailable if again else DeskRefused):
        await desk.deliver(opening, ticket, None)
    for _ in range(2):
        await desk.deliver(opening, ticket, None)
    assert set(sink.ids) == {own_message_id(opening.key, SUPPORT)}
    assert len(sink.ids) == (2 if answer[0] == "TAKEN" else 1)


async def test_check_says_what_is_missing(mails: MemoryStore, sink: SmtpSink) -> None:
    desk = desk_of(mails, sink)
    assert all(one.is_good for one in await desk.check())
    desk._agents = ()
    assert [one.way_out for one in await desk.check() if not one.is_good] == [
        "set desks.mail.agents, or nobody's reply reaches a customer"
    ]
