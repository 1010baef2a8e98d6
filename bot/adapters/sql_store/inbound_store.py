"""The part of the store that keeps what came in from channels elsewhere until it was handled."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.adapters.sql_store.database import Database
from bot.adapters.sql_store.inbound_tables import inbound_events, inbound_marks
from bot.adapters.sql_store.statements import adding
from bot.adapters.storable_text import check_storable
from bot.domain.inbound import InboundEvent, InboundState, Mark

_events = inbound_events.c
_earlier = inbound_events.alias("earlier")
_IS_BEHIND = (
    select(_earlier.c.sequence)
    .where(
        _earlier.c.channel == _events.channel,
        _earlier.c.lane == _events.lane,
        _earlier.c.sequence < _events.sequence,
        _earlier.c.state == InboundState.PENDING,
    )
    .exists()
)
ADD_EVENT = adding(inbound_events)
LIST_DUE = (
    select(inbound_events)
    .where(
        _events.channel == bindparam("of"),
        _events.state == InboundState.PENDING,
        _events.due_at <= bindparam("now"),
        or_(_events.lease_until.is_(None), _events.lease_until <= bindparam("now")),
        ~_IS_BEHIND,
    )
    .order_by(_events.sequence)
    .limit(bindparam("most"))
)
LOCK_DUE = LIST_DUE.with_for_update(skip_locked=True, of=inbound_events)
LEASE = (
    update(inbound_events)
    .where(_events.sequence.in_(bindparam("sequences", expanding=True)))
    .values(worker=bindparam("leaser"), lease_until=bindparam("until"))
)
END_ATTEMPT = update(inbound_events).where(
    _events.channel == bindparam("of"),
    _events.key == bindparam("event"),
    _events.worker == bindparam("leaser"),
    _events.state == InboundState.PENDING,
)
LIST_DEAD = (
    select(inbound_events)
    .where(_events.state == InboundState.DEAD)
    .order_by(_events.sequence.desc())
    .limit(bindparam("most"))
)
REPLAY = (
    update(inbound_events)
    .where(
        _events.channel == bindparam("of"),
        _events.key == bindparam("event"),
        _events.state == InboundState.DEAD,
    )
    .values(state=InboundState.PENDING, attempts=0, error=None, due_at=bindparam("at"))
)
FORGET = delete(inbound_events).where(
    _events.state != InboundState.PENDING, _events.received_at < bindparam("before")
)
LIST_MARKS = select(inbound_marks).where(
    inbound_marks.c.channel == bindparam("of"), inbound_marks.c.at >= bindparam("since")
)


def _read_further(insertion: sqlite.Insert | postgresql.Insert) -> Any:
    latest = insertion.excluded
    return insertion.on_conflict_do_update(
        index_elements=list(inbound_marks.primary_key),
        set_={"seen": latest.seen, "at": latest["at"]},
        where=inbound_marks.c.seen < latest.seen,
    )


MARK = {
    "sqlite": _read_further(sqlite.insert(inbound_marks)),
    "postgresql": _read_further(postgresql.insert(inbound_marks)),
}


class SqlInbound:
    _database: Database
    _clock: Callable[[], datetime]

    async def take_event(self, event: InboundEvent) -> bool:
        check_storable(event.key, event.twin, event.group, event.kind)
        return await self._database.write(_take, event)

    async def lease_events(
        self, channel: str, worker: str, until: datetime, limit: int
    ) -> Sequence[InboundEvent]:
        at = self._clock()
        # Asked again and again: only where there is something is it worth a writer's place.
        if not await self._database.read(_has_due, channel, at):
            return ()
        return await self._database.write(_lease, channel, worker, until, limit, at)

    async def settle_event(self, channel: str, key: str, worker: str) -> bool:
        over: dict[str, Any] = {"state": InboundState.HANDLED, "body": {}, "error": None}
        return await self._end(channel, key, worker, {**over, "attempts": _events.attempts + 1})

    async def retry_event(
        self, channel: str, key: str, worker: str, due_at: datetime, error: str
    ) -> bool:
        later = {"due_at": due_at, "attempts": _events.attempts + (1 if error else 0)}
        return await self._end(channel, key, worker, {**later, "error": error or None})

    async def bury_event(self, channel: str, key: str, worker: str, error: str) -> bool:
        dead = {"state": InboundState.DEAD, "error": error, "attempts": _events.attempts + 1}
        return await self._end(channel, key, worker, dead)

    async def dead_events(self, limit: int = 200) -> Sequence[InboundEvent]:
        return await self._database.read(_list_dead, limit)

    async def replay_event(self, channel: str, key: str) -> bool:
        return await self._database.write(_replay, channel, key, self._clock())

    async def forget_events(self, before: datetime) -> None:
        await self._database.write(_forget, before)

    async def mark_read(self, channel: str, mark: Mark) -> None:
        await self._database.write(_mark, channel, mark)

    async def marks(self, channel: str, since: datetime) -> Sequence[Mark]:
        return await self._database.read(_list_marks, channel, since)

    async def _end(self, channel: str, key: str, worker: str, values: dict[str, Any]) -> bool:
        return await self._database.write(_end_attempt, channel, key, worker, values)


def _take(connection: Connection, event: InboundEvent) -> bool:
    values = {
        "channel": event.channel,
        "key": event.key,
        "twin": event.twin,
        "kind": event.kind,
        "lane": event.group,
        "body": dict(event.body),
        "received_at": event.received_at,
        "state": event.state,
        "attempts": event.attempts,
        "due_at": event.received_at,
    }
    if connection.execute(ADD_EVENT[connection.dialect.name], values).rowcount != 1:
        return False
    if event.mark is not None:
        _mark(connection, event.channel, event.mark)
    return True


def _has_due(connection: Connection, channel: str, at: datetime) -> bool:
    return connection.execute(LIST_DUE, {"of": channel, "now": at, "most": 1}).first() is not None


def _lease(
    connection: Connection, channel: str, worker: str, until: datetime, limit: int, at: datetime
) -> Sequence[InboundEvent]:
    found = connection.execute(LOCK_DUE, {"of": channel, "now": at, "most": limit}).all()
    if found:
        values = {"sequences": [row.sequence for row in found], "leaser": worker, "until": until}
        connection.execute(LEASE, values)
    return [_to_event(row) for row in found]


def _end_attempt(
    connection: Connection, channel: str, key: str, worker: str, values: dict[str, Any]
) -> bool:
    named = {"of": channel, "event": key, "leaser": worker}
    statement = END_ATTEMPT.values(lease_until=None, **values)
    return connection.execute(statement, named).rowcount == 1


def _list_dead(connection: Connection, limit: int) -> Sequence[InboundEvent]:
    return [_to_event(row) for row in connection.execute(LIST_DEAD, {"most": limit})]


def _replay(connection: Connection, channel: str, key: str, at: datetime) -> bool:
    named = {"of": channel, "event": key, "at": at}
    return connection.execute(REPLAY, named).rowcount == 1


def _forget(connection: Connection, before: datetime) -> None:
    connection.execute(FORGET, {"before": before})


def _mark(connection: Connection, channel: str, mark: Mark) -> None:
    values = {"channel": channel, "address": mark.address, "seen": mark.seen, "at": mark.at}
    connection.execute(MARK[connection.dialect.name], values)


def _list_marks(connection: Connection, channel: str, since: datetime) -> Sequence[Mark]:
    found = connection.execute(LIST_MARKS, {"of": channel, "since": since})
    return [Mark(row.address, row.seen, row.at) for row in found]


def _to_event(row: Row[Any]) -> InboundEvent:
    return InboundEvent(
        channel=row.channel,
        key=row.key,
        twin=row.twin,
        kind=row.kind,
        group=row.lane,
        body=row.body,
        received_at=row.received_at,
        state=InboundState(row.state),
        attempts=row.attempts,
        error=row.error,
        sequence=row.sequence,
    )
