"""The settings of mail: as a channel, and as a desk."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from bot.domain.mail_server import parse_server
from bot.sections.types import Addresses, Section

MAIL_ADDRESS = re.compile(r"[^\s@<>\"(),:;]+@[^\s@<>\"(),:;]+")


def _check_server(protocol: str) -> Callable[[str], str]:
    def check(url: str) -> str:
        if url:
            parse_server(url, protocol)
        return url

    return check


SmtpServer = Annotated[str, AfterValidator(_check_server("smtp"))]
ImapServer = Annotated[str, AfterValidator(_check_server("imap"))]


def _check_address(address: str) -> str:
    if address and not MAIL_ADDRESS.fullmatch(address):
        raise ValueError("a mail address is written as support@example.com")
    return address


Address = Annotated[str, AfterValidator(_check_address)]


class Mail(Section):
    address: Address = Field(
        "", description="Address of support, such as `support@example.com`; empty: no mail."
    )
    name: str = Field("", description="The name beside it.")
    smtp: SmtpServer = Field(
        "",
        description="Server that sends: `smtps://smtp.example.com`, or `smtp://` with STARTTLS. "
        "`smtp+plain://` is for a relay on this machine.",
    )
    imap: ImapServer = Field(
        "", description="Server of the mailbox that is read: `imaps://` or `imap://`, likewise."
    )
    user: str = Field("", description="Account at both servers; empty: the address.")
    password: SecretStr = Field(SecretStr(""), description="Its password.")
    inbound_secret: SecretStr = Field(
        SecretStr(""),
        description="What a mail server signs with that posts mails to `/mail/events` instead "
        "(Standard Webhooks): `whsec_` and 24 random bytes or more in Base64.",
    )
    trusted_host: str = Field(
        "",
        description="Host whose `Authentication-Results` are believed: mails that fail DMARC there "
        "are left alone. Empty: nobody's.",
    )


class MailDesk(Section):
    address: Address = Field("", description="Mailbox of the team that gets tickets by mail.")
    agents: Addresses = Field(
        (),
        description="Whose replies to tickets reach customers, separated by commas: addresses, or "
        "`@example.com` for all of a domain.",
    )
    secret: SecretStr = Field(
        SecretStr(""),
        description="What marks tickets in subjects: 32 random characters or more.",
    )
