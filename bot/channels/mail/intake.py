"""A mail that came in, by whichever way: what becomes of it is committed before anything is done.

Nobody is taken for a customer whom the company knows: an address in a mail proves nothing.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from bot.channels.mail import CHANNEL
from bot.channels.mail.reading import MailUnreadable, read_mail
from bot.channels.mail.rendering import MailText
from bot.channels.mail.requests import MailRequests
from bot.domain.conversation import Author, Conversation, Locale, Message, new_id, now
from bot.domain.desk_news import actor_at
from bot.domain.mail import IncomingMail, MailFate, MailRecord, mail_key, own_message_id
from bot.ports import Storage
from bot.services.casework import Casework
from bot.services.turns import TurnRunner

log = logging.getLogger(__name__)

MAIL_SERVER = ("smtp", "mail server")  # as the author of a note, which is news to every desk
LONGEST_TEXT = 4000  # characters, as in the widget
# Two machines that answer each other are stopped by this at the latest.
MOST_MAILS = 20
RATE_TIME = timedelta(hours=1)
_TAGS = re.compile(r"^(?:\s*(?:re|fwd?|aw|回复|答复|回覆|转发|轉寄)\s*[:：])+\s*", re.IGNORECASE)


class TicketReplies(Protocol):
    async def take(self, mail: IncomingMail) -> MailFate | None:
        """What became of an agent's reply to a ticket; None where it is no such thing."""
        ...


