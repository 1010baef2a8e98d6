"""What every store of agents promises, asked of each of them; then what only databases can show."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.adapters.memory_agents import MemoryAgents
from bot.adapters.sql_store import SqlStore, upgrade
from bot.adapters.sql_store.database import Database, parse_url
from bot.adapters.sql_store.postgresql import PostgresqlDatabase
from bot.adapters.sql_store.sqlite import SqliteDatabase
from bot.domain.agent import (
    Agent,
    AgentChanged,
    AgentExists,
    AgentSession,
    Confirmation,
    ConfirmationRefused,
    Credentials,
    LastAdmin,
    Role,
)
from bot.domain.attempts import Attempt, Attempts, Pace
from bot.domain.audit import START, AuditEvent, follow
from bot.domain.conversation import Locale
from bot.domain.errors import StoreError
from bot.ports import AgentChange, AgentStore, AuditLog
from bot.services.audit import verify_log
from tests.databases import POSTGRESQL_URL

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Keeping:
    """A store of agents with its audit log."""

    agents: AgentStore
    audit: AuditLog

    async def add(self, email: str, **fields: object) -> Agent:
        agent = replace(Agent(email, "Li", created_at=NOON), **fields)  # type: ignore[arg-type]
        await self.agents.apply(AgentChange(agent, None, happened("agent.added", agent)))
        return agent

    async def actions(self) -> list[str]:
        return [entry.event.action for entry in await self.audit.entries()]


def happened(action: str, agent: Agent | None = None) -> AuditEvent:
    return AuditEvent("operator", action, agent.id if agent else None, {"n": 1}, NOON)


def clock() -> datetime:
    return NOON


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "firstline.db"


@pytest.fixture
async def sqlite_keeping(path: Path) -> AsyncIterator[Keeping]:
    url = f"sqlite:///{path}"
    await upgrade(url)
    store = await SqlStore.open(url, clock)
    yield Keeping(store.agents, store.audit)
    await store.close()


@pytest.fixture
async def postgresql_keeping() -> AsyncIterator[Keeping]:
    if POSTGRESQL_URL is None:
        pytest.skip("FIRSTLINE_TEST_POSTGRESQL names no server")
    await in_database(PostgresqlDatabase(parse_url(POSTGRESQL_URL)), empty)
    await upgrade(POSTGRESQL_URL)
    store = await SqlStore.open(POSTGRESQL_URL, clock)
    yield Keeping(store.agents, store.audit)
    await store.close()


def empty(connection: Connection) -> None:
    """The audit log lets nobody delete its rows, so everything goes."""
    connection.execute(text("DROP SCHEMA public CASCADE"))
    connection.execute(text("CREATE SCHEMA public"))


async def in_database(database: Database, *statements: object) -> None:
    def execute(connection: Connection) -> None:
        for statement in statements:
            if callable(statement):
                statement(connection)
            else:
                connection.execute(text(str(statement)))

    try:
        await database.write(execute)
    finally:
        await database.close()


@pytest.fixture
def memory_keeping() -> Keeping:
    agents = MemoryAgents(clock=clock)
    return Keeping(agents, agents.audit)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def keeping(request: pytest.FixtureRequest) -> Keeping:
    found: Keeping = request.getfixturevalue(f"{request.param}_keeping")
    return found


def session_of(agent: Agent, digest: str = "s1") -> AgentSession:
    return AgentSession(digest, agent, NOON, NOON, NOON + MINUTE * 60)


def confirmation_of(agent: Agent, digest: str = "c1") -> Confirmation:
    return Confirmation(digest, agent.id, "agent.disable", "object")


async def test_agent_comes_back_as_it_was_added(keeping: Keeping) -> None:
    agent = await keeping.add(
        "li@example.com", name="李", role=Role.ADMIN, team="支持", locale=Locale.ZH
    )
    assert await keeping.agents.agent(agent.id) == agent
    assert await keeping.agents.agent_by_email("li@example.com") == agent
    assert await keeping.agents.credentials(agent.id) == Credentials()
    assert await keeping.actions() == ["agent.added"]
    assert await keeping.agents.agent("nobody") is None
    assert await keeping.agents.agent_by_email("nobody@example.com") is None
    assert await keeping.agents.credentials("nobody") is None


async def test_agents_are_listed_by_name(keeping: Keeping) -> None:
    for email, name in (("a@example.com", "Zoe"), ("b@example.com", "Amy")):
        await keeping.add(email, name=name)
    assert [agent.name for agent in await keeping.agents.agents()] == ["Amy", "Zoe"]


async def test_address_belongs_to_one_agent(keeping: Keeping) -> None:
    await keeping.add("li@example.com")
    with pytest.raises(AgentExists):
        await keeping.add("li@example.com")
    assert await keeping.actions() == ["agent.added"]


async def test_change_replaces_the_agent_and_keeps_credentials(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    credentials = Credentials("hash", "secret", "pending", 7, "invitation", NOON)
    change = AgentChange(agent, agent, happened("set"), credentials, Credentials())
    await keeping.agents.apply(change)
    renamed = replace(agent, name="Wang", team="T2")
    await keeping.agents.apply(AgentChange(renamed, agent, happened("renamed")))
    assert await keeping.agents.agent(agent.id) == renamed
    assert await keeping.agents.credentials(agent.id) == credentials
    assert await keeping.agents.invited("invitation") == renamed
    assert await keeping.agents.invited("other") is None


async def test_change_of_what_was_changed_is_refused(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    await keeping.agents.apply(AgentChange(replace(agent, name="B"), agent, happened("one")))
    with pytest.raises(AgentChanged):
        await keeping.agents.apply(AgentChange(replace(agent, name="C"), agent, happened("two")))
    assert await keeping.actions() == ["agent.added", "one"]


@pytest.mark.parametrize("fields", [{"active": False}, {"role": Role.AGENT}])
async def test_last_admin_stays(keeping: Keeping, fields: dict[str, object]) -> None:
    agent = await keeping.add("a@example.com", role=Role.ADMIN)
    await keeping.add("b@example.com", role=Role.ADMIN, active=False)
    await keeping.add("c@example.com")
    changed = replace(agent, **fields)  # type: ignore[arg-type]
    with pytest.raises(LastAdmin):
        await keeping.agents.apply(AgentChange(changed, agent, happened("gone")))
    await keeping.add("d@example.com", role=Role.ADMIN)
    await keeping.agents.apply(AgentChange(changed, agent, happened("gone")))


async def test_admins_who_disable_each_other_leave_one(keeping: Keeping) -> None:
    pair = [await keeping.add(f"{n}@example.com", role=Role.ADMIN) for n in "ab"]
    changes = [AgentChange(replace(a, active=False), a, happened("gone", a)) for a in pair]
    results = await asyncio.gather(
        *(keeping.agents.apply(change) for change in changes), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["LastAdmin", "NoneType"]
    assert sum(agent.is_admin for agent in await keeping.agents.agents()) == 1


async def test_step_of_a_code_is_used_once_and_never_an_earlier_one(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    taken = [await keeping.agents.use_totp_step(agent.id, step) for step in (10, 10, 9, 11)]
    assert taken == [True, False, False, True]
    assert not await keeping.agents.use_totp_step("nobody", 1)


async def test_only_one_of_many_uses_a_step(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    uses = [keeping.agents.use_totp_step(agent.id, 5) for _ in range(8)]
    assert sum(await asyncio.gather(*uses)) == 1


async def test_session_shows_the_agent_as_it_is_now(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    await keeping.agents.start_session(session_of(agent), Credentials(), happened("sign-in"))
    assert await keeping.agents.session("s1") == session_of(agent)
    gone = replace(agent, active=False)
    await keeping.agents.apply(AgentChange(gone, agent, happened("gone")))
    await keeping.agents.touch_session("s1", NOON + MINUTE)
    expected = replace(session_of(gone), seen_at=NOON + MINUTE)
    assert await keeping.agents.session("s1") == expected
    assert await keeping.agents.session("s2") is None


async def test_session_ends_once(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    await keeping.agents.start_session(session_of(agent), Credentials(), happened("sign-in"))
    for _ in range(2):
        await keeping.agents.end_session("s1", happened("sign-out"))
    assert await keeping.agents.session("s1") is None
    assert await keeping.actions() == ["agent.added", "sign-in", "sign-out"]


async def test_change_ends_all_sessions_of_the_agent_and_starts_one(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    other = await keeping.add("wang@example.com")
    for owner, digest in ((agent, "s1"), (agent, "s2"), (other, "s3")):
        await keeping.agents.start_session(
            session_of(owner, digest), Credentials(), happened("sign-in")
        )
    change = AgentChange(
        agent, agent, happened("changed"), ends_sessions=True, session=session_of(agent, "s4")
    )
    await keeping.agents.apply(change)
    known = [await keeping.agents.session(digest) for digest in ("s1", "s2", "s3", "s4")]
    assert known == [None, None, session_of(other, "s3"), session_of(agent, "s4")]


async def test_credentials_that_were_changed_are_not_overwritten(keeping: Keeping) -> None:
    """An admin's reset is not undone by what the agent began before it."""
    agent = await keeping.add("li@example.com")
    reset, late = Credentials(invitation_digest="i"), Credentials("hash", "secret")
    changes = [
        AgentChange(agent, agent, happened("changed"), credentials, Credentials())
        for credentials in (reset, late)
    ]
    await keeping.agents.apply(changes[0])
    with pytest.raises(AgentChanged):
        await keeping.agents.apply(changes[1])
    assert await keeping.agents.credentials(agent.id) == reset


