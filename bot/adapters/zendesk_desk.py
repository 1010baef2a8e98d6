"""Zendesk as a desk: one ticket an escalation, known again by our id as its `external_id`."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.adapters.desk_http import DeskHttp, RequestRefused
from bot.adapters.desk_wording import OVER, DeskWording
from bot.adapters.zendesk_news import ZendeskNews
from bot.adapters.zendesk_tickets import ZendeskTicket, ZendeskTickets, current
from bot.domain.conversation import Message, now
from bot.domain.desk_fields import Fields, facts_for
from bot.domain.desk_news import Finding
from bot.domain.errors import BotError
from bot.domain.outbox import Delivery, DeskRefused, DeskUnavailable
from bot.domain.ticket import Ticket, TicketEventKind

log = logging.getLogger(__name__)

# What a ticket can do without when Zendesk does not take it.
OPTIONAL = frozenset({"custom_fields", "organization_id", "requester", "priority", "status"})
NO_SECRET = "set desks.zendesk.webhook_secret, or agents' replies stay there"  # noqa: S105
NO_ADMIN = "make it an admin's token, or set desks.zendesk.webhook_secret and the webhook"


class ZendeskDesk(ZendeskNews):
    def __init__(
        self,
        http: DeskHttp,
        wording: DeskWording,
        fields: Fields,
        secret: str = "",
        clock: Callable[[], datetime] = now,
        *,
        is_asked: bool = False,
    ) -> None:
        """`fields`: facts of a ticket by the number of a field. `is_asked`: for its news, where no
        `secret` is set."""
        super().__init__(ZendeskTickets(http), secret, clock)
        self._wording = wording
        self._fields = fields
        self._is_asked = is_asked

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        if delivery.kind is None:
            raise DeskRefused("Zendesk is told of events only")
        found = await self._find(delivery, ticket)
        known = current(found)
        if delivery.kind is TicketEventKind.OPENED:
            known = known or await self._create(delivery, ticket, await self._opening(ticket))
        elif known is None:
            raise DeskRefused("the ticket is not in Zendesk any more")
        elif not self._wording.is_news(
            delivery.kind, message, self.name, is_closed=known.is_closed
        ) or await self._is_told(found, delivery.key):
            return str(known.id)
        elif known.is_closed:
            known = await self._follow_up(delivery, ticket, message, known)
        else:
            await self._tell(delivery, ticket, message, known)
        return str(known.id)

    async def _find(self, delivery: Delivery, ticket: Ticket) -> Sequence[ZendeskTicket]:
        """All of our id, the first one first, once the one that is known is closed."""
        known = await self._tickets.find(delivery.reference) if delivery.reference else None
        if known is not None and not known.is_closed:
            return [known]
        found = await self._tickets.find_external(ticket.id)
        # An old one is archived, and then only its number finds it.
        is_archived = known is not None and all(one.id != known.id for one in found)
        return [known, *found] if known is not None and is_archived else found

    async def _is_told(self, found: Sequence[ZendeskTicket], key: str) -> bool:
        for ticket in reversed(found):
            async for audit in self._tickets.audits(ticket):
                if audit.mark == key:
                    return True
        return False

    async def _follow_up(
        self, delivery: Delivery, ticket: Ticket, message: Message | None, closed: ZendeskTicket
    ) -> ZendeskTicket:
        """Nothing can be added to a closed ticket, and it cannot be opened again."""
        comment = self._change(delivery, ticket, message, closed)["comment"]
        opening = await self._opening(ticket)
        fields = {**opening, "comment": comment, "via_followup_source_id": closed.id}
        return await self._create(delivery, ticket, fields)

    async def _create(
        self, delivery: Delivery, ticket: Ticket, fields: Mapping[str, Any]
    ) -> ZendeskTicket:
        try:
            return await self._tickets.create(fields, delivery.key, delivery.key)
        except RequestRefused as error:
            if error.answer.status == 400:  # among others: the key was used for something else
                known = current(await self._tickets.find_external(ticket.id))
                if known is not None and not known.is_closed:
                    return known
            if error.answer.status != 422:
                raise DeskRefused(_explained(error)) from error
            log.warning("zendesk: ticket %s: %s; sent without", ticket.label, _explained(error))
        plain = {name: value for name, value in fields.items() if name not in OPTIONAL}
        try:
            return await self._tickets.create(plain, delivery.key, f"{delivery.key}.plain")
        except RequestRefused as error:
            raise DeskRefused(_explained(error)) from error

    async def _tell(
        self, delivery: Delivery, ticket: Ticket, message: Message | None, known: ZendeskTicket
    ) -> None:
        fields = self._change(delivery, ticket, message, known)
        try:
            await self._tickets.update(known, fields, delivery.key)
        except RequestRefused as error:
            found = await self._tickets.find(str(known.id))
            if found is not None and found.is_closed:  # meanwhile: the next attempt follows it up
                raise DeskUnavailable("the ticket was closed") from error
            plain = {name: value for name, value in fields.items() if name not in OPTIONAL}
            if error.answer.status != 422 or plain == fields:
                raise DeskRefused(_explained(error)) from error
            log.warning("zendesk: ticket %s: %s; only told", ticket.label, _explained(error))
            await self._tickets.update(known, plain, delivery.key)

    async def _opening(self, ticket: Ticket) -> Mapping[str, Any]:
        asker = ticket.packet.requester
        fields: dict[str, Any] = {
            "external_id": ticket.id,
            "subject": self._wording.subject(ticket),
            "comment": {"body": self._wording.note(ticket), "public": False},
            "priority": ticket.priority.value,
            "tags": ["firstline", f"firstline_{ticket.reason.value}", f"tier_{ticket.tier.value}"],
        }
        if asker.verified and asker.email:
            fields["requester"] = {"name": asker.name or asker.email, "email": asker.email}
        if self._fields:
            facts = facts_for(self._fields, ticket)
            fields["custom_fields"] = [{"id": int(f), "value": v} for f, v in facts.items()]
        if asker.verified and asker.organisation:
            organisation = await self._tickets.organisation(asker.organisation)
            if organisation is not None:
                fields["organization_id"] = organisation
        return fields

    def _change(
        self, delivery: Delivery, ticket: Ticket, message: Message | None, known: ZendeskTicket
    ) -> Mapping[str, Any]:
        kind = delivery.kind
        assert kind is not None  # noqa: S101 - those are refused above
        comment: dict[str, Any] = {"body": self._wording.event(kind, ticket, message)}
        asker = ticket.packet.requester
        speaks = kind is TicketEventKind.CUSTOMER_WROTE and asker.verified and asker.email
        if speaks and message is not None and known.requester is not None:
            comment |= {"body": message.text, "author_id": known.requester, "public": True}
        else:
            comment["public"] = False
        fields: dict[str, Any] = {"comment": comment}
        if kind in OVER and not known.is_over:
            fields["status"] = "solved"
        elif kind is TicketEventKind.REOPENED and known.is_over:
            fields["status"] = "open"
        elif kind is TicketEventKind.PRIORITISED:
            fields["priority"] = ticket.priority.value
        return fields

    async def check(self) -> Sequence[Finding]:
        try:
            me = await self._tickets.me()
        except BotError as error:
            way_out = f"{error}; check desks.zendesk.address, email and token"
            return [Finding("Zendesk answers", way_out)]
        let_in = Finding(
            "the token lets an agent in",
            ""
            if me.is_agent
            else "it does not: make an API token in the Admin Center and set desks.zendesk.email "
            "to an agent's address, desks.zendesk.token to the token",
        )
        fields = [await self._check_field(number) for number in self._fields]
        return [Finding("Zendesk answers"), let_in, *fields, await self._check_news()]

    async def _check_news(self) -> Finding:
        if self.tells or not self._is_asked:
            return Finding("a secret proves Zendesk's webhook", "" if self.tells else NO_SECRET)
        what = "Zendesk is asked for replies"
        try:
            await self.changed(None)
        except BotError as error:
            return Finding(what, f"{error}; {NO_ADMIN}")
        return Finding(what)

    async def _check_field(self, number: str) -> Finding:
        what = f"ticket field {number}"
        try:
            if number.isdecimal() and await self._tickets.has_field(number):
                return Finding(what)
        except (DeskUnavailable, DeskRefused) as error:
            return Finding(what, str(error))
        return Finding(what, "there is none with that number; see desks.zendesk.fields")


def _explained(error: RequestRefused) -> str:
    """With the names of the fields that were wrong, and nothing of what stood in them."""
    data = error.answer.data
    details = data.get("details") if isinstance(data, dict) else None
    names = [name for name in details or () if isinstance(name, str) and name.isidentifier()]
    return f"{error}: {', '.join(sorted(names)[:10])}" if names else str(error)
