"""One mailbox by IMAP, one connection at a time. Blocks, so it is used in a thread."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from bot.channels.mail.reading import LARGEST_MAIL
from bot.domain.errors import BotError
from bot.domain.mail import MailboxPlace
from bot.domain.mail_server import MailServer, Security

FOLDER = "INBOX"
TIMEOUT_S = 30.0
MOST_AT_ONCE = 20  # so that a place is written down now and then
MOST_BYTES_AT_ONCE = 8 * 1024 * 1024  # after which no further one is fetched
OVERLAP = timedelta(days=2)  # where numbers begin anew; servers search by days
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxUnavailable(BotError):
    """The mailbox cannot be read now; it is tried again."""


@dataclass(frozen=True, slots=True)
class FetchedMail:
    place: MailboxPlace
    raw: bytes | None  # None: too large to be read


@dataclass(frozen=True, slots=True)
class ImapAccount:
    server: MailServer
    user: str
    password: str = field(repr=False)
    timeout_s: float = TIMEOUT_S
    tls: ssl.SSLContext | None = None

    @property
    def name(self) -> str:
        """What its place is kept under."""
        return f"{self.user}@{self.server.host}/{FOLDER}"


class Mailbox:
    """Every method raises MailboxUnavailable."""

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._box: BaseMailBox | None = None
        self._validity = 0
        self._can_idle = False

    def open(self) -> None:
        with _named():
            box = self._connect()
            self._box = box
            try:
                box.login(self._account.user, self._account.password, FOLDER)
            except (MailboxLoginError, imaplib.IMAP4.error) as error:
                raise MailboxUnavailable("the user or the password is refused") from error
            self._validity = self._told("UIDVALIDITY")
            # Asked again: many servers tell only who has signed in.
            _, told = box.client.capability()
            self._can_idle = b"IDLE" in b" ".join(told).upper().split()

    def start(self, at: datetime) -> MailboxPlace:
        """Behind everything that is there already."""
        with _named():
            return MailboxPlace(self._validity, max((0, *self._uids("ALL"))), at)

    def after(self, place: MailboxPlace, at: datetime) -> list[FetchedMail]:
        """The next ones, in their order; `at` is the time of their places."""
        with _named():
            if place.validity == self._validity:
                found = [u for u in self._uids(f"UID {place.uid + 1}:*") if u > place.uid]
            else:  # the numbers say nothing any more: the store knows which mails it had
                since = (place.at - OVERLAP).strftime("%d-%b-%Y")
                found = self._uids(f"SINCE {since}")
            fetched: list[FetchedMail] = []
            for uid in sorted(found)[:MOST_AT_ONCE]:
                mail = self._fetch(uid, at)
                fetched += [mail] if mail is not None else []
                if sum(len(one.raw or b"") for one in fetched) >= MOST_BYTES_AT_ONCE:
                    break
            return fetched

    def mark_seen(self, place: MailboxPlace) -> None:
        """A courtesy to people: what is left unseen is theirs to look at."""
        with suppress(ImapToolsError), _named():
            self._opened.flag([str(place.uid)], "\\Seen", True)

    def wait(self, timeout_s: float) -> bool:
        """Until there is news; False at once where the server cannot tell."""
        with _named():
            if not self._can_idle:
                return False
            self._opened.idle.wait(timeout=timeout_s)
            return True

    def close(self) -> None:
        """From any thread: whatever waits for the server ends. Never raises."""
        box, self._box = self._box, None
        if box is None:
            return
        with suppress(OSError):
            box.client.sock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError, ValueError):
            box.client.file.close()
        box.client.sock.close()

    def _connect(self) -> BaseMailBox:
        account, server = self._account, self._account.server
        if server.security is Security.NONE:
            return MailBoxUnencrypted(server.host, server.port, timeout=account.timeout_s)
        tls = account.tls or ssl.create_default_context()
        kind = MailBox if server.security is Security.TLS else MailBoxStartTls
        return kind(server.host, server.port, timeout=account.timeout_s, ssl_context=tls)

    @property
    def _opened(self) -> BaseMailBox:
        if self._box is None:
            raise MailboxUnavailable("the mailbox is closed")
        return self._box

    def _told(self, name: str) -> int:
        _, values = self._opened.client.response(name)
        if not values or values[-1] is None:
            raise MailboxUnavailable(f"the server tells no {name}")
        return int(values[-1])

    def _uids(self, criteria: str) -> list[int]:
        return [int(uid) for uid in self._opened.uids(criteria, charset=None)]

    def _fetch(self, uid: int, at: datetime) -> FetchedMail | None:
        """None for one that was deleted in between."""
        place = MailboxPlace(self._validity, uid, at)
        size = _SIZE.search(b" ".join(self._parts(uid, "(RFC822.SIZE)")))
        if size is not None and int(size[1]) > LARGEST_MAIL:
            return FetchedMail(place, None)
        parts = self._parts(uid, "(BODY.PEEK[])")
        return FetchedMail(place, parts[1]) if len(parts) > 1 else None

    def _parts(self, uid: int, wanted: str) -> list[bytes]:
        status, answer = self._opened.client.uid("FETCH", str(uid), wanted)
        if status != "OK":
            raise MailboxUnavailable(f"the server refuses a mail: {status}")
        items = [item for item in answer if item is not None]
        flat = [part for item in items for part in (item if isinstance(item, tuple) else (item,))]
        return [part for part in flat if isinstance(part, bytes)]


def check_account(account: ImapAccount) -> str:
    """The way out where the mailbox cannot be read; empty where it can."""
    mailbox = Mailbox(account)
    try:
        mailbox.open()
    except MailboxUnavailable as error:
        return f"{error}; see mail.imap, mail.user and mail.password"
    finally:
        mailbox.close()
    return ""


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except MailboxUnavailable:
        raise
    except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError, EOFError) as error:
        raise MailboxUnavailable(type(error).__name__) from error