class MailIntake:
    def __init__(
        self,
        store: Storage,
        turns: TurnRunner,
        casework: Casework,
        requests: MailRequests,
        text: MailText,
        address: str,
        default_locale: Locale,
        trusted_host: str = "",
        tickets: TicketReplies | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`address`: the own one. `trusted_host`: whose word counts on who sent a mail."""
        self._store = store
        self._turns = turns
        self._casework = casework
        self._requests = requests
        self._text = text
        self._address = address.lower()
        self._default_locale = default_locale
        self._trusted_host = trusted_host
        self._tickets = tickets
        self._clock = clock

    async def take(self, raw: bytes) -> MailFate:
        """The same mail again has the same end. Raises StoreError."""
        try:
            mail = await asyncio.to_thread(read_mail, raw, self._trusted_host)
        except MailUnreadable as error:
            log.warning("mail not read: %s", error)
            return await self.refuse(raw)
        left_alone = await self._left_alone(mail)
        if left_alone is not None:
            log.info("mail left alone: %s: mail=%s", left_alone.value, mail.key)
            return (await self._store.take_mail(self._record(mail, left_alone))).fate
        if self._tickets is not None and (fate := await self._tickets.take(mail)) is not None:
            return (await self._store.take_mail(self._record(mail, fate))).fate
        return await self._converse(mail)

    async def refuse(self, raw: bytes) -> MailFate:
        """It stays in the mailbox for a person."""
        key = sha256(raw).hexdigest()
        record = MailRecord(key, key, "", "", MailFate.UNREADABLE, at=self._clock())
        return (await self._store.take_mail(record)).fate

    async def _left_alone(self, mail: IncomingMail) -> MailFate | None:
        if mail.sender == self._address or await self._store.was_sent(mail.message_id):
            return MailFate.OWN
        if mail.bounced is not None and await self._store.was_sent(mail.bounced):
            log.error("a mail of ours came back: message-id=%s", mail.bounced)
            await self._note_bounce(mail.bounced, mail.key)
            return MailFate.BOUNCED
        if mail.automatic is not None or mail.reply_to == self._address:
            return MailFate.AUTOMATIC
        if mail.authentic is False:
            return MailFate.FORGED
        follows = bool(mail.references)
        if not (mail.text or mail.attachments or (not follows and (mail.meant or mail.subject))):
            return MailFate.EMPTY
        return None

    async def _note_bounce(self, message_id: str, key: str) -> None:
        """Whoever works on the ticket learns that the customer did not get it."""
        conversation = await self._store.thread_of([message_id]) or ""
        said = await self._store.messages(conversation)
        if all(own_message_id(one.id, self._address) != message_id for one in said):
            return  # it was for the team
        tickets = await self._store.tickets_of(conversation)
        for ticket in [one for one in tickets if one.state.is_active]:
            text = self._text.bounced(ticket.packet.locale)
            await self._casework.note(ticket.id, actor_at(*MAIL_SERVER), text, key)

    async def _converse(self, mail: IncomingMail) -> MailFate:
        conversation = await self._conversation_of(mail)
        if conversation is not None and await self._is_answered(mail, conversation):
            return MailFate.TAKEN
        begins = conversation is None
        conversation = conversation or Conversation(
            CHANNEL, id=new_id(), created_at=self._clock(), address=mail.reply_to
        )
        record = replace(self._record(mail, MailFate.TAKEN), conversation=conversation.id)
        if not conversation.status.is_with_person and await self._is_too_many(mail):
            record, begins = replace(record, fate=MailFate.TOO_MANY, conversation=None), False
        record = await self._store.take_mail(record, conversation if begins else None)
        if record.conversation is None:
            log.warning("mail left alone: %s: mail=%s", record.fate.value, record.key)
            return record.fate
        text = self._message_text(mail, begins=await self._begins(record))
        message = Message(
            record.conversation,
            Author.CUSTOMER,
            text,
            created_at=self._clock(),
            client_message_id=record.client_message_id,
        )
        await self._turns.submit(message)
        return record.fate

    async def _is_answered(self, mail: IncomingMail, conversation: Conversation) -> bool:
        """Whether nothing is left to be said to it."""
        request = await self._requests.find(mail, conversation)
        if request is None or await self._is_too_many(mail):
            return False
        record = self._record(mail, MailFate.TAKEN)
        await self._store.take_mail(replace(record, conversation=conversation.id))
        return await self._requests.answer(request, mail, conversation)

    async def _conversation_of(self, mail: IncomingMail) -> Conversation | None:
        """Only of the same address: whoever was sent a copy begins one of their own."""
        found = await self._store.thread_of(mail.references)
        conversation = await self._store.conversation(found) if found is not None else None
        if conversation is None or conversation.channel != CHANNEL:
            return None
        is_theirs = conversation.address == mail.reply_to and await self._wrote(conversation, mail)
        return conversation if is_theirs else None

    async def _wrote(self, conversation: Conversation, mail: IncomingMail) -> bool:
        """Anybody can want answers to go to anybody: that alone shows no one to take part."""
        if mail.sender == conversation.address:
            return True
        mails = await self._store.mails_of(conversation.id)
        return any(one.key == mail_key(mail.sender, one.message_id) for one in mails)

    async def _is_too_many(self, mail: IncomingMail) -> bool:
        since = self._clock() - RATE_TIME
        return await self._store.count_mails(mail.reply_to, since) >= MOST_MAILS

    async def _begins(self, record: MailRecord) -> bool:
        mails = await self._store.mails_of(record.conversation or "")
        return bool(mails) and mails[0].key == record.key

    def _record(self, mail: IncomingMail, fate: MailFate) -> MailRecord:
        return MailRecord(
            key=mail.key,
            message_id=mail.message_id,
            sender=mail.reply_to,
            subject=mail.subject,
            fate=fate,
            references=mail.references,
            at=self._clock(),
        )

    def _message_text(self, mail: IncomingMail, *, begins: bool) -> str:
        """A thread's first mail says in its subject what it is about, the others repeat it."""
        subject = _TAGS.sub("", mail.subject).strip()
        said = mail.meant if begins else mail.text
        parts = [said]
        if begins and subject and subject.lower() not in said.lower():
            parts.insert(0, subject)
        text = "\n\n".join(filter(None, parts))
        remarks = []
        if len(text) > LONGEST_TEXT:
            remarks.append(self._text.shortened(self._default_locale))
        if mail.attachments:
            remarks.append(self._text.attached(mail.attachments, self._default_locale))
        return "\n\n".join((text[:LONGEST_TEXT], *remarks))
