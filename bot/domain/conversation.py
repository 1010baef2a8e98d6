"""Who said what, where, and in which state the conversation is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

PUBLIC = frozenset({"public"})
INTERNAL = frozenset({"public", "internal"})


class Locale(StrEnum):
    """The languages Firstline speaks; everything else is answered in the default one."""

    ZH = "zh"
    EN = "en"

    @property
    def other(self) -> "Locale":
        return Locale.EN if self is Locale.ZH else Locale.ZH


class Author(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"  # what happened, not what somebody said: "ticket T-12 was opened"


class ConversationStatus(StrEnum):
    PENDING = "pending"  # the bot has it
    OPEN = "open"  # a person has it
    SNOOZED = "snoozed"
    RESOLVED = "resolved"

    @property
    def is_with_person(self) -> bool:
        return self in (ConversationStatus.OPEN, ConversationStatus.SNOOZED)


class Outcome(StrEnum):
    """How a bot turn ended, as recorded dialogues state it."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    ABSTAINED = "abstained"
    HANDED_OFF = "handed_off"


def new_id() -> str:
    """An unguessable identifier: 32 hexadecimal digits."""
    return uuid4().hex


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Message:
    conversation: str
    author: Author
    text: str
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    client_message_id: str | None = None  # the sender's own key: the same one is the same message
    outcome: Outcome | None = None  # of a bot message
    wants_human: bool = False  # by a button: a request for a person, whatever its words
    agent: str | None = None  # the id of the agent who wrote it


@dataclass(frozen=True, slots=True)
class Conversation:
    channel: str
    id: str = field(default_factory=new_id)
    locale: Locale | None = None  # as asked for by the channel; None lets the text decide
    status: ConversationStatus = ConversationStatus.PENDING
    created_at: datetime = field(default_factory=now)
    token_digest: str | None = None  # SHA-256 of the bearer token, never the token
    customer: str | None = None  # the id of the verified customer it belongs to
    timezone: str | None = None  # IANA name, as the customer's browser told
    page: str | None = None  # where in the product it began, as the widget told
    handed_back: str | None = None  # the id of the last message before the bot got it back
    address: str | None = None  # where a mail channel answers; whose it is nobody has proved
    internal: bool = False  # held among those who may read internal articles

    @property
    def audience(self) -> frozenset[str]:
        """Whose articles may be quoted here."""
        return INTERNAL if self.internal else PUBLIC

    def course(self, messages: Sequence[Message]) -> Sequence[Message]:
        """What counts as the conversation so far, for tone and for what a question leans on: only
        what was said since a person gave it back. Otherwise old anger would hand it over again."""
        ids = [message.id for message in messages]
        if self.handed_back not in ids:
            return messages
        return messages[ids.index(self.handed_back) + 1 :]
