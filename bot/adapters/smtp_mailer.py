"""Mail out by SMTP. What a server refuses for now is tried again, what it refuses for good is not.

A connection that breaks after the text was handed over leaves open whether the mail was taken. It
is sent again then, with the same Message-ID, by which mailboxes know it. So that this is rare, the
text is handed over only while there is time to wait for the answer, and what follows the answer
does not count.
"""

import asyncio
import logging
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, formataddr
from typing import Any

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from bot.domain.conversation import now
from bot.domain.mail import OutgoingMail
from bot.domain.mail_server import MailServer, Security
from bot.domain.outbox import DeskRefused, DeskUnavailable

log = logging.getLogger(__name__)

TIMEOUT_S = 19.0  # of the whole mail; an attempt of the outbox takes at most 20
BEFORE_TEXT = 0.4  # of that time, at most: servers look at a text for a while before they answer
QUIT_S = 0.5
LONGEST_LINE = 990
WHOLE = frozenset({"message-id", "in-reply-to", "references"})  # an id would not survive a fold
LONGEST_REFERENCES = 900
FIRST_PERMANENT = 500


class _LongLines(EmailPolicy):
    """Of texts and Message-IDs; other headers are folded as their encoded words have to be."""

    def fold_binary(self, name: str, value: str) -> bytes:
        whole = name.lower() in WHOLE
        return super().fold_binary(name, value) if whole else FOLDED.fold_binary(name, value)


LONG_LINES = _LongLines(linesep=SMTP.linesep, max_line_length=LONGEST_LINE)
FOLDED = SMTP.clone(max_line_length=76)  # RFC 2047


class SmtpMailer:
    def __init__(
        self,
        server: MailServer,
        address: str,
        name: str = "",
        user: str = "",
        password: str = "",
        timeout_s: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.address = address
        self._server = server
        self._name = name
        self._user = user
        self._password = password
        self._timeout_s = timeout_s
        self._tls = tls

    async def send(self, mail: OutgoingMail) -> None:
        if not (mail.to.isascii() and self.address.isascii()):
            raise DeskRefused("the address is not of ASCII letters")
        # As bytes: written anew with another policy, long Message-IDs would be taken apart.
        content = self._message(mail).as_bytes()
        client = aiosmtplib.SMTP(**self._connection())
        end = asyncio.get_running_loop().time() + self._timeout_s
        try:
            async with asyncio.timeout(BEFORE_TEXT * self._timeout_s):
                await client.connect()
                await client.mail(self.address)
                await client.rcpt(mail.to)
            async with asyncio.timeout_at(end):
                await self._hand_over(client, mail.message_id, content)
            with suppress(SMTPException, OSError):
                await client.quit(timeout=QUIT_S)
        except SMTPException as error:
            raise _named(error) from error
        except (OSError, ValueError) as error:  # of TLS, of names, of what the server says
            raise DeskUnavailable(_reason(error)) from error
        finally:
            client.close()

    async def _hand_over(self, client: aiosmtplib.SMTP, message_id: str, content: bytes) -> None:
        """It is taken once the server has said so."""
        try:
            await client.data(content)
        except (SMTPServerDisconnected, OSError, asyncio.CancelledError):
            log.warning("no answer to a mail, it may arrive twice: message-id=%s", message_id)
            raise

    async def check(self) -> None:
        """Signs in and leaves; raises DeskUnavailable."""
        try:
            async with aiosmtplib.SMTP(**self._connection()):
                pass
        except (SMTPException, OSError, ValueError) as error:
            raise DeskUnavailable(_reason(error)) from error

    def _connection(self) -> dict[str, Any]:
        return {
            "hostname": self._server.host,
            "port": self._server.port,
            "username": self._user or None,
            "password": self._password or None,
            "use_tls": self._server.security is Security.TLS,
            "start_tls": self._server.security is Security.STARTTLS,
            "tls_context": self._tls,
            "timeout": self._timeout_s,
        }

    def _message(self, mail: OutgoingMail) -> EmailMessage:
        message = EmailMessage(LONG_LINES)
        message["From"] = formataddr((self._name, self.address)) if self._name else self.address
        message["To"] = mail.to
        message["Subject"] = " ".join(mail.subject.split())
        message["Date"] = format_datetime(now())
        message["Message-ID"] = f"<{mail.message_id}>"
        if mail.in_reply_to is not None:
            message["In-Reply-To"] = f"<{mail.in_reply_to}>"
        if mail.references:
            message["References"] = _references(mail.references)
        if mail.automatic:
            message["Auto-Submitted"] = "auto-replied"
            message["X-Auto-Response-Suppress"] = "All"
        message.set_content(mail.text)
        if mail.html:
            message.add_alternative(mail.html, subtype="html")
        return message


def _references(message_ids: tuple[str, ...]) -> str:
    """The first, which names the thread, and as many of the last as fit into a line."""
    kept: list[str] = []
    left = LONGEST_REFERENCES - len(message_ids[0]) - 3
    for one in reversed(message_ids[1:]):
        left -= len(one) + 3
        if left < 0:
            break
        kept.insert(0, one)
    return " ".join(f"<{one}>" for one in (message_ids[0], *kept))


def _named(error: SMTPException) -> DeskRefused | DeskUnavailable:
    # Of the server and not of this mail: mended by whoever runs this, for all mails.
    if isinstance(error, (SMTPAuthenticationError, SMTPConnectError)):
        return DeskUnavailable(_reason(error))
    if isinstance(error, SMTPNotSupported):
        return DeskRefused(_reason(error))
    if isinstance(error, SMTPResponseException) and error.code >= FIRST_PERMANENT:
        return DeskRefused(_reason(error))
    return DeskUnavailable(_reason(error))


def _reason(error: Exception) -> str:
    """The server's code, never its words: those may repeat an address."""
    code = getattr(error, "code", None)
    kind = type(error).__name__
    return f"SMTP {code} ({kind})" if isinstance(code, int) and code > 0 else kind
