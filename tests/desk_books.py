"""What the desks elsewhere keep, as far as an adapter asks, in their own shapes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from standardwebhooks import Webhook, WebhookVerificationError

from bot.domain.conversation import now
from tests.desk_server import Request, Response

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTAx"


@dataclass
class WebhookBook:
    """A receiver as the specification wants it: it believes signatures and knows what it took."""

    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: int = 0

    def answer(self, request: Request) -> Response:
        webhook = Webhook(SECRET)
        try:
            event = webhook.verify(request.body, dict(request.headers))
        except WebhookVerificationError:
            self.refused += 1
            return Response(401)
        if event["type"] == "firstline.check":
            return Response(204)
        self.events.setdefault(request.headers["webhook-id"], event)
        return Response(200, {"reference": f"W-{event['data']['number']}"})

    @property
    def tickets(self) -> list[str]:
        found = [event["data"] for event in self.events.values()]
        return [one["ticket"] for one in found if "packet" in one]

    @property
    def seen(self) -> list[tuple[str, str]]:
        found = [event["data"] for event in self.events.values()]
        return [(one["ticket"], one["key"]) for one in found]


@dataclass
class ZendeskBook:
    """Tickets with audits; keeps idempotency keys as Zendesk does."""

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    audits: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    keys: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    users: dict[int, dict[str, Any]] = field(
        default_factory=lambda: {
            1: {"id": 1, "name": "Firstline", "role": "admin"},
            2: {"id": 2, "name": "Jun", "role": "agent"},
            3: {"id": 3, "name": "Mei", "role": "end-user"},
        }
    )
    fields: set[str] = field(default_factory=lambda: {"360001"})
    page: int = 2  # small, so that there are several
    moment: int = 0
    is_admin: bool = True

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix("/api/v2/").removesuffix(".json").split("/")
        match request.method, path:
            case "GET", ["tickets"]:
                wanted = request.query["external_id"]
                found = [row for row in self.rows.values() if row["external_id"] == wanted]
                return Response(200, {"tickets": found})
            case "POST", ["tickets"]:
                return self._create(request)
            case "GET", ["incremental", "tickets", "cursor"]:
                return self._changed(request.query)
            case "GET", ["tickets", number] if int(number) in self.rows:
                return Response(200, {"ticket": self.rows[int(number)]})
            case "PUT", ["tickets", number]:
                return self._update(self.rows[int(number)], request.data["ticket"])
            case "GET", ["tickets", number, "audits"]:
                return self._audits(int(number), int(request.query.get("page[after]", "0")))
            case "GET", ["users", "me"]:
                return Response(200, {"user": self.users[1]})
            case "GET", ["users", number]:
                return Response(200, {"user": self.users[int(number)]})
            case "GET", ["organizations", "search"]:
                wanted = unquote(request.query["name"])
                return Response(200, {"organizations": [{"id": 77, "name": wanted}]})
            case "GET", ["ticket_fields", number] if number in self.fields:
                return Response(200, {"ticket_field": {"id": int(number)}})
            case _:
                return Response(404, {"error": "RecordNotFound"})

    def say(
        self,
        number: int,
        author: int,
        text: str | None,
        public: bool = True,
        files: Sequence[str] = (),
    ) -> int:
        """Somebody writes in Zendesk itself."""
        attached = [{"file_name": name} for name in files]
        comment = {"body": text, "public": public, "attachments": attached}
        return self._note(self.rows[number], comment, author, {})

    def close(self, number: int) -> None:
        """As Zendesk does some days after it was solved."""
        self.rows[number]["status"] = "closed"
        self._touch(self.rows[number])

    def _touch(self, row: dict[str, Any]) -> None:
        self.moment += 1
        row["updated_at"] = f"2026-03-01T12:{self.moment // 60:02}:{self.moment % 60:02}Z"

    def _changed(self, query: Mapping[str, str]) -> Response:
        """The cursor is the moment of the last one told."""
        if not self.is_admin:
            return Response(403, {"error": "Forbidden"})
        since = query.get("cursor", "")
        assert since or query["start_time"].isdecimal()
        rows = [row for row in self.rows.values() if row["updated_at"] > since]
        rows.sort(key=lambda row: str(row["updated_at"]))
        told = rows[: self.page]
        data = {
            "tickets": told,
            "after_cursor": told[-1]["updated_at"] if told else since or None,
            "end_of_stream": len(told) == len(rows),
        }
        return Response(200, data)

    def _create(self, request: Request) -> Response:
        key = request.headers["idempotency-key"]
        if key in self.keys:
            body, number = self.keys[key]
            if body != request.body:
                return Response(400, {"error": "IdempotentRequestError"})
            return Response(201, {"ticket": self.rows[number]})
        data = request.data["ticket"]
        source = data.get("via_followup_source_id")
        if source is not None and self.rows[source]["status"] != "closed":
            return Response(422, {"error": "RecordInvalid", "details": {"base": []}})
        number = len(self.rows) + 1
        row = {name: value for name, value in data.items() if name not in ("comment", "metadata")}
        self.rows[number] = row | {"id": number, "status": "new", "requester_id": 3}
        self.audits[number] = []
        author = data["comment"].get("author_id", 1)
        self._note(self.rows[number], data["comment"], author, data["metadata"])
        self.keys[key] = (request.body, number)
        return Response(201, {"ticket": self.rows[number]})

    def _update(self, row: dict[str, Any], data: dict[str, Any]) -> Response:
        if data["safe_update"] and data["updated_stamp"] != row["updated_at"]:
            return Response(409, {"error": "UpdateConflict"})
        if row["status"] == "closed":
            return Response(422, {"error": "RecordInvalid", "details": {"status": []}})
        row |= {name: data[name] for name in ("status", "priority") if name in data}
        author = data["comment"].get("author_id", 1)
        self._note(row, data["comment"], author, data["metadata"])
        return Response(200, {"ticket": row})

    def _note(
        self, row: dict[str, Any], comment: dict[str, Any], author: int, custom: dict[str, Any]
    ) -> int:
        self._touch(row)
        event = {
            "id": 1000 + self.moment,
            "type": "Comment",
            "author_id": author,
            "body": comment["body"],
            "public": comment["public"],
            "attachments": comment.get("attachments", []),
        }
        audit = {"metadata": {"custom": custom, "system": {}}, "events": [event]}
        self.audits[row["id"]].append(audit)
        return 1000 + self.moment

    def _audits(self, number: int, after: int) -> Response:
        found = self.audits[number][after : after + self.page]
        has_more = after + self.page < len(self.audits[number])
        meta = {"has_more": has_more, "after_cursor": str(after + self.page)}
        return Response(200, {"audits": found, "meta": meta})

    @property
    def tickets(self) -> list[str]:
        return [row["external_id"] for row in self.rows.values()]

    @property
    def seen(self) -> list[tuple[str, str]]:
        return [
            (self.rows[number]["external_id"], audit["metadata"]["custom"]["firstline"])
            for number, audits in self.audits.items()
            for audit in audits
            if audit["metadata"]["custom"]
        ]


@dataclass
class ServiceNowBook:
    """Records of one table; knows no idempotency keys, as there are none."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)  # record, mark
    columns: set[str] = field(default_factory=lambda: {"u_tier"})
    forbidden: set[str] = field(default_factory=set)  # columns that a rule refuses
    journal: list[dict[str, str]] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=lambda: {"jun": "Jun"})
    clock: Callable[[], datetime] = now

    def answer(self, request: Request) -> Response:
        path = request.path.removeprefix("/api/now/table/").split("/")
        match request.method, path:
            case "GET", ["incident"]:
                rows = [row for row in self.rows.values() if self._is_wanted(row, request)]
                found = [{**row, "touched": None} for row in rows]
                return Response(200, {"result": found[: int(request.query["sysparm_limit"])]})
            case "GET", ["sys_journal_field"]:
                record = request.query["sysparm_query"].split("^")[0].removeprefix("element_id=")
                said = [one for one in reversed(self.journal) if one["element_id"] == record]
                return Response(200, {"result": said})
            case "GET", ["sys_user"]:
                name = self.users.get(request.query["sysparm_query"].removeprefix("user_name="))
                return Response(200, {"result": [{"name": name}] if name else []})
            case "GET", ["core_company"]:
                return Response(200, {"result": [{"sys_id": "c" * 32}]})
            case "GET", ["sys_dictionary"]:
                wanted = request.query["sysparm_query"].rpartition("=")[2]
                found = [{"element": wanted}] if wanted in self.columns else []
                return Response(200, {"result": found})
            case "POST" | "PATCH", _ if self.forbidden & request.data.keys():
                return Response(403, {"error": {"message": "Data Policy Exception"}})
            case "POST", ["incident"]:
                sys_id = f"{len(self.rows) + 1:032x}"
                number = f"INC{len(self.rows) + 1:07}"
                self.rows[sys_id] = {"sys_id": sys_id, "number": number, "state": "1", "notes": []}
                return self._change(self.rows[sys_id], request.data, 201)
            case "PATCH", ["incident", sys_id] if sys_id in self.rows:
                return self._change(self.rows[sys_id], request.data, 200)
            case _:
                return Response(404, {"error": {"message": "No Record found"}})

    def say(self, number: str, user: str, text: str) -> str:
        """Somebody writes in ServiceNow itself."""
        row = next(row for row in self.rows.values() if row["number"] == number)
        sys_id = f"{len(self.journal) + 1:032x}"
        said = {"sys_id": sys_id, "element_id": row["sys_id"], "sys_created_by": user}
        self.journal.append(said | {"value": text})
        row["touched"] = self.clock()
        return sys_id

    def _is_wanted(self, row: dict[str, Any], request: Request) -> bool:
        for part in request.query.get("sysparm_query", "").split("^"):
            if "STARTSWITH" in part:
                if not row["correlation_id"].startswith(part.partition("STARTSWITH")[2]):
                    return False
            elif part.startswith("sys_id"):
                wanted = re.split("[=>]", part)[1]
                if row["sys_id"] != wanted if "=" in part else row["sys_id"] <= wanted:
                    return False
            elif "@ago@" in part:
                ago = timedelta(minutes=int(part.rpartition("@")[2]))
                if row["touched"] <= self.clock() - ago:
                    return False
        return True

    def _change(self, row: dict[str, Any], data: dict[str, Any], status: int) -> Response:
        for name, value in data.items():
            if name in ("comments", "work_notes"):
                row["notes"].append((name, value))
            else:
                row[name] = value
        row["touched"] = self.clock()
        self.log.append((row["sys_id"], data["correlation_display"].split()[-1]))
        shown = {name: row[name] for name in row if name not in ("notes", "touched")}
        return Response(status, {"result": shown})

    @property
    def tickets(self) -> list[str]:
        return [row["correlation_id"] for row in self.rows.values()]

    @property
    def seen(self) -> list[tuple[str, str]]:
        ids = {sys_id: row["correlation_id"].partition(".")[0] for sys_id, row in self.rows.items()}
        found = [(ids[sys_id], mark) for sys_id, mark in self.log]
        return [(ticket, f"{ticket}.{mark}") for ticket, mark in found]