async def test_session_begins_only_with_what_was_proven(keeping: Keeping) -> None:
    """The password is compared before the transaction, and may be another one by then."""
    agent = await keeping.add("li@example.com")
    credentials = Credentials("hash", "secret", totp_step=3)
    change = AgentChange(agent, agent, happened("set"), credentials, Credentials())
    await keeping.agents.apply(change)
    for other in (Credentials(), Credentials("hash"), Credentials("other", "secret")):
        with pytest.raises(AgentChanged):
            await keeping.agents.start_session(session_of(agent), other, happened("sign-in"))
    earlier = replace(credentials, totp_step=2)  # somebody else signs in at the same time
    await keeping.agents.start_session(session_of(agent), earlier, happened("sign-in"))
    gone = replace(agent, active=False)
    await keeping.agents.apply(AgentChange(gone, agent, happened("gone")))
    with pytest.raises(AgentChanged):
        await keeping.agents.start_session(
            session_of(agent, "s2"), credentials, happened("sign-in")
        )
    assert await keeping.actions() == ["agent.added", "set", "sign-in", "gone"]


async def give_codes(keeping: Keeping, agent: Agent, *digests: str) -> None:
    change = AgentChange(agent, agent, happened("codes"), recovery_codes=digests)
    await keeping.agents.apply(change)


