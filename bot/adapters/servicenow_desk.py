"""ServiceNow as a desk: one record an escalation, known again by our id as its `correlation_id`.

The Table API knows no idempotency keys: what a record was told stands in `correlation_display`,
written together with it.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.adapters.desk_http import Answer, DeskHttp, RequestRefused
from bot.adapters.desk_news_wire import parse_news, parse_object
from bot.adapters.desk_wording import OVER, DeskWording
from bot.adapters.standard_webhooks import WebhookSecret
from bot.domain.conversation import Message
from bot.domain.desk_fields import Fields, facts_for
from bot.domain.desk_news import DeskNews, Finding, Seal, acts_at
from bot.domain.errors import BotError
from bot.domain.outbox import Delivery, DeskRefused, DeskUnavailable
from bot.domain.ticket import Priority, Ticket, TicketEventKind

log = logging.getLogger(__name__)

NAME = "servicenow"
TABLES = "/api/now/table"
COLUMNS = "sys_id,number,state,correlation_id,correlation_display"
LONGEST_MARKS = 100  # characters of `correlation_display`
WRITABLE = frozenset({"work_notes", "comments", "correlation_display"})  # what is never left out
NEEDED = WRITABLE | {"correlation_id", "short_description", "description"}
SEVERITY = {  # impact and urgency, from which ServiceNow makes the priority
    Priority.NORMAL: {"impact": "3", "urgency": "2"},
    Priority.HIGH: {"impact": "2", "urgency": "1"},
    Priority.URGENT: {"impact": "1", "urgency": "1"},
}
RESOLVED, IN_PROGRESS, CLOSED = "6", "2", ("7", "8")
RESOLUTION = "Solution provided"

_SYS_ID = re.compile("[0-9a-f]{32}")
_SAFE = re.compile(r"(?!javascript:)[^\^\n]{1,100}")  # in a query, which it cannot change


class ServiceNowDesk:
    name = NAME

    def __init__(
        self,
        http: DeskHttp,
        wording: DeskWording,
        fields: Fields,
        secret: WebhookSecret,
        *,
        user: str = "",
        table: str = "incident",
    ) -> None:
        """`user`: whose comments are ours. `secret`: what proves events that come from there."""
        self._http = http
        self._wording = wording
        self._fields = fields
        self._secret = secret
        self._user = user
        self._table = table

    async def deliver(self, delivery: Delivery, ticket: Ticket, message: Message | None) -> str:
        kind = delivery.kind
        if kind is None:
            raise DeskRefused("ServiceNow is told of events only")
        record = await self._find(ticket)
        mark = _mark(delivery.key, ticket.id)
        if kind is TicketEventKind.OPENED:
            return _number(record or await self._create(ticket, mark))
        if record is None:
            raise DeskRefused("the record is not in ServiceNow any more")
        marks = str(record.get("correlation_display") or "").split()
        if self._is_news(kind, message, record) and mark not in marks:
            change = await self._change(kind, ticket, message, record)
            change["correlation_display"] = _joined([*marks, mark])
            await self._write("PATCH", f"{self._table}/{_sys_id(record)}", change, WRITABLE)
        return _number(record)

    async def _find(self, ticket: Ticket) -> Mapping[str, Any] | None:
        """Where there were several, the first one."""
        query = f"correlation_id={ticket.id}^ORDERBYsys_created_on"
        found = await self._rows(self._table, query, COLUMNS)
        return found[0] if found else None

    def _is_news(
        self, kind: TicketEventKind, message: Message | None, record: Mapping[str, Any]
    ) -> bool:
        if message is not None and acts_at(message.agent, NAME):
            return False  # it was said there
        is_settled = kind in OVER and record.get("state") in CLOSED
        return self._wording.tells(kind) and not is_settled

    async def _create(self, ticket: Ticket, mark: str) -> Mapping[str, Any]:
        asker = ticket.packet.requester
        record: dict[str, Any] = {
            "correlation_id": ticket.id,
            "correlation_display": mark,
            "short_description": self._wording.subject(ticket),
            "description": "\n".join((ticket.packet.summary, *ticket.packet.asks)),
            "work_notes": self._wording.note(ticket),
            **SEVERITY[ticket.priority],
            **facts_for(self._fields, ticket),
        }
        if asker.verified and asker.organisation and _SAFE.fullmatch(asker.organisation):
            query = f"name={asker.organisation}"
            companies = await self._rows("core_company", query, "sys_id", optional=True)
            if companies:
                record["company"] = _sys_id(companies[0])
        answer = await self._write("POST", self._table, record, NEEDED)
        return _record(answer.data)

    async def _change(
        self,
        kind: TicketEventKind,
        ticket: Ticket,
        message: Message | None,
        record: Mapping[str, Any],
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

    async def _write(
        self, method: str, path: str, data: Mapping[str, Any], needed: frozenset[str]
    ) -> Answer:
        """What is not needed is left out where ServiceNow or a rule of its own refuses it."""
        answer = await self._send(method, path, data)
        if answer.status in (400, 403):
            log.warning("servicenow: %s answered %d; sent without fields", path, answer.status)
            plain = {name: value for name, value in data.items() if name in needed}
            answer = await self._send(method, path, plain)
        if answer.status == 403:
            raise DeskUnavailable(
                "answered 403: the user may not write; run: firstline desks check"
            )
        if answer.status == 400:
            raise RequestRefused("answered 400", answer)
        return answer

    async def _send(self, method: str, path: str, data: Mapping[str, Any]) -> Answer:
        params = {"sysparm_fields": COLUMNS}
        answer = await self._http.send_json(
            method, f"{TABLES}/{path}", data, params=params, expected={400, 403}
        )
        if answer.status < 300:
            _record(answer.data)
        return answer

    async def _rows(
        self, table: str, query: str, columns: str, *, optional: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        """None of a table that is `optional` and may not be read."""
        params = {"sysparm_query": query, "sysparm_fields": columns, "sysparm_limit": "2"}
        expected = {403, 404} if optional else ()
        answer = await self._http.get(f"{TABLES}/{table}", params, expected)
        if answer.status >= 300:
            return ()
        found = answer.data.get("result") if isinstance(answer.data, dict) else None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise DeskUnavailable("the answer holds no records")
        return found

    def verify(self, headers: Mapping[str, str], body: bytes) -> Seal:
        return self._secret.verify(headers, body)

    async def read(self, body: bytes) -> DeskNews | None:
        """What our own user wrote comes from here; it is no news."""
        data = parse_object(body).get("data")
        reply = data.get("reply") if isinstance(data, dict) else None
        if isinstance(reply, dict) and self._user and reply.get("user") == self._user:
            return None
        return parse_news(body)

    async def check(self) -> Sequence[Finding]:
        proven = Finding(
            "a secret proves events from ServiceNow",
            ""
            if self._secret.is_set
            else "set desks.servicenow.webhook_secret, or agents' replies stay there",
        )
        what = f"the table {self._table} can be read"
        try:
            await self._rows(self._table, "", "sys_id")
        except BotError as error:
            way_out = f"{error}; check desks.servicenow.address, user, password and table, and "
            return [Finding(what, f"{way_out}that the user has a role like itil"), proven]
        return [Finding(what), *[await self._check_field(one) for one in self._fields], proven]

    async def _check_field(self, field: str) -> Finding:
        what = f"field {field}"
        query = f"nameIN{self._table},task^element={field}"
        try:
            found = await self._rows("sys_dictionary", query, "element")
        except BotError:
            return Finding(what, "not known: the user may not read sys_dictionary; look yourself")
        missing = f"{self._table} has none of that name; see desks.servicenow.fields"
        return Finding(what, "" if found else missing)


def _mark(key: str, ticket_id: str) -> str:
    """The part of a key that tells it from the others of the ticket."""
    return key.removeprefix(f"{ticket_id}.").removesuffix(f".{NAME}")


def _joined(marks: Sequence[str]) -> str:
    """The latest of them, as many as there is room for."""
    text = " ".join(marks)
    return text if len(text) <= LONGEST_MARKS else _joined(marks[1:])


def _record(data: Any) -> Mapping[str, Any]:
    found = data.get("result") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        raise DeskUnavailable("the answer is no record")
    _sys_id(found)
    return found


def _sys_id(record: Mapping[str, Any]) -> str:
    """Checked, as it becomes a part of addresses."""
    found = record.get("sys_id")
    if not isinstance(found, str) or not _SYS_ID.fullmatch(found):
        raise DeskUnavailable("the answer is no record")
    return found


def _number(record: Mapping[str, Any]) -> str:
    return str(record.get("number") or _sys_id(record))
