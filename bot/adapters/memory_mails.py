"""Mails of the store that keeps nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.adapters.memory_leases import MemoryLeases
from bot.adapters.storable_text import check_storable
from bot.domain.conversation import Conversation, Message
from bot.domain.mail import MailboxPlace, MailFate, MailRecord


class MemoryMails:
    _clock: Callable[[], datetime]
    _conversations: dict[str, Conversation]
    _messages: dict[str, list[Message]]

    def __init__(self) -> None:
        self._mails: dict[str, MailRecord] = {}  # by key, in the order of arrival
        self._sent: dict[str, str] = {}  # Message-ID to conversation
        self._places: dict[str, MailboxPlace] = {}
        self._mailbox_leases = MemoryLeases()

    async def take_mail(self, mail: MailRecord, begins: Conversation | None = None) -> MailRecord:
        check_storable(mail.message_id, mail.sender, mail.subject, *mail.references)
        if mail.key not in self._mails:
            if begins is not None:
                check_storable(begins.address)
                self._conversations[begins.id] = begins
                self._messages[begins.id] = []
            self._mails[mail.key] = mail
        return self._mails[mail.key]

    async def mails_of(self, conversation_id: str) -> Sequence[MailRecord]:
        return [one for one in self._mails.values() if one.conversation == conversation_id]

    async def thread_of(self, message_ids: Sequence[str]) -> str | None:
        mails = [one for one in self._mails.values() if one.conversation]
        incoming = {one.message_id: one.conversation for one in reversed(mails)}
        known = incoming | self._sent
        return next((known[one] for one in reversed(message_ids) if one in known), None)

    async def count_mails(self, sender: str, since: datetime) -> int:
        return sum(
            one.sender == sender and one.at > since and one.fate is MailFate.TAKEN
            for one in self._mails.values()
        )

    async def mark_sent(self, message_id: str, conversation_id: str) -> None:
        self._sent.setdefault(message_id, conversation_id)

    async def was_sent(self, message_id: str) -> bool:
        return message_id in self._sent

    async def mailbox_place(self, mailbox: str) -> MailboxPlace | None:
        return self._places.get(mailbox)

    async def save_mailbox_place(self, mailbox: str, place: MailboxPlace) -> None:
        self._places[mailbox] = place

    async def lease_mailbox(self, mailbox: str, worker: str, until: datetime) -> bool:
        return self._mailbox_leases.lease(mailbox, worker, until, self._clock())
