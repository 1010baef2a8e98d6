"""A mailbox is read on where it was left, whatever the server does and however often we end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.memory_store import MemoryStore
from bot.channels.mail import reading
from bot.channels.mail.imap import (
    MOST_BYTES_AT_ONCE,
    ImapAccount,
    Mailbox,
    MailboxUnavailable,
)
from bot.channels.mail.watch import LEASE_S, MailboxWatch
from bot.domain.conversation import now
from bot.domain.errors import StoreError
from bot.domain.mail import MailFate
from bot.domain.mail_server import MailServer, Security
from bot.ports import MailStore
from tests.adapters.stores import Clock
from tests.channels.mail_office import QUESTION, SUPPORT, asks, mail_office
from tests.mail_server import CLOSE, HOST, ImapBox, certificate, imap_server
from tests.web import until

NAME = "box"


class ListIntake:
    """Writes down what it was given; `failures` come first."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.refused: list[bytes] = []
        self.failures: list[Exception] = []
        self.fate = MailFate.TAKEN

    async def take(self, raw: bytes) -> MailFate:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(raw)
        return self.fate

    async def refuse(self, raw: bytes) -> MailFate:
        self.refused.append(raw)
        return MailFate.UNREADABLE


@pytest.fixture
async def box() -> AsyncIterator[ImapBox]:
    async with imap_server(ImapBox()) as server:
        yield server


@pytest.fixture
def intake() -> ListIntake:
    return ListIntake()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def account_of(box: ImapBox, security: Security = Security.NONE) -> ImapAccount:
    return ImapAccount(MailServer(HOST, box.port, security), SUPPORT, "secret", timeout_s=5.0)


def watch_of(
    box: ImapBox, store: MailStore, intake: ListIntake, account: ImapAccount | None = None
) -> MailboxWatch:
    known = account or account_of(box)
    return MailboxWatch(NAME, lambda: Mailbox(known), store, intake, wait_s=1.0, pause_s=0.01)


@asynccontextmanager
async def running(watch: MailboxWatch) -> AsyncIterator[None]:
    task = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def begun(store: MemoryStore) -> Callable[[], bool]:
    return lambda: NAME in store._places


async def test_what_was_there_before_is_left_to_people(
    box: ImapBox, store: MemoryStore, intake: ListIntake
) -> None:
    box.add(b"old")
    async with running(watch_of(box, store, intake)):
        await until(await begun(store))
        uid = box.add(b"new")
        await until(lambda: box.seen == {uid})
    assert intake.taken == [b"new"]


async def test_large_mails_are_not_held_all_at_once(
    box: ImapBox, store: MemoryStore, intake: ListIntake
) -> None:
    watch, mailbox = watch_of(box, store, intake), Mailbox(account_of(box))
    await asyncio.to_thread(mailbox.open)
    assert await watch.read_on(mailbox) == 0
    for _ in range(3):
        box.add(b"x" * (MOST_BYTES_AT_ONCE // 2))
    assert [await watch.read_on(mailbox) for _ in range(3)] == [2, 1, 0]
    mailbox.close()


@pytest.mark.parametrize("can_idle", [True, False])
async def test_what_comes_is_taken_in_its_order_and_marked(
    box: ImapBox, store: MemoryStore, intake: ListIntake, can_idle: bool
) -> None:
    box.can_idle = can_idle
    async with running(watch_of(box, store, intake)):
        await until(await begun(store))
        for n in range(45):  # more than are fetched at once
            box.add(b"mail %d" % n)
        await until(lambda: len(box.seen) == 45)
    assert intake.taken == [b"mail %d" % n for n in range(45)]
    assert ("IDLE" in box.commands) is can_idle


async def test_the_next_process_reads_on_and_nothing_twice(
    box: ImapBox, store: MemoryStore, intake: ListIntake
) -> None:
    async with running(watch_of(box, store, intake)):
        await until(await begun(store))
        box.add(b"one")
        await until(lambda: len(box.seen) == 1)
    box.add(b"while nobody looked")
    async with running(watch_of(box, store, intake)):
        await until(lambda: len(box.seen) == 2)
    assert intake.taken == [b"one", b"while nobody looked"]


async def test_what_is_left_alone_stays_unseen(
    box: ImapBox, store: MemoryStore, intake: ListIntake
) -> None:
    intake.fate = MailFate.AUTOMATIC
    async with running(watch_of(box, store, intake)):
        await until(await begun(store))
        uid = box.add(b"newsletter")
        await until(lambda: store._places[NAME].uid == uid)
    assert box.seen == set()


async def test_a_mail_that_cannot_be_committed_is_taken_again(
    box: ImapBox, store: MemoryStore, intake: ListIntake
) -> None:
    intake.failures = [StoreError("the database is out of reach")] * 2
    async with running(watch_of(box, store, intake)):
        await until(await begun(store))
        box.add(b"one")
        await until(lambda: len(box.seen) == 1)
    assert intake.taken == [b"one"]
    assert intake.refused == []


async def test_a_mail_that_nothing_can_be_done_with_keeps_nobody_waiting(
    box: ImapBox, store: MemoryStore, intake: ListIntake
) -> None:
    intake.failures = [RuntimeError("surprise")]
    async with running(watch_of(box, store, intake)):
        await until(await begun(store))
        box.add(b"bad")
        good = box.add(b"good")
        await until(lambda: good in box.seen)
    assert (intake.refused, intake.taken) == ([b"bad"], [b"good"])
    assert box.seen == {good}


async def test_a_mail_that_is_too_large_is_left_in_the_mailbox(
    box: ImapBox, store: MemoryStore, intake: ListIntake
) -> None:
    async with running(watch_of(box, store, intake)):
        await until(await begun(store))
        large = box.add(b"x" * (reading.LARGEST_MAIL + 1))
        box.add(b"small")
        await until(lambda: len(box.seen) == 1)
    assert intake.taken == [b"small"]
    assert large not in box.seen
    assert len(intake.refused) == 1


async def test_new_numbers_bring_nothing_twice_and_lose_nothing() -> None:
    async with imap_server(ImapBox()) as box, mail_office() as office:
        account = account_of(box)
        watch = MailboxWatch(NAME, lambda: Mailbox(account), office.store, office.intake)
        mailbox = Mailbox(account)
        await asyncio.to_thread(mailbox.open)
        await watch.read_on(mailbox)
        box.add(asks(QUESTION, 1))
        await watch.read_on(mailbox)
        mailbox.close()
        box.renumber()
        box.add(asks(QUESTION, 2, sender="bob@example.com"))
        mailbox = Mailbox(account)
        await asyncio.to_thread(mailbox.open)
        assert await watch.read_on(mailbox) == 2
        assert await watch.read_on(mailbox) == 0
        mailbox.close()
        await office.work()
        to = sorted(str(one["To"]) for one in office.sent)
        assert to == ["ann@example.com", "bob@example.com"]
        place = await office.store.mailbox_place(NAME)
        assert place is not None
        assert (place.validity, place.uid) == (2, 101)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("LOGIN", "NO [UNAVAILABLE] later"),
        ("LOGIN", CLOSE),
        ("SELECT", "NO no such folder"),
        ("SELECT", CLOSE),
        ("UID SEARCH", "BAD what"),
        ("UID SEARCH", CLOSE),
        ("UID FETCH 1 (RFC822.SIZE)", CLOSE),
        ("UID FETCH 1 (BODY", CLOSE),
        ("UID FETCH 1 (BODY", "NO gone"),
        ("UID STORE", CLOSE),
        ("UID STORE", "NO read only"),
        ("IDLE", "BAD not now"),
        ("IDLE", CLOSE),
    ],
)
async def test_whatever_the_server_does_once_the_mail_is_taken_once(
    box: ImapBox, store: MemoryStore, intake: ListIntake, command: str, answer: str
) -> None:
    left = [answer]

    async def behave(given: str) -> str | None:
        return left.pop() if left and given.upper().startswith(command) else None

    async with running(watch_of(box, store, intake)):
        await until(await begun(store))
    uid = box.add(b"one")
    box.behave = behave
    async with running(watch_of(box, store, intake)):
        await until(lambda: not left and store._places[NAME].uid == uid)
        await until(lambda: bool(intake.taken))
    assert intake.taken == [b"one"]


