"""Tickets of Zendesk, by the Support API v2: those calls that a desk needs.

Every change carries a mark in its audit's metadata, by which it is known again.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.adapters.desk_http import DeskHttp
from bot.domain.desk_news import LOOK_BACK, DeskPage
from bot.domain.outbox import DeskRefused, DeskUnavailable

MARK = "firstline"  # the name of ours in an audit's metadata
AGENTS = frozenset({"agent", "admin"})
PAGE = 100
MOST_PAGES = 200  # of audits; a ticket takes no more than 5,000 comments
CHANGED_PAGE = 50  # tickets; their descriptions come along


@dataclass(frozen=True, slots=True)
class ZendeskTicket:
    id: int
    external_id: str | None
    requester: int | None
    status: str
    updated_at: str  # as Zendesk wrote it

    @property
    def is_over(self) -> bool:
        return self.status in ("solved", "closed")

    @property
    def is_closed(self) -> bool:
        """For good: nothing is added to it any more."""
        return self.status == "closed"


@dataclass(frozen=True, slots=True)
class Remark:
    id: int
    author: int
    text: str
    files: tuple[str, ...] = ()  # names


@dataclass(frozen=True, slots=True)
class Audit:
    mark: str | None  # None: not of our making
    remarks: Sequence[Remark] = ()  # those that the customer sees


@dataclass(frozen=True, slots=True)
class Person:
    id: int | None
    name: str
    role: str

    @property
    def is_agent(self) -> bool:
        return self.role in AGENTS


class ZendeskTickets:
    """Raises DeskUnavailable and RequestRefused."""

    def __init__(self, http: DeskHttp) -> None:
        self._http = http

    async def find(self, number: str) -> ZendeskTicket | None:
        """By Zendesk's own number."""
        if not number.isdecimal():
            return None
        answer = await self._http.get(f"/api/v2/tickets/{number}.json", expected={404})
        return None if answer.status == 404 else _ticket(_part(answer.data, "ticket"))

    async def find_external(self, external_id: str) -> Sequence[ZendeskTicket]:
        """By our id, the first one first: what follows up a closed ticket has the same one."""
        answer = await self._http.get("/api/v2/tickets.json", {"external_id": external_id})
        found = [_ticket(one) for one in _list(answer.data, "tickets")]
        ours = [ticket for ticket in found if ticket.external_id == external_id]
        return sorted(ours, key=lambda ticket: ticket.id)

    async def create(self, fields: Mapping[str, Any], mark: str, key: str) -> ZendeskTicket:
        """`key`: the same request with the same one is done once, for two hours."""
        answer = await self._http.send_json(
            "POST",
            "/api/v2/tickets.json",
            {"ticket": {**fields, "metadata": {MARK: mark}}},
            headers={"Idempotency-Key": key},
        )
        return _ticket(_part(answer.data, "ticket"))

    async def update(self, ticket: ZendeskTicket, fields: Mapping[str, Any], mark: str) -> None:
        """Unless it has changed since it was read: then it is unavailable for the moment."""
        change = {
            **fields,
            "metadata": {MARK: mark},
            "safe_update": True,
            "updated_stamp": ticket.updated_at,
        }
        path = f"/api/v2/tickets/{ticket.id}.json"
        answer = await self._http.send_json("PUT", path, {"ticket": change})
        _part(answer.data, "ticket")

    async def audits(self, ticket: ZendeskTicket) -> AsyncIterator[Audit]:
        """The oldest first."""
        params = {"page[size]": str(PAGE)}
        for _ in range(MOST_PAGES):
            answer = await self._http.get(f"/api/v2/tickets/{ticket.id}/audits.json", params)
            for one in _list(answer.data, "audits"):
                yield _audit(one)
            meta = answer.data.get("meta") or {}
            if not meta.get("has_more"):
                return
            params = {**params, "page[after]": str(meta.get("after_cursor"))}
        raise DeskRefused(f"the ticket has more than {PAGE * MOST_PAGES} audits")

    async def changed(self, place: str | None, at: datetime) -> DeskPage:
        """Those that changed since that place, or within LOOK_BACK; needs an admin's token."""
        begin = at - LOOK_BACK
        params = {"cursor": place} if place else {"start_time": str(int(begin.timestamp()))}
        params["per_page"] = str(CHANGED_PAGE)
        answer = await self._http.get("/api/v2/incremental/tickets/cursor.json", params)
        found = [_ticket(one) for one in _list(answer.data, "tickets")]
        cursor = answer.data.get("after_cursor")
        return DeskPage(
            tuple((one.external_id, str(one.id)) for one in found if one.external_id),
            cursor if isinstance(cursor, str) else place,
            is_last=answer.data.get("end_of_stream") is not False or cursor is None,
        )

    async def person(self, number: int) -> Person:
        answer = await self._http.get(f"/api/v2/users/{number}.json", expected={404})
        return NOBODY if answer.status == 404 else _person(answer.data)

    async def me(self) -> Person:
        """Whose token it is; NOBODY for one that Zendesk does not know."""
        return _person((await self._http.get("/api/v2/users/me.json")).data)

    async def organisation(self, name: str) -> int | None:
        answer = await self._http.get("/api/v2/organizations/search.json", {"name": name})
        found = [one for one in _list(answer.data, "organizations") if one.get("name") == name]
        return int(found[0]["id"]) if found else None

    async def has_field(self, number: str) -> bool:
        path = f"/api/v2/ticket_fields/{number}.json"
        return (await self._http.get(path, expected={400, 404})).status == 200


def current(tickets: Sequence[ZendeskTicket]) -> ZendeskTicket | None:
    """Of those with one id of ours, the one that is worked on; None of none."""
    going_on = [ticket for ticket in tickets if not ticket.is_closed]
    return next(iter(going_on or reversed(tickets)), None)


NOBODY = Person(None, "", "")


def _ticket(data: Any) -> ZendeskTicket:
    try:
        return ZendeskTicket(
            id=int(data["id"]),
            external_id=data.get("external_id"),
            requester=data.get("requester_id"),
            status=str(data.get("status", "")),
            updated_at=str(data.get("updated_at", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DeskUnavailable("the answer is no ticket") from error


def _audit(data: Any) -> Audit:
    try:
        mark = ((data.get("metadata") or {}).get("custom") or {}).get(MARK)
        remarks = tuple(
            _remark(event)
            for event in data.get("events") or ()
            if event.get("type") == "Comment" and event.get("public") is True
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DeskUnavailable("the answer is no audit") from error
    return Audit(mark if isinstance(mark, str) else None, remarks)


def _remark(event: Mapping[str, Any]) -> Remark:
    files = (str(one.get("file_name") or "?") for one in event.get("attachments") or ())
    return Remark(
        int(event["id"]), int(event["author_id"]), str(event.get("body") or ""), tuple(files)
    )


def _person(data: Any) -> Person:
    found = _part(data, "user")
    number = found.get("id")
    name, role = found.get("name"), found.get("role")
    return Person(number if isinstance(number, int) else None, str(name or ""), str(role or ""))


def _part(data: Any, name: str) -> Any:
    part = data.get(name) if isinstance(data, dict) else None
    if not isinstance(part, dict):
        raise DeskUnavailable(f"the answer holds no {name}")
    return part


def _list(data: Any, name: str) -> Sequence[Any]:
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise DeskUnavailable(f"the answer holds no {name}")
    return found
