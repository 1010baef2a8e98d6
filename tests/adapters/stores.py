"""Every store under one clock; a suite asks each of them through the fixture `store`."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete

from bot.adapters.memory_store import MemoryStore
from bot.adapters.sql_store import SqlStore, upgrade
from bot.adapters.sql_store.database import parse_url
from bot.adapters.sql_store.desk_places import desk_places
from bot.adapters.sql_store.desk_receipts import desk_receipts
from bot.adapters.sql_store.inbound_tables import (
    inbound_events,
    inbound_marks,
    installations,
    posts,
    threads,
)
from bot.adapters.sql_store.mail_store import mailboxes, mails, sent_mails
from bot.adapters.sql_store.postgresql import PostgresqlDatabase
from bot.adapters.sql_store.tables import conversations, customer_labels, feedback, messages, turns
from bot.adapters.sql_store.ticket_tables import (
    inbox_notices,
    outbox,
    surveys,
    ticket_events,
    ticket_notes,
    tickets,
)
from bot.adapters.sql_store.wrong_answers import wrong_answers
from bot.ports import Storage
from tests.databases import POSTGRESQL_URL

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def advance(self, step: timedelta) -> None:
        self.time += step


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'firstline.db'}"


@pytest.fixture
async def sqlite_store(url: str, clock: Clock) -> AsyncIterator[SqlStore]:
    await upgrade(url)
    store = await SqlStore.open(url, clock)
    yield store
    await store.close()


@pytest.fixture
async def postgresql_store(clock: Clock) -> AsyncIterator[SqlStore]:
    if POSTGRESQL_URL is None:
        pytest.skip("FIRSTLINE_TEST_POSTGRESQL names no server")
    await upgrade(POSTGRESQL_URL)
    database = PostgresqlDatabase(parse_url(POSTGRESQL_URL))
    await database.write(delete_conversations)
    await database.close()
    store = await SqlStore.open(POSTGRESQL_URL, clock)
    yield store
    await store.close()


def delete_conversations(connection: Connection) -> None:
    hand_overs = (
        inbound_events,
        inbound_marks,
        installations,
        posts,
        threads,
        mails,
        sent_mails,
        mailboxes,
        wrong_answers,
        surveys,
        inbox_notices,
        outbox,
        ticket_notes,
        ticket_events,
        tickets,
    )
    for table in (
        *hand_overs,
        desk_receipts,
        desk_places,
        customer_labels,
        feedback,
        turns,
        messages,
        conversations,
    ):
        connection.execute(delete(table))


@pytest.fixture
def memory_store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Storage:
    found: Storage = request.getfixturevalue(f"{request.param}_store")
    return found
