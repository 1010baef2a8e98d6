"""Takes to customers what was said in their conversation, each message as one mail."""

from collections.abc import Awaitable, Callable, Sequence

from bot.channels.mail.rendering import MailText
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.mail import (
    LONGEST_MESSAGE_ID,
    MailFate,
    MailRecord,
    OutgoingMail,
    followed,
    own_message_id,
    reply_subject,
)
from bot.domain.outbox import DeskRefused
from bot.ports import Mailer, Storage

AgentName = Callable[[str], Awaitable[str | None]]


class MailCourier:
    def __init__(
        self,
        store: Storage,
        mailer: Mailer,
        text: MailText,
        agent_name: AgentName,
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._mailer = mailer
        self._text = text
        self._agent_name = agent_name
        self._default_locale = default_locale

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        """What happened, as the system notes it, is said in the mails of those who speak."""
        if message.author not in (Author.BOT, Author.AGENT):
            return
        if conversation.address is None:
            raise DeskRefused("the conversation has no address")
        message_id = own_message_id(message.id, self._mailer.address)
        if await self._store.was_sent(message_id):
            return
        mail = await self._mail(conversation.address, message, message_id)
        await self._mailer.send(mail)
        await self._store.mark_sent(message_id, conversation.id)

    async def _mail(self, to: str, message: Message, message_id: str) -> OutgoingMail:
        said = await self._store.messages(message.conversation)
        answered = await self._answered(message, said)
        text, html, locale = await self._written(message, said)
        known = len(answered.message_id) <= LONGEST_MESSAGE_ID and answered.message_id.isascii()
        return OutgoingMail(
            message_id=message_id,
            to=to,
            subject=reply_subject(answered.subject or self._text.subject(locale)),
            text=text,
            html=html,
            in_reply_to=answered.message_id if known else None,
            references=followed(answered.references, answered.message_id),
            automatic=message.author is Author.BOT,
        )

    async def _written(self, message: Message, said: Sequence[Message]) -> tuple[str, str, Locale]:
        spoken = [one.id for one in said if one.author is Author.BOT]
        replies = await self._store.replies(spoken)
        reply = replies.get(message.id)
        if reply is not None:
            text, html = self._text.answer(reply)
            return text, html, reply.locale
        latest = next((replies[one] for one in reversed(spoken) if one in replies), None)
        locale = latest.locale if latest is not None else self._default_locale
        name = await self._agent_name(message.agent) if message.agent else None
        return self._text.from_person(message, name, locale), "", locale

    async def _answered(self, message: Message, said: Sequence[Message]) -> MailRecord:
        """The customer's last mail before the message."""
        mails = {
            one.client_message_id: one
            for one in await self._store.mails_of(message.conversation)
            if one.fate is MailFate.TAKEN
        }
        ids = [one.id for one in said]
        before = said[: ids.index(message.id)] if message.id in ids else said
        for earlier in reversed(before):
            if earlier.client_message_id in mails:
                return mails[earlier.client_message_id]
        raise DeskRefused("there is no mail to answer")
