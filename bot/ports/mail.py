"""The seams of mail: what is kept of it, and who sends it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.conversation import Conversation
from bot.domain.mail import MailboxPlace, MailRecord, OutgoingMail


class MailStore(Protocol):
    """Every method is one transaction; failures raise StoreError."""

    async def take_mail(self, mail: MailRecord, begins: Conversation | None = None) -> MailRecord:
        """Under its key, with the conversation it begins; a known one comes back as it was."""
        ...

    async def mails_of(self, conversation_id: str) -> Sequence[MailRecord]:
        """In the order of commits."""
        ...

    async def thread_of(self, message_ids: Sequence[str]) -> str | None:
        """The conversation of the last of these mails that is known, incoming or sent."""
        ...

    async def count_mails(self, sender: str, since: datetime) -> int:
        """Those that were taken."""
        ...

    async def mark_sent(self, message_id: str, conversation_id: str) -> None:
        """Once it has left; again changes nothing."""
        ...

    async def was_sent(self, message_id: str) -> bool: ...

    async def mailbox_place(self, mailbox: str) -> MailboxPlace | None: ...

    async def save_mailbox_place(self, mailbox: str, place: MailboxPlace) -> None: ...

    async def lease_mailbox(self, mailbox: str, worker: str, until: datetime) -> bool:
        """One process reads a mailbox at a time; False while another one does."""
        ...


class Mailer(Protocol):
    @property
    def address(self) -> str:
        """Whose mails these are."""
        ...

    async def send(self, mail: OutgoingMail) -> None:
        """Raises DeskUnavailable (try again) or DeskRefused (give up)."""
        ...
