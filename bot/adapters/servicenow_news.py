"""What ServiceNow tells of its records: by events that a rule of its own sends, or when asked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from bot.adapters.desk_news_wire import parse_news, parse_object
from bot.adapters.servicenow_records import CLOSED, RESOLVED, Record, ServiceNowRecords, current
from bot.adapters.servicenow_records import sys_id as sys_id_of
from bot.adapters.standard_webhooks import WebhookSecret
from bot.domain.conversation import now
from bot.domain.desk_news import LOOK_BACK, DeskNews, DeskPage, DeskReply, DeskStatus, Seal
from bot.domain.text import replace_unstorable

NAME = "servicenow"
OVERLAP = timedelta(minutes=1)  # what is being written while it is asked is seen the next time
_USER = re.compile(r"[\w.@+\-]{1,100}")


class ServiceNowNews:
    name = NAME

    def __init__(
        self,
        records: ServiceNowRecords,
        secret: WebhookSecret,
        user: str,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """`secret`: what proves events; without one ServiceNow is asked. `user`: whose comments are
        ours."""
        self._records = records
        self._secret = secret
        self._user = user
        self._clock = clock

    @property
    def tells(self) -> bool:
        return self._secret.is_set

    def verify(self, headers: Mapping[str, str], body: bytes) -> Seal:
        return self._secret.verify(headers, body)

    async def read(self, body: bytes) -> DeskNews | None:
        """What our own user wrote comes from here; it is no news."""
        data = parse_object(body).get("data")
        reply = data.get("reply") if isinstance(data, dict) else None
        if isinstance(reply, dict) and self._user and reply.get("user") == self._user:
            return None
        news = parse_news(body)
        return replace(news, ticket=our_id(news.ticket)) if news is not None else None

    async def changed(self, place: str | None) -> DeskPage:
        """A place is when it was asked; told as minutes ago, it needs no time zone of theirs."""
        at = self._clock()
        since = datetime.fromisoformat(place) if place else at - LOOK_BACK
        minutes = ceil((at - since + OVERLAP) / timedelta(minutes=1)) + 1
        found = await self._records.changed(minutes)
        ids = tuple((our_id(str(one["correlation_id"])), sys_id_of(one)) for one in found)
        return DeskPage(ids, at.isoformat())

    async def news(self, reference: str) -> DeskNews | None:
        record = await self._records.find(reference)
        if record is None or not record.get("correlation_id"):
            return None
        ticket = our_id(str(record["correlation_id"]))
        replies = [
            await self._reply(one)
            for one in await self._records.comments(record)
            if one.get("sys_created_by") != self._user and str(one.get("value") or "").strip()
        ]
        # One that is open there may be so only because it could not be resolved from here.
        status = DeskStatus.DONE if await self._is_over(record, ticket) else None
        return DeskNews(ticket, tuple(replies), status, is_looked_up=True)

    async def _reply(self, comment: Record) -> DeskReply:
        author = await self._name(str(comment.get("sys_created_by") or ""))
        text = replace_unstorable(str(comment["value"]).strip())
        return DeskReply(sys_id_of(comment), replace_unstorable(author), text)

    async def _name(self, user: str) -> str:
        """Empty where it may not be read."""
        if not _USER.fullmatch(user):
            return ""
        found = await self._records.rows("sys_user", f"user_name={user}", "name", optional=True)
        return str(found[0].get("name") or "") if found else ""

    async def _is_over(self, record: Record, ticket: str) -> bool:
        """A closed one says nothing once another record follows it up."""
        if record.get("state") not in CLOSED:
            return record.get("state") == RESOLVED
        latest = current(await self._records.known_as(ticket))
        return latest is None or sys_id_of(latest) == sys_id_of(record)


def our_id(correlation_id: str) -> str:
    """Behind the full stop stands which follow-up of the ticket it is."""
    return correlation_id.partition(".")[0]
