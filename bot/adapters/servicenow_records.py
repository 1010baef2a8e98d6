"""Records of ServiceNow, by the Table API: those calls that a desk needs."""

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.adapters.desk_http import Answer, DeskHttp, RequestRefused
from bot.domain.outbox import DeskUnavailable

log = logging.getLogger(__name__)

TABLES = "/api/now/table"
COLUMNS = "sys_id,number,state,correlation_id,correlation_display"
WRITABLE = frozenset({"work_notes", "comments", "correlation_display"})  # what is never left out
NEEDED = WRITABLE | {"correlation_id", "short_description", "description"}
RESOLVED, IN_PROGRESS, CLOSED = "6", "2", ("7", "8")
PAGE = 200
MOST_PAGES = 50

Record = Mapping[str, Any]

_SYS_ID = re.compile("[0-9a-f]{32}")


class ServiceNowRecords:
    """Raises DeskUnavailable and RequestRefused."""

    def __init__(self, http: DeskHttp, table: str) -> None:
        self._http = http
        self._table = table

    async def known_as(self, external_id: str) -> Sequence[Record]:
        """Those of our id, and those that follow them up, the first one first."""
        query = f"correlation_idSTARTSWITH{external_id}^ORDERBYsys_created_on"
        return await self.rows(self._table, query, COLUMNS, most=PAGE)

    async def changed(self, minutes: int) -> Sequence[Record]:
        """Those of ours that changed within so many minutes, by ServiceNow's own clock."""
        wanted = (
            "correlation_idISNOTEMPTY^correlation_displayISNOTEMPTY"
            f"^sys_updated_onRELATIVEGT@minute@ago@{minutes}"
        )
        found: list[Record] = []
        for _ in range(MOST_PAGES):
            # By what never changes, so that none is passed over that moves meanwhile.
            behind = f"^sys_id>{sys_id(found[-1])}" if found else ""
            query = f"{wanted}{behind}^ORDERBYsys_id"
            page = await self.rows(self._table, query, COLUMNS, most=PAGE)
            found += page
            if len(page) < PAGE:
                return found
        raise DeskUnavailable(f"more than {PAGE * MOST_PAGES} records changed")

    async def find(self, number: str) -> Record | None:
        """By its `sys_id`."""
        if not _SYS_ID.fullmatch(number):
            return None
        found = await self.rows(self._table, f"sys_id={number}", COLUMNS)
        return found[0] if found else None

    async def comments(self, record: Record) -> Sequence[Record]:
        """The latest, in the order they were written."""
        query = f"element_id={sys_id(record)}^element=comments^ORDERBYDESCsys_created_on"
        columns = "sys_id,value,sys_created_by"
        found = await self.rows("sys_journal_field", query, columns, most=PAGE)
        return list(reversed(found))

    async def create(self, data: Mapping[str, Any]) -> Record:
        return record_of((await self._write("POST", self._table, data, NEEDED)).data)

    async def update(self, record: Record, data: Mapping[str, Any]) -> None:
        await self._write("PATCH", f"{self._table}/{sys_id(record)}", data, WRITABLE)

    async def _write(
        self, method: str, path: str, data: Mapping[str, Any], needed: Collection[str]
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
            record_of(answer.data)
        return answer

    async def rows(
        self, table: str, query: str, columns: str, *, optional: bool = False, most: int = 2
    ) -> Sequence[Mapping[str, Any]]:
        """None of a table that is `optional` and may not be read."""
        params = {"sysparm_query": query, "sysparm_fields": columns, "sysparm_limit": str(most)}
        expected = {403, 404} if optional else ()
        answer = await self._http.get(f"{TABLES}/{table}", params, expected)
        if answer.status >= 300:
            return ()
        found = answer.data.get("result") if isinstance(answer.data, dict) else None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise DeskUnavailable("the answer holds no records")
        return found


def current(records: Sequence[Record]) -> Record | None:
    """Of those with one id of ours, the one that is worked on; None of none."""
    going_on = [record for record in records if record.get("state") not in CLOSED]
    return next(iter(going_on or reversed(records)), None)


def record_of(data: Any) -> Mapping[str, Any]:
    found = data.get("result") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        raise DeskUnavailable("the answer is no record")
    sys_id(found)
    return found


def sys_id(record: Mapping[str, Any]) -> str:
    """Checked, as it becomes a part of addresses."""
    found = record.get("sys_id")
    if not isinstance(found, str) or not _SYS_ID.fullmatch(found):
        raise DeskUnavailable("the answer is no record")
    return found
