"""A support mailbox at work: the bot behind it, and a mail server that keeps what leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message as Mail
from typing import Any

from pydantic import SecretStr

from bot.adapters.memory_store import MemoryStore
from bot.bootstrap import Bot, build
from bot.channels.mail.intake import MailIntake
from bot.channels.mail.routes import Inbound
from bot.domain.conversation import Conversation, Message
from bot.domain.mail import MailFate
from bot.domain.ticket import Ticket
from bot.ports import Storage
from bot.sections.mail import Mail as MailSettings
from bot.sections.mail import MailDesk
from bot.settings import Desks, Settings, Web
from tests.channels.mail_samples import mail
from tests.mail_server import SmtpSink, smtp_sink
from tests.services.test_dialogue import COLUMNS, ScriptedRetriever, passage
from tests.services.test_handoff import somebody

SUPPORT = "support@firstline.example"
TEAM = "team@firstline.example"
LEE = "Lee <lee@firstline.example>"
SECRET = "whsec_" + "c2VjcmV0" * 6
QUESTION = "How many columns can a board have?"


@dataclass
class MailOffice:
    bot: Bot
    sink: SmtpSink

    @property
    def store(self) -> Storage:
        return self.bot.store

    @property
    def inbound(self) -> Inbound:
        assert self.bot.mail is not None
        assert self.bot.mail.inbound is not None
        return self.bot.mail.inbound

    @property
    def intake(self) -> MailIntake:
        return self.inbound.intake

    async def take(self, raw: bytes) -> MailFate:
        fate = await self.intake.take(raw)
        await self.work()
        return fate

    async def work(self) -> None:
        """Turns to their ends, and one attempt at everything that is due."""
        await self.bot.turns.close()
        while await self.bot.hand_over.outbox.deliver_due():
            pass

    @property
    def sent(self) -> list[Mail]:
        return self.sink.sent

    def sent_to(self, address: str) -> list[Mail]:
        return [one for one in self.sent if address in str(one["To"])]

    async def conversation(self, sender: str = "ann@example.com") -> Conversation:
        """The sender's latest."""
        found = [one for one in await self.conversations() if one.address == sender]
        return found[-1]

    async def conversations(self) -> list[Conversation]:
        assert isinstance(self.store, MemoryStore)
        return list(self.store._conversations.values())

    async def said(self, sender: str = "ann@example.com") -> list[Message]:
        return list(await self.store.messages((await self.conversation(sender)).id))

    async def ticket(self, sender: str = "ann@example.com") -> Ticket:
        return (await self.store.tickets_of((await self.conversation(sender)).id))[-1]


def text_of(sent: Any) -> str:
    return str(sent.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def html_of(sent: Any) -> str:
    return str(sent.get_body(("html",)).get_content())


def asks(
    text: str = QUESTION,
    n: int = 1,
    sender: str = "Ann Lee <ann@example.com>",
    subject: str = "Boards",
    **headers: str,
) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return mail(text, subject, sender, headers={"Message-ID": f"<mail-{n}@example.com>", **named})


def answers(sent: Mail, text: str, n: int, sender: str = "Ann Lee <ann@example.com>") -> bytes:
    """A reply to a mail that was sent, as a program writes it."""
    return asks(
        f"{text}\n\nOn Sun, Mar 1, 2026 at 3:00 PM Support <{SUPPORT}> wrote:\n> quoted",
        n,
        sender,
        str(sent["Subject"]),
        In_Reply_To=str(sent["Message-ID"]),
        References=f"{sent['References'] or ''} {sent['Message-ID']}".strip(),
    )


def settings_of(sink: SmtpSink, desk: bool = False, **mail_settings: Any) -> Settings:
    return Settings(
        web=Web(site="https://help.example.com"),
        mail=MailSettings(
            address=SUPPORT,
            name="Firstline",
            smtp=f"smtp+plain://127.0.0.1:{sink.port}",
            inbound_secret=SecretStr(SECRET),
            **mail_settings,
        ),
        desks=Desks(
            mail=MailDesk(
                address=TEAM, agents=("lee@firstline.example",), secret=SecretStr("s" * 32)
            )
        )
        if desk
        else Desks(),
    )


@asynccontextmanager
async def mail_office(
    desk: bool = False, store: Storage | None = None, clock: Any = None, **mail_settings: Any
) -> AsyncIterator[MailOffice]:
    async with smtp_sink(SmtpSink()) as sink:
        yield MailOffice(open_bot(settings_of(sink, desk, **mail_settings), store, clock), sink)


def open_bot(
    settings: Settings, store: Storage | None = None, clock: Any = None, **others: Any
) -> Bot:
    parts = {"clock": clock} if clock is not None else {}
    bot = build(
        settings,
        store=store or MemoryStore(**parts),
        retriever=ScriptedRetriever(passage(COLUMNS)),
        staffed=somebody,
        **parts,
        **others,
    )
    assert bot.mail is not None
    bot.hand_over.outbox.connect("mail", bot.mail.courier)
    return bot
