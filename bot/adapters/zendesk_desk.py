"""Zendesk as a desk: one ticket an escalation, known again by our id as its `external_id`."""

import hmac
import logging
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.adapters.desk_http import DeskHttp, RequestRefused
from bot.adapters.desk_news_wire import parse_object
from bot.adapters.desk_wording import OVER, DeskWording
from bot.adapters.zendesk_tickets import Person, ZendeskTicket, ZendeskTickets
from bot.domain.conversation import Message, now
from bot.domain.desk_fields import Fields, facts_for
from bot.domain.desk_news import (
    DeskNews,
    DeskReply,
    DeskStatus,
    EventRefused,
    Finding,
    Seal,
    acts_at,
)
from bot.domain.errors import BotError
from bot.domain.outbox import Delivery, DeskRefused, DeskUnavailable
from bot.domain.text import replace_unstorable
from bot.domain.ticket import Ticket, TicketEventKind

log = logging.getLogger(__name__)

NAME = "zendesk"
SIGNATURE = "x-zendesk-webhook-signature"
TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
TOLERANCE = timedelta(minutes=5)
# What a ticket can do without when Zendesk does not take it.
OPTIONAL = frozenset({"custom_fields", "organization_id", "requester", "priority", "status"})
NO_SECRET = "set desks.zendesk.webhook_secret, or agents' replies stay there"  # noqa: S105


class ZendeskDesk:
    name = NAME

    def __init__(
        self,
        http: DeskHttp,
        wording: DeskWording,
        fields: Fields,
        secret: str = "",
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`fields`: facts of a ticket by the number of a field. `secret`: of Zendesk's webhook."""
        self._tickets = ZendeskTickets(http)
        self._wording = wording
        self._fields = fields
        self._secret = secret.encode()
        self._clock = clock

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        if delivery.kind is None:
            raise DeskRefused("Zendesk is told of events only")
        known = await self._find(delivery, ticket)
        if delivery.kind is TicketEventKind.OPENED:
            known = known or await self._create(delivery, ticket)
        elif known is None:
            raise DeskRefused("the ticket is not in Zendesk any more")
        elif not self._is_news(delivery.kind, message, known):
            return str(known.id)
        elif not await self._is_told(known, delivery.key):
            await self._tell(delivery, ticket, message, known)
        return str(known.id)

    async def _find(self, delivery: Delivery, ticket: Ticket) -> ZendeskTicket | None:
        if delivery.reference:
            found = await self._tickets.find(delivery.reference)
            if found is not None:
                return found
        return await self._tickets.find_external(ticket.id)

    def _is_news(
        self, kind: TicketEventKind, message: Message | None, known: ZendeskTicket
    ) -> bool:
        if message is not None and acts_at(message.agent, NAME):
            return False  # it was said there
        is_settled = kind in OVER and known.status == "closed"
        return self._wording.tells(kind) and not is_settled

    async def _is_told(self, known: ZendeskTicket, key: str) -> bool:
        async for audit in self._tickets.audits(known):
            if audit.mark == key:
                return True
        return False

    async def _create(self, delivery: Delivery, ticket: Ticket) -> ZendeskTicket:
        fields = await self._opening(ticket)
        try:
            return await self._tickets.create(fields, delivery.key, delivery.key)
        except RequestRefused as error:
            if error.answer.status == 400:  # among others: the key was used for something else
                known = await self._tickets.find_external(ticket.id)
                if known is not None:
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

    def verify(self, headers: Mapping[str, str], body: bytes) -> Seal:
        if not self._secret:
            raise EventRefused("no secret is set for it")
        stamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        made = hmac.digest(self._secret, stamp.encode("utf-8", "replace") + body, sha256)
        if not hmac.compare_digest(b64encode(made), signature.encode("utf-8", "replace")):
            raise EventRefused("the signature is not Zendesk's")
        if abs(self._clock() - _moment(stamp)) > TOLERANCE:
            raise EventRefused("it is too old or too new")
        proof = sha256(signature.encode()).hexdigest()
        return Seal(proof, proof)

    async def read(self, body: bytes) -> DeskNews | None:
        """The webhook says only which ticket it is; what became of it is looked up there."""
        event = parse_object(body)
        detail = event.get("detail")
        number = detail.get("id") if isinstance(detail, dict) else event.get("ticket")
        ticket = await self._tickets.find(str(number))
        if ticket is None or not ticket.external_id:
            return None
        replies: list[DeskReply] = []
        people: dict[int, Person] = {}
        async for audit in self._tickets.audits(ticket):
            for remark in () if audit.mark else audit.remarks:
                if remark.author not in people:
                    people[remark.author] = await self._tickets.person(remark.author)
                author = people[remark.author]
                if author.is_agent and remark.text.strip():
                    name, text = map(replace_unstorable, (author.name, remark.text.strip()))
                    replies.append(DeskReply(str(remark.id), name, text))
        # One that is open there may be so only because it could not be solved from here.
        status = DeskStatus.DONE if ticket.is_over else None
        return DeskNews(ticket.external_id, tuple(replies), status, is_looked_up=True)

    async def check(self) -> Sequence[Finding]:
        proven = Finding("a secret proves Zendesk's webhook", "" if self._secret else NO_SECRET)
        try:
            me = await self._tickets.me()
        except BotError as error:
            way_out = f"{error}; check desks.zendesk.address, email and token"
            return [Finding("Zendesk answers", way_out), proven]
        let_in = Finding(
            "the token lets an agent in",
            ""
            if me.is_agent
            else "it does not: make an API token in the Admin Center and set desks.zendesk.email "
            "to an agent's address, desks.zendesk.token to the token",
        )
        fields = [await self._check_field(number) for number in self._fields]
        return [Finding("Zendesk answers"), let_in, *fields, proven]

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


def _moment(stamp: str) -> datetime:
    """Raises EventRefused."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise EventRefused("it is too old or too new") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
