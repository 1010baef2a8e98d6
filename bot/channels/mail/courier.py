"""Takes to customers what was said in their conversation, each message as one mail."""

from collections.abc import Awaitable, Callable, Sequence

from bot.channels.mail.rendering import MailText
from bot.domain.conversation import Author, Conversation, Locale, Message
from bot.domain.mail import (
    MailFate,
    MailRecord,
    OutgoingMail,
    answering,
    own_message_id,
    survey_message_id,
)
from bot.domain.outbox import DeskRefused
from bot.domain.ticket import Ticket
from bot.ports import Mailer, Storage
from bot.services.surveys import Surveys

AgentName = Callable[[str], Awaitable[str | None]]


class MailCourier:
    def __init__(
        self,
        store: Storage,
        mailer: Mailer,
        text: MailText,
        agent_name: AgentName,
        surveys: Surveys,
        default_locale: Locale,
    ) -> None:
        self._store = store
        self._mailer = mailer
        self._text = text
        self._agent_name = agent_name
        self._surveys = surveys
        self._default_locale = default_locale

    async def deliver(self, conversation: Conversation, message: Message) -> None:
        """What happened, as the system notes it, is said in the mails of those who speak; at the
        end stands the survey."""
        if message.author in (Author.BOT, Author.AGENT):
            await self._send(conversation, message, own_message_id(message.id, self._address))
        elif message.author is Author.SYSTEM:
            ticket = await self._surveys.ask(conversation.id)
            if ticket is not None:
                message_id = survey_message_id(conversation.id, ticket.id, self._address)
                await self._send(conversation, message, message_id, ticket)

    @property
    def _address(self) -> str:
        return self._mailer.address

    async def _send(
        self,
        conversation: Conversation,
        message: Message,
        message_id: str,
        rated: Ticket | None = None,
    ) -> None:
        """`rated`: the ticket that is asked about, in place of the message's own words."""
        if conversation.address is None:
            raise DeskRefused("the conversation has no address")
        if await self._store.was_sent(message_id):
            return
        said = await self._store.messages(message.conversation)
        answered = await self._answered(message, said)
        if rated is not None:
            text, html, locale = self._text.survey(rated), "", rated.packet.locale
        else:
            text, html, locale = await self._written(message, said)
        mail = OutgoingMail(
            message_id=message_id,
            to=conversation.address,
            subject=self._text.subject(locale),
            text=text,
            html=html,
            automatic=message.author is not Author.AGENT,
        )
        await self._mailer.send(answering(answered, mail))
        await self._store.mark_sent(message_id, conversation.id)

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
