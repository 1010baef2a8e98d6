"""ServiceNow as a desk: one record an escalation, known again by our id as its `correlation_id`.

The Table API knows no idempotency keys: what a record was told stands in `correlation_display`,
written together with it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.adapters.desk_http import DeskHttp
from bot.adapters.desk_wording import OVER, DeskWording
from bot.adapters.servicenow_news import NAME, ServiceNowNews
from bot.adapters.servicenow_records import (
    CLOSED,
    IN_PROGRESS,
    RESOLVED,
    Record,
    ServiceNowRecords,
    current,
    sys_id,
)
from bot.adapters.standard_webhooks import WebhookSecret
from bot.domain.conversation import Message, now
from bot.domain.desk_fields import Fields, facts_for
from bot.domain.desk_news import Finding
from bot.domain.errors import BotError
from bot.domain.outbox import Delivery, DeskRefused
from bot.domain.ticket import Priority, Ticket, TicketEventKind

LONGEST_MARKS = 100  # characters of `correlation_display`
SEVERITY = {  # impact and urgency, from which ServiceNow makes the priority
    Priority.NORMAL: {"impact": "3", "urgency": "2"},
    Priority.HIGH: {"impact": "2", "urgency": "1"},
    Priority.URGENT: {"impact": "1", "urgency": "1"},
}
RESOLUTION = "Solution provided"

_SAFE = re.compile(r"(?!javascript:)[^\^\n]{1,100}")  # in a query, which it cannot change


class ServiceNowDesk(ServiceNowNews):
    def __init__(
        self,
        http: DeskHttp,
        wording: DeskWording,
        fields: Fields,
        secret: WebhookSecret,
        clock: Callable[[], datetime] = now,
        *,
        user: str = "",
        table: str = "incident",
        is_asked: bool = False,
    ) -> None:
        """`user`: whose comments are ours. `secret`: what proves events that come from there.
        `is_asked`: for its news, where there is no secret."""
        super().__init__(ServiceNowRecords(http, table), secret, user, clock)
        self._wording = wording
        self._fields = fields
        self._table = table
        self._is_asked = is_asked

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        kind = delivery.kind
        if kind is None:
            raise DeskRefused("ServiceNow is told of events only")
        found = await self._records.known_as(ticket.id)
        record = current(found)
        mark = _mark(delivery.key, ticket.id)
        if kind is TicketEventKind.OPENED:
            return _number(record or await self._create(ticket, mark, {}))
        if record is None:
            raise DeskRefused("the record is not in ServiceNow any more")
        is_closed = record.get("state") in CLOSED
        if not self._wording.is_news(kind, message, self.name, is_closed=is_closed):
            return _number(record)
        if any(mark in _marks(one) for one in found):
            return _number(record)
        if is_closed:
            return _number(await self._follow_up(kind, ticket, message, found, mark))
        change = self._change(kind, ticket, message, record)
        change["correlation_display"] = _joined([*_marks(record), mark])
        await self._records.update(record, change)
        return _number(record)

    async def _follow_up(
        self,
        kind: TicketEventKind,
        ticket: Ticket,
        message: Message | None,
        found: Sequence[Record],
        mark: str,
    ) -> Record:
        """A closed record is not opened again. Its successor has an id of its own, as there may be
        a unique index of ids."""
        closed = found[-1]
        said = self._change(kind, ticket, message, closed)
        notes = [self._wording.follows(_number(closed)), said.get("work_notes", "")]
        notes.append(self._wording.note(ticket))
        return await self._create(
            ticket,
            mark,
            {
                **{name: text for name, text in said.items() if name == "comments"},
                "work_notes": "\n\n".join(filter(None, notes)),
                "correlation_id": f"{ticket.id}.{len(found) + 1}",
                "parent": sys_id(closed),
            },
        )

    async def _create(self, ticket: Ticket, mark: str, values: Mapping[str, Any]) -> Record:
        asker = ticket.packet.requester
        record: dict[str, Any] = {
            "correlation_id": ticket.id,
            "correlation_display": mark,
            "short_description": self._wording.subject(ticket),
            "description": "\n".join((ticket.packet.summary, *ticket.packet.asks)),
            "work_notes": self._wording.note(ticket),
            **SEVERITY[ticket.priority],
            **facts_for(self._fields, ticket),
            **values,
        }
        if asker.verified and asker.organisation and _SAFE.fullmatch(asker.organisation):
            query = f"name={asker.organisation}"
            companies = await self._records.rows("core_company", query, "sys_id", optional=True)
            if companies:
                record["company"] = sys_id(companies[0])
        return await self._records.create(record)

    def _change(
        self,
        kind: TicketEventKind,
        ticket: Ticket,
        message: Message | None,
        record: Record,
    ) -> dict[str, Any]:
        text = self._wording.event(kind, ticket, message)
        if kind is TicketEventKind.CUSTOMER_WROTE:
            return {"comments": text}
        change = {"work_notes": text}
        is_over = record.get("state") in (RESOLVED, *CLOSED)
        if kind in OVER and not is_over:
            change |= {"state": RESOLVED, "close_code": RESOLUTION, "close_notes": text}
        elif kind is TicketEventKind.REOPENED and is_over:
            change["state"] = IN_PROGRESS
        elif kind is TicketEventKind.PRIORITISED:
            change |= SEVERITY[ticket.priority]
        return change

    async def check(self) -> Sequence[Finding]:
        what = f"the table {self._table} can be read"
        try:
            await self._records.rows(self._table, "", "sys_id")
        except BotError as error:
            way_out = f"{error}; check desks.servicenow.address, user, password and table, and "
            return [Finding(what, f"{way_out}that the user has a role like itil")]
        fields = [await self._check_field(one) for one in self._fields]
        return [Finding(what), *fields, await self._check_news()]

    async def _check_news(self) -> Finding:
        if self.tells or not self._is_asked:
            missing = "set desks.servicenow.webhook_secret, or agents' replies stay there"
            return Finding("a secret proves events from ServiceNow", "" if self.tells else missing)
        what = "ServiceNow is asked for replies"
        try:
            await self._records.rows("sys_journal_field", "element=comments", "sys_id")
        except BotError as error:
            return Finding(what, f"{error}; let the user read sys_journal_field")
        return Finding(what)

    async def _check_field(self, field: str) -> Finding:
        what = f"field {field}"
        query = f"nameIN{self._table},task^element={field}"
        try:
            found = await self._records.rows("sys_dictionary", query, "element")
        except BotError:
            return Finding(what, "not known: the user may not read sys_dictionary; look yourself")
        missing = f"{self._table} has none of that name; see desks.servicenow.fields"
        return Finding(what, "" if found else missing)


def _mark(key: str, ticket_id: str) -> str:
    """The part of a key that tells it from the others of the ticket."""
    return key.removeprefix(f"{ticket_id}.").removesuffix(f".{NAME}")


def _marks(record: Record) -> Sequence[str]:
    return str(record.get("correlation_display") or "").split()


def _joined(marks: Sequence[str]) -> str:
    """The latest of them, as many as there is room for."""
    text = " ".join(marks)
    return text if len(text) <= LONGEST_MARKS else _joined(marks[1:])


def _number(record: Record) -> str:
    return str(record.get("number") or sys_id(record))
