"""Agents' replies to the tickets that the mail desk sent them.

What a customer must not see stands right below an agent's words, so that a reply in which any of it
is left goes nowhere, and its author is told.
"""

import logging
from functools import partial

from bot.domain.conversation import Locale
from bot.domain.desk_news import actor_at
from bot.domain.mail import (
    MAIL_DESK,
    IncomingMail,
    MailFate,
    OutgoingMail,
    TicketTokens,
    own_message_id,
    reply_subject,
)
from bot.domain.outbox import DeskRefused, DeskUnavailable
from bot.domain.ticket import IllegalMove, Ticket, TicketState
from bot.domain.ticket_change import ConversationTaken, TicketOver
from bot.ports import Mailer, Prompts, Storage
from bot.services.casework import Casework

log = logging.getLogger(__name__)

ACT = "mail_desk"
LINE = "##-"


class MailedReplies:
    def __init__(
        self,
        store: Storage,
        casework: Casework,
        tokens: TicketTokens,
        mailer: Mailer,
        prompts: Prompts,
        locale: Locale,
        agents: tuple[str, ...],
        *,
        proved: bool,
    ) -> None:
        """`agents`: addresses, or `@example.com` for all of a domain. `proved`: only where the
        trusted host found that the sender wrote it."""
        self._store = store
        self._casework = casework
        self._tokens = tokens
        self._mailer = mailer
        self._say = partial(prompts.text, ACT, locale)
        self._agents = frozenset(agent.lower() for agent in agents)
        self._proved = proved

    async def take(self, mail: IncomingMail) -> MailFate | None:
        """None where the subject names no ticket. Raises StoreError."""
        found = self._tokens.find(mail.subject)
        if found is None:
            return None
        number, token = found
        ticket = await self._store.ticket_by_number(number)
        if ticket is None or not self._tokens.proves(token, ticket.id):
            log.warning("mail with a forged ticket mark: mail=%s", mail.key)
            return MailFate.FORGED
        if not self._is_agent(mail.sender):
            log.warning("reply to %s from nobody who is an agent: mail=%s", ticket.label, mail.key)
            return MailFate.NOT_AN_AGENT
        if self._proved and mail.authentic is not True:
            log.warning("reply to %s without proof of its sender: mail=%s", ticket.label, mail.key)
            return MailFate.FORGED
        return await self._reply(ticket, mail)

    async def _reply(self, ticket: Ticket, mail: IncomingMail) -> MailFate:
        if LINE in mail.text or self._tokens.find(mail.text) is not None:
            return await self._refuse(ticket, mail, "quoted")
        if not mail.text:
            return await self._refuse(ticket, mail, "empty")
        try:
            await self._send_on(ticket, mail)
        except (TicketOver, IllegalMove, ConversationTaken):
            return await self._refuse(ticket, mail, "over")
        if mail.attachments:
            await self._tell(ticket, mail, "files", names=", ".join(mail.attachments))
        return MailFate.DESK_REPLY

    async def _send_on(self, ticket: Ticket, mail: IncomingMail) -> None:
        """Who answers a ticket that was resolved means it to go on."""
        agent = actor_at(MAIL_DESK, mail.sender_name or mail.sender.partition("@")[0])
        if ticket.state is TicketState.RESOLVED and not await self._is_known(ticket, mail):
            await self._casework.reopen(ticket.id, agent)
        await self._casework.reply(ticket.id, agent, mail.text, _client_id(mail))

    async def _is_known(self, ticket: Ticket, mail: IncomingMail) -> bool:
        said = await self._store.messages(ticket.conversation)
        return any((one.client_message_id or "").endswith(_client_id(mail)) for one in said)

    async def _refuse(self, ticket: Ticket, mail: IncomingMail, why: str) -> MailFate:
        """Where its author cannot be told either, the mail is left unseen for a person."""
        log.warning("reply to %s not sent on: %s: mail=%s", ticket.label, why, mail.key)
        await self._tell(ticket, mail, why)
        return MailFate.REFUSED

    async def _tell(self, ticket: Ticket, mail: IncomingMail, what: str, **values: str) -> None:
        """Its author, once."""
        message_id = own_message_id(f"refused.{mail.key}", self._mailer.address)
        if await self._store.was_sent(message_id):
            return
        told = OutgoingMail(
            message_id=message_id,
            to=mail.sender,
            subject=reply_subject(mail.subject),
            text=self._say(what, ticket=ticket.label, **values),
            automatic=True,
        )
        try:
            await self._mailer.send(told)
        except (DeskRefused, DeskUnavailable) as error:
            log.error("its author could not be told: %s", error)
        else:
            await self._store.mark_sent(message_id, ticket.conversation)

    def _is_agent(self, sender: str) -> bool:
        return sender in self._agents or f"@{sender.rpartition('@')[2]}" in self._agents


def _client_id(mail: IncomingMail) -> str:
    return f"mail-{mail.key}"
