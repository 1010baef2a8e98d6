"""A team's mailbox as a desk: a ticket is a thread of mails, and replies to it reach the customer.

Each delivery is one mail with a Message-ID of its own key. What a broken connection left open is
sent again under that Message-ID, by which mailboxes know it.
"""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from bot.adapters.desk_wording import DeskWording
from bot.domain.conversation import Locale, Message
from bot.domain.desk_news import Finding
from bot.domain.errors import BotError
from bot.domain.mail import MAIL_DESK, OutgoingMail, TicketTokens, own_message_id
from bot.domain.outbox import Delivery, DeskRefused
from bot.domain.ticket import Ticket, TicketEventKind
from bot.ports import Mailer, Prompts

ACT = "mail_desk"


class SentMails(Protocol):
    async def mark_sent(self, message_id: str, conversation_id: str) -> None: ...

    async def was_sent(self, message_id: str) -> bool: ...


class MailDesk:
    name = MAIL_DESK

    def __init__(
        self,
        mailer: Mailer,
        sent: SentMails,
        tokens: TicketTokens,
        wording: DeskWording,
        prompts: Prompts,
        locale: Locale,
        address: str,
        agents: Sequence[str],
    ) -> None:
        """`address`: of the team. `agents`: whose replies are taken, for `check`."""
        self._mailer = mailer
        self._sent = sent
        self._tokens = tokens
        self._wording = wording
        self._say = partial(prompts.text, ACT, locale)
        self._address = address
        self._agents = agents

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        """The Message-ID of the mail that opened the thread."""
        kind = delivery.kind
        if kind is None:
            raise DeskRefused("the team is told of events only")
        message_id = own_message_id(delivery.key, self._mailer.address)
        thread = delivery.reference or message_id
        is_opening = kind is TicketEventKind.OPENED
        if not is_opening and not self._wording.is_news(kind, message, MAIL_DESK):
            return thread
        if await self._sent.was_sent(message_id):
            return thread
        said = self._wording.note(ticket) if is_opening else self._event(kind, ticket, message)
        await self._mailer.send(self._mail(ticket, message_id, thread, said))
        await self._sent.mark_sent(message_id, ticket.conversation)
        return thread

    async def check(self) -> Sequence[Finding]:
        """Whether it is set up; the server that takes its mails is looked at with the channel."""
        way_out = "set desks.mail.agents, or nobody's reply reaches a customer"
        return [
            Finding(f"tickets go to {self._address}"),
            Finding("replies of agents are taken", "" if self._agents else way_out),
        ]

    def _event(self, kind: TicketEventKind, ticket: Ticket, message: Message | None) -> str:
        return self._wording.event(kind, ticket, message)

    def _mail(self, ticket: Ticket, message_id: str, thread: str, said: str) -> OutgoingMail:
        """The mark stands on both ends: a reply that still quotes either is not sent on."""
        mark = self._tokens.mark(ticket.number, ticket.id)
        begins = message_id == thread
        subject = f"{mark} {self._wording.summary(ticket)}"
        return OutgoingMail(
            message_id=message_id,
            to=self._address,
            subject=subject if begins else f"Re: {subject}",
            text=f"{self._say('above')}\n\n{said}\n\n{self._say('below')}\n{mark}\n",
            in_reply_to=None if begins else thread,
            references=() if begins else (thread,),
            automatic=True,
        )


async def check_mailer(check: "Checkable") -> Finding:
    what = "the mail server takes mails"
    try:
        await check.check()
    except BotError as error:
        return Finding(what, f"{error}; see mail.smtp, mail.user and mail.password")
    return Finding(what)


class Checkable(Protocol):
    async def check(self) -> None:
        """Raises BotError."""
        ...