async def test_recovery_code_is_used_once(keeping: Keeping) -> None:
    agents = keeping.agents
    li, wang = await keeping.add("li@example.com"), await keeping.add("wang@example.com")
    await give_codes(keeping, li, "d1", "d2")
    await give_codes(keeping, wang, "d3")
    used = [
        await agents.use_recovery_code(agent.id, digest, happened("used"))
        for agent, digest in ((li, "d3"), (li, "d1"), (li, "d1"), (wang, "d2"), (wang, "d3"))
    ]
    assert used == [False, True, False, False, True]
    assert await agents.count_recovery_codes(li.id) == 1
    assert await agents.count_recovery_codes(wang.id) == 0
    assert (await keeping.actions()).count("used") == 2


async def test_only_one_of_many_uses_a_recovery_code(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    await give_codes(keeping, agent, "d1", "d2")
    uses = [keeping.agents.use_recovery_code(agent.id, "d1", happened("used")) for _ in range(8)]
    assert sum(await asyncio.gather(*uses)) == 1
    assert (await keeping.actions()).count("used") == 1


async def test_new_recovery_codes_take_the_place_of_the_former(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    await give_codes(keeping, agent, "d1", "d2")
    await keeping.agents.apply(AgentChange(agent, agent, happened("other")))
    assert await keeping.agents.count_recovery_codes(agent.id) == 2
    await give_codes(keeping, agent, "d3")
    assert not await keeping.agents.use_recovery_code(agent.id, "d1", happened("used"))
    await give_codes(keeping, agent)
    assert await keeping.agents.count_recovery_codes(agent.id) == 0


async def test_devices_are_known_until_they_are_old_or_forgotten(keeping: Keeping) -> None:
    agents = keeping.agents
    li, wang = await keeping.add("li@example.com"), await keeping.add("wang@example.com")
    long_ago = NOON - MINUTE * 9
    for agent, digest, at in ((li, "d1", NOON - MINUTE * 5), (li, "d1", NOON), (wang, "d1", NOON)):
        await agents.remember_device(digest, agent.id, at, long_ago)
    assert set(await agents.device_owners("d1", NOON)) == {li.id, wang.id}
    assert list(await agents.device_owners("d1", NOON + MINUTE)) == []
    assert list(await agents.device_owners("d2", NOON)) == []
    await agents.apply(AgentChange(wang, wang, happened("reset"), forgets_devices=True))
    assert list(await agents.device_owners("d1", NOON)) == [li.id]
    await agents.remember_device("d2", wang.id, NOON + MINUTE, NOON + MINUTE)
    assert list(await agents.device_owners("d1", NOON)) == []  # nobody used it since


PACE = Pace(2, MINUTE, MINUTE * 3, MINUTE * 10)


async def test_attempts_wait_for_each_other_and_are_forgotten(keeping: Keeping) -> None:
    async def count(at: datetime, key: str = "k") -> Attempt:
        return await keeping.agents.count_attempt(key, PACE, at)

    assert [(await count(NOON)).is_counted for _ in range(2)] == [True, True]
    assert (await count(NOON)).wait == MINUTE
    assert (await count(NOON + MINUTE / 2)).wait == MINUTE / 2  # what was too early changes nothing
    assert (await count(NOON + MINUTE)).is_counted
    assert (await count(NOON + MINUTE)).wait == MINUTE * 2
    assert (await count(NOON, "other")).is_counted
    later = NOON + MINUTE * 40
    assert (await count(later)).attempts == Attempts(1, later)


async def test_attempts_at_the_same_time_are_all_counted(keeping: Keeping) -> None:
    attempts = [keeping.agents.count_attempt("k", PACE, NOON) for _ in range(8)]
    assert sum(made.is_counted for made in await asyncio.gather(*attempts)) == PACE.free


async def test_attempts_are_forgiven(keeping: Keeping) -> None:
    agents = keeping.agents
    for most, free_again in ((1, 1), (100, 2), (None, 2)):
        while (await agents.count_attempt("k", PACE, NOON)).is_counted:
            pass
        await agents.forgive_attempts("k", most)
        found = [await agents.count_attempt("k", PACE, NOON) for _ in range(3)]
        assert sum(made.is_counted for made in found) == free_again
    await agents.forgive_attempts("unknown", 1)


async def test_confirmation_is_used_once_and_only_for_what_it_is(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    right = confirmation_of(agent)
    await keeping.agents.add_confirmation(right, NOON + MINUTE)
    for wrong in (
        replace(right, digest="c2"),
        replace(right, agent="somebody"),
        replace(right, action="other"),
        replace(right, object_digest="other"),
    ):
        with pytest.raises(ConfirmationRefused):
            await keeping.agents.use_confirmation(wrong, happened("done"))
    uses = [keeping.agents.use_confirmation(right, happened("done")) for _ in range(5)]
    results = await asyncio.gather(*uses, return_exceptions=True)
    assert [result is None for result in results].count(True) == 1
    assert await keeping.actions() == ["agent.added", "done"]


async def test_confirmation_is_over_when_its_time_is(keeping: Keeping) -> None:
    agent = await keeping.add("li@example.com")
    await keeping.agents.add_confirmation(confirmation_of(agent), NOON)
    with pytest.raises(ConfirmationRefused):
        await keeping.agents.use_confirmation(confirmation_of(agent), happened("done"))


async def test_change_and_its_confirmation_happen_together_or_not(keeping: Keeping) -> None:
    admin = await keeping.add("a@example.com", role=Role.ADMIN)
    agent = await keeping.add("b@example.com")
    confirmation = confirmation_of(admin)
    gone = replace(agent, active=False)
    change = AgentChange(gone, agent, happened("gone"), confirmation=confirmation)
    with pytest.raises(ConfirmationRefused):
        await keeping.agents.apply(change)
    assert await keeping.agents.agent(agent.id) == agent
    await keeping.agents.add_confirmation(confirmation, NOON + MINUTE)
    with pytest.raises(AgentChanged):
        await keeping.agents.apply(replace(change, expected=replace(agent, name="seen")))
    await keeping.agents.apply(change)  # what failed did not use it up
    assert await keeping.agents.agent(agent.id) == gone
    with pytest.raises(ConfirmationRefused):
        await keeping.agents.apply(replace(change, agent=agent, expected=gone))
    assert (await keeping.actions())[2:] == ["gone"]


async def test_entries_form_a_chain(keeping: Keeping) -> None:
    assert await keeping.audit.head() == START
    events = [
        AuditEvent("operator", "one", details={"名": "值", "n": 3, "ok": True, "none": None}),
        AuditEvent("a1", "two", "o1"),
        AuditEvent("a1", "three", at=NOON + timedelta(microseconds=5)),
    ]
    added = [await keeping.audit.append(event) for event in events]
    assert list(await keeping.audit.entries()) == added
    assert list(await keeping.audit.entries(after=1, limit=1)) == added[1:2]
    assert [entry.event for entry in added] == events
    assert follow(START, added) == (await keeping.audit.head(), None)


async def test_entries_written_at_the_same_time_form_one_chain(keeping: Keeping) -> None:
    await asyncio.gather(*(keeping.audit.append(happened(str(n))) for n in range(20)))
    assert await verify_log(keeping.audit) is None
    assert (await keeping.audit.head()).seq == 20


async def test_what_cannot_be_stored_everywhere_is_refused(keeping: Keeping) -> None:
    with pytest.raises(StoreError):
        await keeping.add("li@example.com", name="a\x00b")
    with pytest.raises(StoreError):
        await keeping.audit.append(AuditEvent("operator", "one", details={"x": "\ud800"}))


# The triggers and what is left without them.

STATEMENTS = [
    "UPDATE audit_log SET actor = 'x' WHERE seq = 2",
    "DELETE FROM audit_log WHERE seq = 3",
    "UPDATE audit_head SET seq = 2",
    "UPDATE audit_head SET hash = 'x'",
    "DELETE FROM audit_head",
]


async def fill(keeping: Keeping) -> None:
    for n in range(3):
        await keeping.audit.append(happened(str(n)))


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_sqlite_refuses_to_change_the_log(
    sqlite_keeping: Keeping, path: Path, statement: str
) -> None:
    await fill(sqlite_keeping)
    with pytest.raises(StoreError, match="only added to"):
        await in_database(SqliteDatabase(parse_url(f"sqlite:///{path}")), statement)
    assert await verify_log(sqlite_keeping.audit) is None


@pytest.mark.parametrize("statement", [*STATEMENTS, "TRUNCATE audit_log", "TRUNCATE audit_head"])
async def test_postgresql_refuses_to_change_the_log(
    postgresql_keeping: Keeping, statement: str
) -> None:
    await fill(postgresql_keeping)
    with pytest.raises(StoreError, match="only added to"):
        await in_database(PostgresqlDatabase(parse_url(POSTGRESQL_URL or "")), statement)
    assert await verify_log(postgresql_keeping.audit) is None


TAMPERINGS = {
    "changed actor": "UPDATE audit_log SET actor = 'x' WHERE seq = 2",
    "changed time": "UPDATE audit_log SET at = '2020-01-01 00:00:00.000000' WHERE seq = 2",
    "changed details": "UPDATE audit_log SET details = '{}' WHERE seq = 2",
    "changed last": "UPDATE audit_log SET object = 'x' WHERE seq = 3",
    "changed hash": "UPDATE audit_log SET hash = 'x' WHERE seq = 1",
    "deleted first": "DELETE FROM audit_log WHERE seq = 1",
    "deleted middle": "DELETE FROM audit_log WHERE seq = 2",
    "cut off": "DELETE FROM audit_log WHERE seq = 3",
    "emptied": "DELETE FROM audit_log",
    "reordered": "UPDATE audit_log SET seq = CASE seq WHEN 2 THEN 30 ELSE 2 END WHERE seq > 1;"
    "UPDATE audit_log SET seq = 3 WHERE seq = 30",
    "renumbered": "DELETE FROM audit_log WHERE seq = 2;"
    "UPDATE audit_log SET seq = 2 WHERE seq = 3;UPDATE audit_head SET seq = 2",
    "head set back": "UPDATE audit_head SET seq = 2",
    "forged entry": "INSERT INTO audit_log SELECT 4, at, actor, action, object, details, hash, hash"
    " FROM audit_log WHERE seq = 3",
}


@pytest.mark.parametrize("statements", TAMPERINGS.values(), ids=TAMPERINGS)
async def test_tampering_without_the_triggers_is_seen(
    sqlite_keeping: Keeping, path: Path, statements: str
) -> None:
    await fill(sqlite_keeping)
    assert await verify_log(sqlite_keeping.audit) is None
    tamper(path, statements)
    assert await verify_log(sqlite_keeping.audit) is not None


async def test_log_cut_off_and_closed_again_does_not_reach_a_head_kept_elsewhere(
    sqlite_keeping: Keeping, path: Path
) -> None:
    await fill(sqlite_keeping)
    kept = await sqlite_keeping.audit.head()
    tamper(
        path,
        "DELETE FROM audit_log WHERE seq = 3;"
        "UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_log WHERE seq = 2)",
    )
    assert await verify_log(sqlite_keeping.audit) is None
    assert await verify_log(sqlite_keeping.audit, kept) == "entry 3 is missing"
    await sqlite_keeping.audit.append(happened("another"))
    assert await verify_log(sqlite_keeping.audit, kept) == "entry 3 is not the one of before"


def tamper(path: Path, statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.executescript(statements)