async def test_a_server_that_hangs_is_left_and_tried_again(
    box: ImapBox, store: MemoryStore, intake: ListIntake
) -> None:
    hanging = [True]

    async def behave(command: str) -> str | None:
        if command.startswith("UID FETCH") and hanging:
            hanging.clear()
            await asyncio.sleep(3600)
        return None

    account = replace(account_of(box), timeout_s=0.2)
    async with running(watch_of(box, store, intake, account)):
        await until(await begun(store))
        box.behave = behave
        box.add(b"one")
        await until(lambda: len(box.seen) == 1)
    assert intake.taken == [b"one"]


async def test_a_wrong_password_is_said_and_not_told(box: ImapBox) -> None:
    mailbox = Mailbox(replace(account_of(box), password="wr0ng"))
    with pytest.raises(MailboxUnavailable, match="the user or the password is refused") as refused:
        await asyncio.to_thread(mailbox.open)
    assert "wr0ng" not in str(refused.value)
    mailbox.close()


async def test_a_server_that_is_not_there_is_tried_again(
    store: MemoryStore, intake: ListIntake
) -> None:
    async with imap_server(ImapBox()) as box:
        watch = watch_of(box, store, intake)
    async with running(watch):
        await asyncio.sleep(0.05)
        async with imap_server(box):
            await until(await begun(store))
            box.add(b"one")
            await until(lambda: len(box.seen) == 1)
    assert intake.taken == [b"one"]


async def test_of_two_processes_one_reads(
    box: ImapBox, store: MemoryStore, intake: ListIntake
) -> None:
    other = ListIntake()
    async with running(watch_of(box, store, intake)):
        await until(await begun(store))
        async with running(watch_of(box, store, other)):
            for n in range(5):
                box.add(b"mail %d" % n)
            await until(lambda: len(box.seen) == 5)
    assert (len(intake.taken), other.taken) == (5, [])


async def test_another_process_goes_on_after_the_lease(box: ImapBox, intake: ListIntake) -> None:
    clock = Clock()
    store = MemoryStore(clock)
    until_then = clock() + timedelta(seconds=LEASE_S)
    assert await store.lease_mailbox(NAME, "one that died", until_then)
    async with running(watch_of(box, store, intake)):
        await asyncio.sleep(0.05)
        assert store._places == {}
        clock.advance(timedelta(seconds=LEASE_S + 1))
        await until(await begun(store))


@pytest.mark.parametrize("known", [True, False])
async def test_over_tls_only_a_known_certificate_is_believed(tmp_path: Path, known: bool) -> None:
    server, client = certificate(tmp_path)
    async with imap_server(ImapBox(), server) as box:
        account = replace(account_of(box, Security.TLS), tls=client if known else None)
        mailbox = Mailbox(account)
        if known:
            await asyncio.to_thread(mailbox.open)
            assert (await asyncio.to_thread(mailbox.start, now())).validity == 1
        else:
            with pytest.raises(MailboxUnavailable):
                await asyncio.to_thread(mailbox.open)
        mailbox.close()
