"""The part of bootstrap that builds mail: the channel, and the desk that is a mailbox."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from bot.adapters.memory_store import MemoryStore
from bot.adapters.prompt_files import PromptFiles
from bot.domain.conversation import now
from bot.domain.desk_news import Finding
from bot.domain.errors import ConfigurationError
from bot.domain.mail import TicketTokens
from bot.domain.mail_server import Security, parse_server
from bot.ports import Courier, Prompts, Storage
from bot.services.casework import Casework
from bot.services.sla import ServiceLevels
from bot.services.surveys import Surveys
from bot.services.turns import TurnRunner
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.adapters.mail_desk import MailDesk
    from bot.adapters.smtp_mailer import SmtpMailer
    from bot.channels.mail.imap import ImapAccount
    from bot.channels.mail.routes import Inbound
    from bot.channels.mail.tickets import MailedReplies
    from bot.channels.mail.watch import MailboxWatch

LEAST_SECRET = 32  # characters


@dataclass(frozen=True, slots=True)
class MailParts:
    courier: Courier
    watch: "MailboxWatch | None"
    inbound: "Inbound | None"


class HandOver(Protocol):
    @property
    def casework(self) -> Casework: ...
    @property
    def levels(self) -> ServiceLevels: ...
    @property
    def surveys(self) -> Surveys: ...
    @property
    def agent_name(self) -> Callable[[str], Awaitable[str | None]]: ...


def build_mail(
    settings: Settings,
    store: Storage,
    turns: TurnRunner,
    prompts: Prompts,
    hand_over: HandOver,
    clock: Callable[[], datetime] = now,
) -> MailParts | None:
    """None without an address; raises ConfigurationError."""
    if not settings.mail.address:
        return None
    from bot.adapters.standard_webhooks import WebhookSecret
    from bot.channels.mail.courier import MailCourier
    from bot.channels.mail.imap import Mailbox
    from bot.channels.mail.intake import MailIntake
    from bot.channels.mail.rendering import MailText
    from bot.channels.mail.requests import MailRequests
    from bot.channels.mail.routes import Inbound
    from bot.channels.mail.watch import MailboxWatch

    mail = settings.mail
    mailer = build_mailer(settings)
    text = MailText(prompts, settings.web.site)
    intake = MailIntake(
        store,
        turns,
        hand_over.casework,
        MailRequests(store, hand_over.levels, hand_over.surveys, mailer, text, clock),
        text,
        mail.address,
        settings.locale,
        mail.trusted_host,
        _replies(settings, store, hand_over.casework, mailer, prompts),
        clock,
    )
    account = build_account(settings)
    secret = WebhookSecret(mail.inbound_secret.get_secret_value(), "mail.inbound_secret")
    courier = MailCourier(
        store, mailer, text, hand_over.agent_name, hand_over.surveys, settings.locale
    )
    return MailParts(
        courier=courier,
        watch=MailboxWatch(account.name, lambda: Mailbox(account), store, intake, clock)
        if account
        else None,
        inbound=Inbound(secret, intake) if secret.is_set else None,
    )


def build_mailer(settings: Settings) -> "SmtpMailer":
    """Raises ConfigurationError."""
    from bot.adapters.smtp_mailer import SmtpMailer

    mail = settings.mail
    if not mail.smtp:
        raise ConfigurationError("setting mail.smtp: says by which server mails leave")
    password = mail.password.get_secret_value()
    server = parse_server(mail.smtp, "smtp")
    # A relay on this machine asks for nothing, and what is told it can be overheard.
    implied = mail.address if password and server.security is not Security.NONE else ""
    return SmtpMailer(server, mail.address, mail.name, mail.user or implied, password)


def build_account(settings: Settings) -> "ImapAccount | None":
    """None where no mailbox is read."""
    from bot.channels.mail.imap import ImapAccount

    mail = settings.mail
    if not mail.imap:
        return None
    server = parse_server(mail.imap, "imap")
    return ImapAccount(server, mail.user or mail.address, mail.password.get_secret_value())


async def check_mail(settings: Settings) -> Sequence[Finding]:
    """What is set up for mail and works; raises ConfigurationError for what cannot be right."""
    from bot.adapters.mail_desk import check_mailer

    if not settings.mail.address:
        return [Finding("mail is set up", "set mail.address, mail.smtp, and mail.imap")]
    return [
        Finding(f"mails are from {settings.mail.address}"),
        await check_mailer(build_mailer(settings)),
        *await _check_inbound(settings),
        *_check_trust(settings),
        *await _check_desk(settings),
    ]


async def _check_inbound(settings: Settings) -> Sequence[Finding]:
    from bot.channels.mail.imap import check_account

    account = build_account(settings)
    findings = []
    if account is not None:
        way_out = await asyncio.to_thread(check_account, account)
        findings.append(Finding("the mailbox can be read", way_out))
    if settings.mail.inbound_secret.get_secret_value():
        findings.append(Finding("signed mails are taken at /mail/events"))
    if not findings:
        way_out = "set mail.imap, or mail.inbound_secret for mails that a server posts"
        findings.append(Finding("mails come in", way_out))
    return findings


def _check_trust(settings: Settings) -> Sequence[Finding]:
    mail = settings.mail
    web = settings.web
    site = "" if web.site or web.article_url else "set web.site, or web.article_url"
    host = (
        ""
        if mail.trusted_host
        else (
            "set mail.trusted_host to the host that your mail server writes into "
            "Authentication-Results, or forged senders are answered"
        )
    )
    return [Finding("articles are linked", site), Finding("forged senders are known", host)]


async def _check_desk(settings: Settings) -> Sequence[Finding]:
    desk = build_mail_desk(settings, MemoryStore(), PromptFiles(settings.prompts))
    return await desk.check() if desk is not None else []


def build_mail_desks(settings: Settings, store: Storage, prompts: Prompts) -> "Sequence[MailDesk]":
    """The one there is, or none; raises ConfigurationError."""
    desk = build_mail_desk(settings, store, prompts)
    return [desk] if desk is not None else []


def build_mail_desk(settings: Settings, store: Storage, prompts: Prompts) -> "MailDesk | None":
    desk = settings.desks.mail
    if not desk.address:
        return None
    if not settings.mail.address:
        raise ConfigurationError("setting mail.address: says from whom the desk's mails are")
    from bot.adapters.desk_wording import DeskWording
    from bot.adapters.mail_desk import MailDesk

    return MailDesk(
        build_mailer(settings),
        store,
        _tokens(settings),
        DeskWording(prompts, settings.locale, ZoneInfo(settings.sla.timezone)),
        prompts,
        settings.locale,
        desk.address,
        desk.agents,
    )


def _replies(
    settings: Settings, store: Storage, casework: Casework, mailer: "SmtpMailer", prompts: Prompts
) -> "MailedReplies | None":
    if not settings.desks.mail.address:
        return None
    from bot.channels.mail.tickets import MailedReplies

    return MailedReplies(
        store,
        casework,
        _tokens(settings),
        mailer,
        prompts,
        settings.locale,
        settings.desks.mail.agents,
        proved=bool(settings.mail.trusted_host),
    )


def _tokens(settings: Settings) -> TicketTokens:
    secret = settings.desks.mail.secret.get_secret_value()
    if len(secret) < LEAST_SECRET:
        raise ConfigurationError(
            f"setting desks.mail.secret: needs {LEAST_SECRET} random characters or more; it proves "
            "that a reply belongs to a ticket"
        )
    return TicketTokens(secret)
