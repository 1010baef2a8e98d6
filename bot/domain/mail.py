"""Mail as values: what came in, what goes out, and what proves that a reply belongs to a ticket."""

import hmac
import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from bot.domain.conversation import now
from bot.domain.ticket import label_of

MAIL_DESK = "mail"
MOST_REFERENCES = 20
LONGEST_MESSAGE_ID = 250  # longer ones are kept by their digest and never written into a header
TOKEN_LENGTH = 16  # characters of 5 bits


class MailFate(StrEnum):
    """What became of a mail. Only what was taken is ever answered."""

    TAKEN = "taken"  # a customer's, in a conversation
    DESK_REPLY = "desk_reply"  # an agent's, sent on to the customer
    AUTOMATIC = "automatic"  # of a machine: an absence note, a list, a newsletter
    BOUNCED = "bounced"  # one of ours came back
    OWN = "own"  # ours, which came round
    FORGED = "forged"  # its sender is not who it says
    TOO_MANY = "too_many"  # of one sender
    NOT_AN_AGENT = "not_an_agent"  # a reply to a ticket from somebody else
    REFUSED = "refused"  # an agent's, which could not be sent on
    EMPTY = "empty"  # there is nothing in it to answer
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """`text` is what its sender wrote now: without what is quoted and without a signature."""

    message_id: str  # without angle brackets; made from its content where it has none
    sender: str  # an address in lower case
    subject: str = ""
    text: str = ""
    sender_name: str = ""
    references: tuple[str, ...] = ()  # the mails it follows, the oldest first
    reply_to: str = ""  # where its sender wants the answer
    attachments: tuple[str, ...] = ()  # their names; nobody opens them
    automatic: str | None = None  # the header or word that gives a machine away
    bounced: str | None = None  # the Message-ID of ours that came back
    authentic: bool | None = None  # as the trusted host found; None: nobody who is trusted said
    whole_text: str = ""  # with everything that is quoted

    @property
    def meant(self) -> str:
        """Of a mail that follows no other: where nothing but a quotation was sent, that is it."""
        return self.text or re.sub(r"(?m)^[> ]+", "", self.whole_text).strip()

    @property
    def key(self) -> str:
        return mail_key(self.sender, self.message_id)


@dataclass(frozen=True, slots=True)
class MailRecord:
    """What is kept of a mail; committed before anything is done with it."""

    key: str
    message_id: str
    sender: str
    subject: str
    fate: MailFate
    references: tuple[str, ...] = ()
    conversation: str | None = None
    at: datetime = field(default_factory=now)

    @property
    def client_message_id(self) -> str:
        return f"mail.{self.key}"


@dataclass(frozen=True, slots=True)
class MailboxPlace:
    """How far a mailbox was read. Another `validity`: its numbers begin anew."""

    validity: int
    uid: int  # the highest that was taken
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    message_id: str  # the same at every attempt
    to: str
    subject: str
    text: str
    html: str = ""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: bool = False  # a machine's words, which no machine shall answer


def mail_key(sender: str, message_id: str) -> str:
    """Of the sender too: who knows another's Message-ID cannot keep that mail out with it."""
    return sha256(f"{sender}\n{message_id}".encode(errors="replace")).hexdigest()


def own_message_id(key: str, address: str) -> str:
    """Of what `key` names, at the domain of `address`."""
    return f"{sha256(key.encode()).hexdigest()[:32]}@{address.rpartition('@')[2].lower()}"


def followed(references: Sequence[str], message_id: str) -> tuple[str, ...]:
    """The References of a reply: the first mail and the latest ones."""
    known = [*references, message_id]
    kept = known if len(known) <= MOST_REFERENCES else [known[0], *known[1 - MOST_REFERENCES :]]
    return tuple(one for one in kept if len(one) <= LONGEST_MESSAGE_ID and one.isascii())


def reply_subject(subject: str) -> str:
    return subject if re.match(r"(?i)\s*(re|回复|答复|回覆)\s*[:：]", subject) else f"Re: {subject}"


def survey_message_id(conversation_id: str, ticket_id: str, address: str) -> str:
    """Of the mail that asks in that conversation what its customer thinks of the help."""
    return own_message_id(f"survey.{conversation_id}.{ticket_id}", address)


class Answerable(Protocol):
    """A mail as far as an answer to it has to know it."""

    @property
    def message_id(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def references(self) -> tuple[str, ...]: ...


def answering(mail: Answerable, answer: OutgoingMail) -> OutgoingMail:
    """The answer in the mail's thread; its own subject stands where the mail had none."""
    is_known = len(mail.message_id) <= LONGEST_MESSAGE_ID and mail.message_id.isascii()
    return replace(
        answer,
        subject=reply_subject(mail.subject or answer.subject),
        in_reply_to=mail.message_id if is_known else None,
        references=followed(mail.references, mail.message_id),
    )


class TicketTokens:
    """Names a ticket in a subject, as nobody can who has not been sent one."""

    _MARK = re.compile(
        rf"\[T-(\d{{1,9}})\.([a-z2-7]{{{TOKEN_LENGTH}}})\]", re.ASCII | re.IGNORECASE
    )

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def mark(self, number: int, ticket_id: str) -> str:
        return f"[{label_of(number)}.{self._token(ticket_id)}]"

    def find(self, text: str) -> tuple[int, str] | None:
        """The number and the token that a text states; nothing is proved yet."""
        found = self._MARK.search(text)
        return (int(found[1]), found[2].lower()) if found else None

    def proves(self, token: str, ticket_id: str) -> bool:
        return hmac.compare_digest(token, self._token(ticket_id))

    def _token(self, ticket_id: str) -> str:
        made = hmac.new(self._secret, f"mail-desk.{ticket_id}".encode(), sha256).digest()
        return b32encode(made).decode().lower()[:TOKEN_LENGTH]
